//! One change to a phantom at a time, and the code that it must get.

use hilum_domain::{ReasonCode, Redacted};
use hilum_indication::{Measure, Value};
use hilum_phantom::PhantomOptions;
use hilum_volume::LoadedSeries;

use crate::series::{codes, judge, part_of_phantom, phantom};

#[track_caller]
fn check(what: &str, series: &LoadedSeries, refusal: Option<ReasonCode>, warnings: &[ReasonCode]) {
    let (verdict, measures) = judge(series);
    assert_eq!(
        codes(&verdict),
        (refusal, warnings.to_vec()),
        "{what}: {verdict:?} {measures:?}"
    );
    for reason in verdict.refusal.iter().chain(&verdict.warnings) {
        assert!(
            !reason.text.is_empty() && !reason.text.ends_with('.'),
            "{}",
            reason.text
        );
    }
}

#[test]
fn an_adult_chest_is_within_the_indication() {
    check("default", &phantom(PhantomOptions::default()), None, &[]);
    let thin = PhantomOptions {
        slices: 200,
        slice_spacing_mm: 1.25,
        ..PhantomOptions::default()
    };
    check("thin", &phantom(thin), None, &[]);
}

#[test]
fn what_the_header_says() {
    use ReasonCode::{ContrastNotIndicated, LimitUnchecked, Paediatric, WrongBodyPart};
    type Change = fn(&mut LoadedSeries);
    let rows: [(&str, Change, Option<ReasonCode>, &[ReasonCode]); 14] = [
        ("17 years", |s| age(s, Some("017Y"), None), Some(Paediatric), &[]),
        ("18 years", |s| age(s, Some("018Y"), None), None, &[]),
        (
            "215 months",
            |s| age(s, Some("215M"), None),
            Some(Paediatric),
            &[],
        ),
        (
            "newborn",
            |s| age(s, Some("003D"), Some("20191229")),
            Some(Paediatric),
            &[],
        ),
        (
            "born 17 years before",
            |s| age(s, None, Some("20020102")),
            Some(Paediatric),
            &[],
        ),
        (
            "born 18 years before",
            |s| age(s, None, Some("20020101")),
            None,
            &[],
        ),
        ("no age at all", |s| age(s, None, None), None, &[LimitUnchecked]),
        (
            "head",
            |s| s.header.body_part = Some("HEAD".into()),
            Some(WrongBodyPart),
            &[],
        ),
        (
            "abdomen",
            |s| s.header.body_part = Some("ABDOMEN".into()),
            Some(WrongBodyPart),
            &[],
        ),
        (
            "thorax",
            |s| s.header.body_part = Some("Thorax^Routine".into()),
            None,
            &[],
        ),
        (
            "chest to pelvis",
            |s| s.header.body_part = Some("CHESTABDPELVIS".into()),
            None,
            &[],
        ),
        ("no body part", |s| s.header.body_part = None, None, &[]),
        (
            "contrast",
            |s| s.header.contrast_agent = Some("IOHEXOL 350".into()),
            None,
            &[ContrastNotIndicated],
        ),
        (
            "no contrast",
            |s| s.header.contrast_agent = Some("None".into()),
            None,
            &[],
        ),
    ];
    let series = phantom(PhantomOptions::default());
    for (what, change, refusal, warnings) in rows {
        let mut series = series.clone();
        change(&mut series);
        check(what, &series, refusal, warnings);
    }
}

fn age(series: &mut LoadedSeries, age: Option<&str>, born: Option<&str>) {
    series.header.patient_age = Redacted::new(age.map(str::to_owned));
    series.header.patient_birth_date = Redacted::new(born.map(str::to_owned));
}

/// Spacing and thickness in mm, refusal, warnings.
type Slices = (f64, Option<f64>, Option<ReasonCode>, &'static [ReasonCode]);

#[test]
fn slices() {
    use ReasonCode::ThicknessOverLimit as Thick;
    let rows: [Slices; 5] = [
        (2.5, None, None, &[]),
        (3.0, None, None, &[Thick, Thick]),
        (2.5, Some(3.0), None, &[Thick]),
        (2.5, Some(5.0), Some(Thick), &[]),
        (5.0, Some(2.5), Some(Thick), &[]),
    ];
    for (spacing, thickness, refusal, warnings) in rows {
        let options = PhantomOptions {
            slices: (300.0 / spacing) as u16,
            slice_spacing_mm: spacing,
            slice_thickness_mm: thickness,
            ..PhantomOptions::default()
        };
        check(
            &format!("{spacing} {thickness:?}"),
            &phantom(options),
            refusal,
            warnings,
        );
    }
}

/// Slices are taken away at one end: 120 slices of 2.5 mm, feet first.
#[test]
fn lungs_that_are_cut() {
    let head_off = part_of_phantom(PhantomOptions::default(), |k| k < 90);
    check("apex", &head_off, Some(ReasonCode::LungApexMissing), &[]);
    let feet_off = part_of_phantom(PhantomOptions::default(), |k| k >= 40);
    check("base", &feet_off, Some(ReasonCode::LungBaseMissing), &[]);
    let both_off = part_of_phantom(PhantomOptions::default(), |k| (40..90).contains(&k));
    check(
        "both",
        &both_off,
        Some(ReasonCode::LungApexMissing),
        &[ReasonCode::LungBaseMissing],
    );
}

#[test]
fn noise_metal_and_motion() {
    use ReasonCode::{Metal, Motion, NoiseOverLimit};
    let base = PhantomOptions::default;
    let noise = |noise_hu| PhantomOptions { noise_hu, ..base() };
    check("40 HU", &phantom(noise(40.0)), None, &[]);
    check("70 HU", &phantom(noise(70.0)), None, &[NoiseOverLimit]);
    check("130 HU", &phantom(noise(130.0)), Some(NoiseOverLimit), &[]);
    let metal = PhantomOptions {
        metal: true,
        ..base()
    };
    check("metal", &phantom(metal), None, &[Metal]);
    let motion = |motion_mm| PhantomOptions { motion_mm, ..base() };
    check("motion of 3 mm", &phantom(motion(3.0)), None, &[Motion]);
}

/// A hip joint's worth of metal, and what the share then is.
#[test]
fn much_metal_is_refused() {
    let mut series = phantom(PhantomOptions::default());
    let mut hu = series.volume.whole_hu().into_owned();
    let [_, rows, columns] = series.volume.shape_kji();
    hu.slice_mut(ndarray::s![
        40..70,
        rows / 2 - 12..rows / 2 + 12,
        columns / 2 - 12..columns / 2 + 12
    ])
    .fill(3071);
    series.volume = hilum_volume::Volume::new(
        hilum_volume::Voxels::I16(hu),
        *series.volume.affine(),
        series.volume.study_instance_uid().clone(),
        series.volume.series_instance_uid().clone(),
        series.volume.inputs_sha256().clone(),
    )
    .unwrap();
    let (verdict, _) = judge(&series);
    assert_eq!(verdict.refusal.map(|reason| reason.code), Some(ReasonCode::Metal));
}

/// Each voxel measure follows what the phantom was asked for.
#[test]
fn measures_follow_the_phantom() {
    let number = |options: PhantomOptions, measure: Measure| -> f64 {
        let (_, measures) = judge(&phantom(options));
        match measures.get(measure) {
            Some(Value::Number(number)) => *number,
            other => panic!("{measure}: {other:?}"),
        }
    };
    for noise_hu in [18.0, 80.0] {
        let options = PhantomOptions {
            noise_hu,
            ..PhantomOptions::default()
        };
        let found = number(options, Measure::NoiseHu);
        eprintln!("noise of {noise_hu} HU measures {found} HU");
        // The kernel correlates the noise, so that a small square holds a little less of it.
        assert!(
            (0.75 * noise_hu - 1.0..1.1 * noise_hu + 2.0).contains(&found),
            "{found} of {noise_hu}"
        );
    }
    let motion: Vec<f64> = [0.0, 1.5, 3.0]
        .map(|motion_mm| {
            number(
                PhantomOptions {
                    motion_mm,
                    ..PhantomOptions::default()
                },
                Measure::MotionMm,
            )
        })
        .into();
    eprintln!("motion of 0, 1.5, 3 mm measures {motion:.2?} mm");
    assert!(motion.is_sorted() && motion[0] < 0.5, "{motion:?}");
}
