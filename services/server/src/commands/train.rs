//! `hilum train`

use std::{fs, slice};

use anyhow::Context as _;
use hilum_cohort::Cohort;
use hilum_fusion::{RunRecord, TrainConfig};
use hilum_nodule::{Detector, DetectorTrainConfig, SegmenterTrainConfig};
use hilum_volume::LoadOptions;
use serde::de::DeserializeOwned;

use crate::{
    cli::{TrainArgs, TrainStage},
    commands::{answer, detector_phantoms, segmenter_phantoms, train_text, train_whisper},
    progress::Console,
};

/// Trains a model and prints what the run reports.
pub(crate) fn run(args: &TrainArgs) -> anyhow::Result<()> {
    match args.stage {
        TrainStage::Ct => ct(args),
        TrainStage::Detector => detector(args),
        TrainStage::Segment => segment(args),
        TrainStage::Whisper => train_whisper::run(args),
        TrainStage::Text => train_text::run(args),
    }
}

fn ct(args: &TrainArgs) -> anyhow::Result<()> {
    let config: TrainConfig = configuration(args)?;
    let cohort = Cohort::open(&args.data.join("lidc_nodules"))?;
    let progress = Console::new();
    let record = hilum_fusion::train_ct(&cohort, &config, &args.out, args.resume, &progress)?;
    progress.finish();
    report(&record);
    answer(&format!(
        "weights, predictions and run record lie in {}",
        args.out.display()
    ));
    Ok(())
}

/// One member per CT of `ct/`, each trained without it, all with the same phantoms; `--resume` goes on from the
/// weights in the output folder.
fn detector(args: &TrainArgs) -> anyhow::Result<()> {
    let config: DetectorTrainConfig = configuration(args)?;
    let progress = Console::new();
    let mut archives: Vec<_> = fs::read_dir(args.data.join("ct"))
        .with_context(|| format!("{}", args.data.join("ct").display()))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    archives.retain(|path| path.extension().is_some_and(|extension| extension == "xz"));
    archives.sort();
    let volumes = archives
        .iter()
        .map(|archive| {
            Ok(hilum_volume::load(slice::from_ref(archive), &LoadOptions::default(), &progress)?.volume)
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    let weights = args.out.join("detector.safetensors");
    let start = args
        .resume
        .then(|| anyhow::Ok(Detector::from_safetensors(&fs::read(&weights)?)?))
        .transpose()
        .with_context(|| format!("--resume: {}", weights.display()))?;
    let synthetic = detector_phantoms::make(&progress)?;
    let cohort = args.data.join("lidc_nodules");
    let trained =
        hilum_nodule::train_detector(&cohort, &volumes, &synthetic, start.as_ref(), &config, &progress)?;
    progress.finish();
    fs::create_dir_all(&args.out)?;
    fs::write(&weights, &trained.safetensors)?;
    let report = serde_json::to_string_pretty(&trained.report)?;
    fs::write(args.out.join("detector.json"), &report)?;
    answer(&report);
    Ok(())
}

/// One member per fold of the readers' outlines, all with the same phantoms; `--resume` takes what is done from the
/// output folder, and goes on from its `start.safetensors`.
fn segment(args: &TrainArgs) -> anyhow::Result<()> {
    let config: SegmenterTrainConfig = configuration(args)?;
    let cohort = Cohort::open(&args.data.join("lidc_nodules"))?;
    let progress = Console::new();
    let synthetic = if config.synthetic > 0.0 {
        segmenter_phantoms::make(&progress)?
    } else {
        Vec::new()
    };
    let run = hilum_nodule::train_segmenter(&cohort, &synthetic, &config, &args.out, args.resume, &progress)?;
    progress.finish();
    let agreement = &run.agreement;
    answer(&format!(
        "out of fold, {} nodules of three or more readers ({} patients), {} without an outline; \
         extent along z given by the readers' slices:",
        agreement.nodules, agreement.patients, agreement.not_outlined
    ));
    for (name, value) in [
        ("outline, volume Dice", &agreement.dice),
        ("left-out reader, volume Dice", &agreement.reader_dice),
        ("outline minus reader", &agreement.over_reader),
        (
            "the same, one majority for both",
            &agreement.over_reader_same_majority,
        ),
        ("outline, largest slice", &agreement.dice_largest_slice),
        (
            "left-out reader, largest slice",
            &agreement.reader_dice_largest_slice,
        ),
        ("outline, seed off the centre", &agreement.dice_seed_off),
        ("readers' volumes in the interval", &agreement.readers_within),
    ] {
        answer(&format!(
            "{name:<34} {:.4} ({:.4} to {:.4})",
            value.estimate, value.lo, value.hi
        ));
    }
    answer(&format!(
        "volume of outline over majority    {:.4}",
        agreement.volume_ratio
    ));
    Ok(())
}

/// The configuration as TOML, or the shipped model's.
pub(crate) fn configuration<T: DeserializeOwned + Default>(args: &TrainArgs) -> anyhow::Result<T> {
    let Some(file) = &args.config else {
        return Ok(T::default());
    };
    let text = fs::read_to_string(file).with_context(|| format!("--config {}", file.display()))?;
    toml::from_str(&text).with_context(|| format!("--config {}", file.display()))
}

fn report(record: &RunRecord) {
    let pooled = &record.pooled;
    let auc = |name: &str, auc: &hilum_fusion::AucRecord| {
        answer(&format!(
            "{name:<32} AUC {:.4} ({:.4} to {:.4})",
            auc.auc, auc.lo, auc.hi
        ));
    };
    answer(&format!(
        "out of fold, {} nodules, {} rated malignant, target reader consensus:",
        pooled.auc.n, pooled.auc.positives
    ));
    auc("model", &pooled.auc);
    auc("model without diameter", &pooled.auc_without_diameter);
    auc("diameter alone", &pooled.against_diameter.diameter);
    answer(&format!(
        "paired DeLong, model minus diameter: {:+.4}, p = {:.4} ({} nodules with a diameter)",
        pooled.against_diameter.difference, pooled.against_diameter.p, pooled.against_diameter.model.n
    ));
    answer(&format!("Brier {:.4}, ECE {:.4}", pooled.brier, pooled.ece));
}
