//! `hilum score`

use std::{fs, path::Path};

use anyhow::Context as _;
use hilum_domain::{Lobe, Lps, NeighbourKind, Nodule, NoduleType, Status, StudyResult, Uid};
use hilum_pipeline::{Engine, Request, load_segmenter};

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
    let progress = Console::new();
    let own = &args.indication;
    let indication = indication::load(own.indication.as_deref(), own.indication_key.as_deref())?;
    let engine = Engine::load(NETWORK_THREADS, load_segmenter()?, decoder()?)?.with_indication(indication);
    let request = Request {
        series_uid,
        seed: args.seed.map(Lps),
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

/// The wire form of an enumeration value.
fn wire(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        _ => String::new(),
    }
}
