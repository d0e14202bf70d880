//! Type against the readers' majority.

use hilum_cohort::{Characteristic, DEVELOPMENT_FOLDS};
use hilum_domain::NoduleType;
use hilum_nodule::TypeThresholds;

use crate::Case;
use crate::statistics::with_interval;

const NAMES: [&str; 3] = ["ground glass", "part-solid", "solid"];

/// Texture 1 and 2 (non-solid, nearly so) are ground glass, 3 (mixed) part-solid, 4 and 5 (nearly solid, solid)
/// solid: the form names only 1, 3 and 5, so the steps between go to the nearer end.
fn class_of_texture(texture: u8) -> usize {
    match texture {
        1 | 2 => 0,
        3 => 1,
        _ => 2,
    }
}

/// Calcified and fatty nodules are solid by texture.
fn class_of_type(nodule_type: NoduleType) -> usize {
    match nodule_type {
        NoduleType::GroundGlass => 0,
        NoduleType::PartSolid => 1,
        NoduleType::Solid | NoduleType::Calcified | NoduleType::Fat => 2,
    }
}

/// The class that more than half of the readers chose.
fn majority(case: &Case<'_>) -> Option<usize> {
    let mut votes = [0; 3];
    for reading in &case.nodule.readings {
        votes[class_of_texture(reading.of(Characteristic::Texture))] += 1;
    }
    (0..3).find(|&class| 2 * votes[class] > case.nodule.readings.len())
}

/// Agreement of the type, limits chosen without the fold that is judged, beside the shipped limits and the answer
/// "solid" to everything.
pub(crate) fn types(cases: &[Case<'_>]) {
    let judged: Vec<(&Case<'_>, usize)> = cases
        .iter()
        .filter_map(|case| Some((case, majority(case)?)))
        .collect();
    println!(
        "\ntype: {} nodules with a strict majority for one texture, {} without are left out",
        judged.len(),
        cases.len() - judged.len()
    );
    let truth: Vec<usize> = judged.iter().map(|(_, class)| *class).collect();
    let patients: Vec<&str> = judged
        .iter()
        .map(|(case, _)| case.nodule.patient.as_str())
        .collect();
    let by =
        |thresholds: &TypeThresholds, case: &Case<'_>| class_of_type(case.profile.nodule_type(thresholds));

    let mut chosen = Vec::new();
    for fold in DEVELOPMENT_FOLDS {
        let others: Vec<_> = judged
            .iter()
            .copied()
            .filter(|(case, _)| case.nodule.fold != fold)
            .collect();
        let best = best_thresholds(&others);
        println!("  limits without fold {fold}: {}", in_words(&best));
        chosen.push(best);
    }
    let all = best_thresholds(&judged);
    println!("  limits on all folds:      {}", in_words(&all));
    println!(
        "  limits that ship:         {}",
        in_words(&TypeThresholds::default())
    );

    let out_of_fold: Vec<usize> = judged
        .iter()
        .map(|(case, _)| by(&chosen[usize::from(case.nodule.fold)], case))
        .collect();
    report("out of fold", &truth, &out_of_fold, &patients);
    let shipped: Vec<usize> = judged
        .iter()
        .map(|(case, _)| class_of_type(case.measured.nodule_type))
        .collect();
    report(
        "as shipped (limits on all folds, and any component of 5 mm or more is part-solid)",
        &truth,
        &shipped,
        &patients,
    );
    report("always solid", &truth, &vec![2; truth.len()], &patients);
}

/// Calcified by attenuation against the readers' majority for any kind of calcification; limits chosen without the
/// fold that is judged.
pub(crate) fn calcified(cases: &[Case<'_>]) {
    const ABSENT: u8 = 6;
    let judged: Vec<(&Case<'_>, bool)> = cases
        .iter()
        .filter_map(|case| {
            let readings = &case.nodule.readings;
            let some = readings
                .iter()
                .filter(|reading| reading.of(Characteristic::Calcification) != ABSENT)
                .count();
            (2 * some != readings.len()).then_some((case, 2 * some > readings.len()))
        })
        .collect();
    let found = |thresholds: &TypeThresholds, case: &Case<'_>| {
        case.profile.nodule_type(thresholds) == NoduleType::Calcified
    };
    let shares = |picked: &[(&Case<'_>, bool)], limits: &dyn Fn(&Case<'_>) -> TypeThresholds| {
        let (mut right, mut all) = ([0_u32; 2], [0_u32; 2]);
        for (case, read) in picked {
            all[usize::from(*read)] += 1;
            right[usize::from(*read)] += u32::from(found(&limits(case), case) == *read);
        }
        (right, all)
    };
    let best = |picked: &[(&Case<'_>, bool)]| {
        let balanced = |thresholds: &TypeThresholds| {
            let (right, all) = shares(picked, &|_| thresholds.clone());
            (0..2)
                .map(|class| f64::from(right[class]) / f64::from(all[class]))
                .sum::<f64>()
        };
        calcium_candidates()
            .map(|thresholds| (balanced(&thresholds), thresholds))
            .reduce(|best, next| if next.0 > best.0 { next } else { best })
            .map_or_else(TypeThresholds::default, |(_, thresholds)| thresholds)
    };
    let chosen: Vec<TypeThresholds> = DEVELOPMENT_FOLDS
        .map(|fold| {
            let others: Vec<_> = judged
                .iter()
                .copied()
                .filter(|(case, _)| case.nodule.fold != fold)
                .collect();
            best(&others)
        })
        .collect();
    println!("\ncalcified: {} nodules with a strict majority", judged.len());
    let describe = |limits: &TypeThresholds| {
        format!(
            "{:.0} % above {} HU",
            100.0 * limits.calcium_fraction_min,
            limits.calcium_above_hu
        )
    };
    let by_fold: Vec<String> = chosen.iter().map(describe).collect();
    println!(
        "  limits by fold left out: {}; on all folds: {}",
        by_fold.join(", "),
        describe(&best(&judged))
    );
    let of_fold = |case: &Case<'_>| chosen[usize::from(case.nodule.fold)].clone();
    let ways: [(&str, &dyn Fn(&Case<'_>) -> TypeThresholds); 2] = [
        ("out of fold", &of_fold),
        ("shipped limits", &|_| TypeThresholds::default()),
    ];
    for (what, limits) in ways {
        let (right, all) = shares(&judged, limits);
        println!(
            "  {what}: sensitivity {}/{} = {:.3}, specificity {}/{} = {:.3}",
            right[1],
            all[1],
            f64::from(right[1]) / f64::from(all[1]),
            right[0],
            all[0],
            f64::from(right[0]) / f64::from(all[0])
        );
    }
}

fn calcium_candidates() -> impl Iterator<Item = TypeThresholds> {
    let limits = [200.0, 150.0, 250.0, 300.0, 350.0, 400.0, 500.0];
    let shares = [0.1, 0.05, 0.15, 0.2, 0.3, 0.4, 0.5];
    limits.into_iter().flat_map(move |calcium_above_hu| {
        shares
            .into_iter()
            .map(move |calcium_fraction_min| TypeThresholds {
                calcium_above_hu,
                calcium_fraction_min,
                ..TypeThresholds::default()
            })
    })
}

/// The limits with the best balanced accuracy; of equal ones the first, which is the one nearest to the middle of
/// the published ranges. Calcium and fat are not fitted.
fn best_thresholds(cases: &[(&Case<'_>, usize)]) -> TypeThresholds {
    let truth: Vec<usize> = cases.iter().map(|(_, class)| *class).collect();
    let mut best = (f64::NEG_INFINITY, TypeThresholds::default());
    for thresholds in candidates() {
        let said: Vec<usize> = cases
            .iter()
            .map(|(case, _)| class_of_type(case.profile.nodule_type(&thresholds)))
            .collect();
        let all: Vec<usize> = (0..truth.len()).collect();
        let score = merit(&truth, &said, &all);
        if score > best.0 {
            best = (score, thresholds);
        }
    }
    best.1
}

fn candidates() -> impl Iterator<Item = TypeThresholds> {
    let limits = [-300.0, -350.0, -250.0, -400.0, -200.0, -450.0, -500.0];
    let solid = [0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.15, 0.1];
    let ground_glass = [0.05, 0.02, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4];
    limits.into_iter().flat_map(move |solid_above_hu| {
        solid.into_iter().flat_map(move |solid_fraction_solid_min| {
            ground_glass
                .into_iter()
                .filter(move |max| *max < solid_fraction_solid_min)
                .map(move |solid_fraction_ground_glass_max| TypeThresholds {
                    solid_above_hu,
                    solid_fraction_solid_min,
                    solid_fraction_ground_glass_max,
                    ..TypeThresholds::default()
                })
        })
    })
}

fn merit(truth: &[usize], said: &[usize], picked: &[usize]) -> f64 {
    balanced_accuracy(truth, said, picked)
}

fn accuracy(truth: &[usize], said: &[usize], picked: &[usize]) -> f64 {
    let right = picked.iter().filter(|&&at| truth[at] == said[at]).count();
    right as f64 / picked.len() as f64
}

/// Mean over the classes of the share that is called right; NaN when a class is missing.
fn balanced_accuracy(truth: &[usize], said: &[usize], picked: &[usize]) -> f64 {
    let recall = |class: usize| {
        let (mut right, mut all) = (0, 0);
        for &at in picked.iter().filter(|&&at| truth[at] == class) {
            all += 1;
            right += usize::from(said[at] == class);
        }
        f64::from(right as u32) / f64::from(all)
    };
    (0..3).map(recall).sum::<f64>() / 3.0
}

fn report(what: &str, truth: &[usize], said: &[usize], patients: &[&str]) {
    let [right, low, high] = with_interval(patients, |picked| accuracy(truth, said, picked));
    println!("\n  {what}: agreement {right:.3} ({low:.3} to {high:.3})");
    let [right, low, high] = with_interval(patients, |picked| balanced_accuracy(truth, said, picked));
    println!("  balanced accuracy over three classes {right:.3} ({low:.3} to {high:.3})");
    println!(
        "  readers \\ type   {:>12} {:>12} {:>12}",
        NAMES[0], NAMES[1], NAMES[2]
    );
    for (class, name) in NAMES.iter().enumerate() {
        let count = |other: usize| {
            truth
                .iter()
                .zip(said)
                .filter(|&(&truth, &said)| truth == class && said == other)
                .count()
        };
        println!("  {name:<16} {:>12} {:>12} {:>12}", count(0), count(1), count(2));
    }
}

fn in_words(limits: &TypeThresholds) -> String {
    format!(
        "solid above {} HU, ground glass up to {:.2}, solid from {:.2}",
        limits.solid_above_hu, limits.solid_fraction_ground_glass_max, limits.solid_fraction_solid_min
    )
}
