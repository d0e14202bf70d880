//! A small training on real data, where it is at hand: cross-validated, resumed, loaded and asked.

use std::path::{Path, PathBuf};

use hilum_cohort::{Cohort, Folds, Selection};
use hilum_domain::{NoProgress, ReasonCode};
use hilum_fusion::{FusionError, Scorer, TrainConfig, train_ct};
use hilum_imaging::NoduleCrop;
use tch::Device;

fn data() -> Option<PathBuf> {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
    let dir =
        PathBuf::from(std::env::var_os("HILUM_DATA").unwrap_or_else(|| default.into())).join("lidc_nodules");
    if dir.is_dir() {
        return Some(dir);
    }
    eprintln!("skipped: no {}", dir.display());
    None
}

#[test]
fn smoke_run_from_data_to_score() {
    let Some(dir) = data() else { return };
    tch::set_num_threads(1);
    let cohort = Cohort::open(&dir).unwrap();
    let config = TrainConfig::smoke();
    let run = tempfile::tempdir().unwrap();
    let record = train_ct(&cohort, &config, run.path(), false, &NoProgress).unwrap();
    assert_eq!((record.pooled.auc.n, record.pooled.auc.positives), (575, 273));
    assert_eq!(record.folds.len(), 7);
    // Diameter is in the input and alone gives 0.92; a run that learned nothing stays near 0.5.
    assert!(record.pooled.auc.auc > 0.8, "{:?}", record.pooled.auc);

    refuses_to_overwrite_and_resumes(&cohort, &config, run.path(), record.weights_sha256.as_str());
    scores(&cohort, run.path());
}

fn refuses_to_overwrite_and_resumes(cohort: &Cohort, config: &TrainConfig, run: &Path, weights: &str) {
    let again = train_ct(cohort, config, run, false, &NoProgress);
    assert!(matches!(again, Err(FusionError::RunExists(_))));
    let other = TrainConfig {
        seed: 2,
        ..config.clone()
    };
    let stale = train_ct(cohort, &other, run, true, &NoProgress);
    assert!(matches!(stale, Err(FusionError::StaleCheckpoint(_))));
    let resumed = train_ct(cohort, config, run, true, &NoProgress).unwrap();
    assert_eq!(resumed.weights_sha256.as_str(), weights);
}

fn scores(cohort: &Cohort, run: &Path) {
    let bytes = std::fs::read(run.join("scorer.safetensors")).unwrap();
    let scorer = Scorer::from_safetensors(&bytes, Device::Cpu).unwrap();
    let predictions = std::fs::read_to_string(run.join("predictions.csv")).unwrap();
    let nodule = &cohort.nodules()[cohort.select(Selection::Min3No3)[5]];
    let crop = NoduleCrop::from_nodule(nodule).unwrap();

    // Its series was in training: the one member that never saw its fold answers, as in the predictions.
    let score = scorer.score(&crop, nodule.series_uid.as_ref()).unwrap();
    assert_eq!(score.members.len(), 1);
    assert_eq!(score.members[0].test_fold, nodule.fold);
    assert_eq!(score.warnings[0].code, ReasonCode::TrainingMemberLeftOut);
    let row = predictions
        .lines()
        .find(|line| line.starts_with(&nodule.id))
        .unwrap();
    let probability: f64 = row.split(',').nth(6).unwrap().parse().unwrap();
    assert!((probability - score.probability).abs() < 1e-9);

    // A series that nobody saw: everybody answers, the same each time.
    let score = scorer.score(&crop, None).unwrap();
    assert_eq!(score.members.len(), 7);
    let [lowest, highest] = score.interval;
    assert!(lowest <= score.probability && score.probability <= highest);
    let again = scorer.score(&crop, None).unwrap();
    assert_eq!(
        (again.probability, again.members),
        (score.probability, score.members)
    );
    assert!(score.modalities["ct"].present);
    assert_eq!(score.embedding.len(), 16);

    // Broken files are refused by name.
    let cut = Scorer::from_safetensors(&bytes[..bytes.len() - 4], Device::Cpu);
    assert!(matches!(cut, Err(FusionError::Safetensors(_))));
    let member = std::fs::read(run.join("member0.safetensors")).unwrap();
    assert!(matches!(
        Scorer::from_safetensors(&member, Device::Cpu),
        Err(FusionError::NoCard(_))
    ));
    let mut nan = bytes.clone();
    let last = nan.len() - 4;
    nan[last..].copy_from_slice(&f32::NAN.to_le_bytes());
    assert!(matches!(
        Scorer::from_safetensors(&nan, Device::Cpu),
        Err(FusionError::NonFiniteOutput { .. })
    ));
}

#[test]
fn patients_whose_cts_are_shown_cannot_be_trained_on() {
    let Some(dir) = data() else { return };
    let held_back = Cohort::open_folds(&dir, &Folds::HeldBack).unwrap();
    let run = tempfile::tempdir().unwrap();
    assert!(train_ct(&held_back, &TrainConfig::smoke(), run.path(), false, &NoProgress).is_err());
}
