//! `hilum score`

use std::{fs, path::Path};

use anyhow::Context as _;
use hilum_domain::{
    Change, Lobe, Lps, NeighbourKind, Nodule, NoduleType, PriorComparison, Status, StudyResult, Uid,
};
use hilum_pipeline::{Engine, Prior, Request, load_segmenter};

use crate::{
    cli::ScoreArgs,
    commands::{answer, decoder},
    indication,
    progress::Console,
    settings::NETWORK_THREADS,
};

/// Scores one study from files.
pub(crate) fn run(args: &ScoreArgs) -> anyhow::Result<()> {
    let series_uid = args
        .series
        .as_deref()
        .map(Uid::parse)
        .transpose()
        .context("--series")?;
    let prior = args.prior.as_deref().map(prior).transpose()?;
    let progress = Console::new();
    let own = &args.indication;
    let indication = indication::load(own.indication.as_deref(), own.indication_key.as_deref())?;
    let engine = Engine::load(NETWORK_THREADS, load_segmenter()?, decoder()?)?.with_indication(indication);
    let request = Request {
        series_uid,
        seed: args.seed.map(Lps),
        prior,
    };
    let analysis = engine.analyse_files(&args.paths, &request, &progress)?;
    progress.finish();

    if let Some(folder) = &args.out {
        write(folder, &analysis).with_context(|| format!("--out {}", folder.display()))?;
    }
    if args.json {
        answer(&serde_json::to_string(&analysis.result)?);
    } else {
        describe(&analysis.result);
    }
    Ok(())
}

/// What `--prior` names. A path that leads nowhere is a mistake of the command line, not a CT that cannot be read.
fn prior(path: &Path) -> anyhow::Result<Prior> {
    fs::metadata(path).with_context(|| format!("--prior {}", path.display()))?;
    Ok(Prior {
        paths: vec![path.to_owned()],
        ..Prior::default()
    })
}

/// The result and a picture of each nodule.
fn write(folder: &Path, analysis: &hilum_pipeline::Analysis) -> anyhow::Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(
        folder.join("result.json"),
        serde_json::to_vec_pretty(&analysis.result)?,
    )?;
    for (number, picture) in analysis.pictures().iter().enumerate() {
        fs::write(folder.join(format!("nodule-{}.png", number + 1)), picture)?;
    }
    Ok(())
}

/// The result as a table.
pub(crate) fn describe(result: &StudyResult) {
    if result.status == Status::NotAnalysed {
        let reason = result
            .reason
            .as_ref()
            .map_or("no reason given", |reason| reason.text.as_str());
        let code = result.reason.as_ref().map_or("", |reason| reason.code.as_str());
        answer(&format!("not analysed: {reason} ({code})"));
    } else if result.nodules.is_empty() {
        answer("analysed, no nodules found");
    } else {
        answer(
            "nodule   centre LPS mm            lobe  diameter  volume     type          score  interval     band",
        );
    }
    for (number, nodule) in result.nodules.iter().enumerate() {
        let [x, y, z] = nodule.center_lps_mm.0;
        let [low, high] = nodule.malignancy.interval;
        answer(&format!(
            "{:<8} {x:7.1} {y:7.1} {z:7.1}  {:<4} {:5.1} mm  {:6.0} mm3 {:<13} {:.2}   {low:.2} to {high:.2} {}",
            number + 1,
            nodule.lobe.map_or("?", Lobe::as_str),
            nodule.mean_diameter_mm,
            nodule.volume_mm3,
            wire(&nodule.nodule_type),
            nodule.malignancy.probability,
            wire(&nodule.malignancy.band),
        ));
        answer(&format!("         {}", details(nodule)));
        if let Some(change) = &nodule.change {
            answer(&format!("         {}", change_in_words(change)));
        }
        if let Some(abstained) = &nodule.malignancy.abstained {
            answer(&format!(
                "         withheld: {} ({})",
                abstained.text,
                abstained.code.as_str()
            ));
        }
    }
    if let Some(nodule) = result.nodules.first() {
        answer(&format!(
            "score: probability of {}, trained at a prevalence of {:.2}; advice, not a diagnosis",
            wire(&nodule.malignancy.target),
            nodule.malignancy.training_prevalence
        ));
        for evidence in &nodule.evidence {
            let sign = if evidence.supports { "for" } else { "against" };
            answer(&format!("  nodule 1, {sign}: {}", evidence.statement));
        }
    }
    if let Some(prior) = &result.prior {
        describe_prior(prior);
    }
    for warning in &result.warnings {
        answer(&format!("warning: {} ({})", warning.text, warning.code.as_str()));
    }
    answer(&format!(
        "{} {}, {} ms",
        result.model.name, result.model.version, result.elapsed_ms.total
    ));
}

/// Density, solid component, shape and surroundings of a nodule in one line.
fn details(nodule: &Nodule) -> String {
    let mut parts = vec![
        format!("{:.0} HU", nodule.mean_hu),
        format!("{:.0} mg", nodule.mass_mg),
    ];
    if let Some([least, most]) = nodule.volume_interval_mm3 {
        parts.push(format!("readers would outline {least:.0} to {most:.0} mm3"));
    }
    if let (NoduleType::PartSolid, Some(solid_mm)) = (nodule.nodule_type, nodule.solid_diameter_mm) {
        parts.push(format!("solid component {solid_mm:.1} mm"));
    }
    parts.push(format!(
        "sphericity {:.2}, spiculation {:.2}, lobulation {:.2}",
        nodule.sphericity, nodule.spiculation_index, nodule.lobulation_index
    ));
    let mut distance = |to: &str, mm: Option<f64>| {
        if let Some(mm) = mm {
            parts.push(format!("{to} {mm:.1} mm"));
        }
    };
    distance("pleura", nodule.distance_to_pleura_mm);
    distance("fissure", nodule.distance_to_fissure_mm);
    let nearest = |kind: NeighbourKind| {
        let found = nodule.neighbours.iter().find(|neighbour| neighbour.kind == kind);
        found.map(|neighbour| neighbour.distance_mm)
    };
    distance("vessel", nearest(NeighbourKind::Vessel));
    distance("next nodule", nearest(NeighbourKind::Nodule));
    parts.join(", ")
}

/// What became of a nodule since the prior CT, in one line.
fn change_in_words(change: &Change) -> String {
    let mut parts = vec![change.state.as_str().to_owned()];
    if let (Some(before), Some(percent), Some(error)) = (
        change.prior_volume_mm3,
        change.volume_change_percent,
        change.error_percent,
    ) {
        parts.push(format!("{percent:+.0} % from {before:.0} mm3"));
        parts.push(format!("error of measurement {error:.0} %"));
    }
    if let Some(days) = change.vdt_days {
        parts.push(format!("volume doubling time {days:.0} days"));
    }
    if let Some(doubt) = &change.uncertain {
        parts.push(format!("uncertain: {doubt}"));
    }
    parts.join(", ")
}

fn describe_prior(prior: &PriorComparison) {
    let when = prior.interval_days.map_or_else(
        || "at an unknown time before".to_owned(),
        |days| format!("{days} days before"),
    );
    let counts = &prior.counts;
    let named = [
        (counts.new, "new"),
        (counts.stable, "stable"),
        (counts.growing, "growing"),
        (counts.shrinking, "shrinking"),
        (counts.merged, "merged"),
        (counts.split, "split"),
        (counts.resolved, "resolved"),
        (counts.uncertain, "of these uncertain"),
    ];
    let some: Vec<String> = named
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}"))
        .collect();
    let some = if some.is_empty() {
        "no nodules in either".to_owned()
    } else {
        some.join(", ")
    };
    answer(&format!("prior CT {when}: {some}"));
    for gone in &prior.resolved {
        let [x, y, z] = gone.expected_center_lps_mm.0;
        let doubt = gone
            .uncertain
            .as_ref()
            .map_or_else(String::new, |doubt| format!("; uncertain: {doubt}"));
        answer(&format!(
            "  resolved: {:.0} mm3 before, expected at {x:.1} {y:.1} {z:.1}{doubt}",
            gone.prior_volume_mm3
        ));
    }
    for warning in &prior.warnings {
        answer(&format!(
            "prior, warning: {} ({})",
            warning.text,
            warning.code.as_str()
        ));
    }
}

/// The wire form of an enumeration value.
fn wire(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        _ => String::new(),
    }
}
