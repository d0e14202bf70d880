//! What a run leaves behind: `run.json` and `predictions.csv`.

use std::path::Path;

use hilum_cohort::Label;
use hilum_domain::Sha256;
use hilum_validation::{
    Bootstrap, BootstrapInterval, OperatingPoint, auc_cluster_bootstrap, auc_delong_ci, brier, delong_paired,
    ece, sensitivity_specificity,
};
use serde::{Deserialize, Serialize};

use crate::{FusionError, Platt, TrainConfig};

/// Out-of-fold prediction of one nodule: by the one member that neither learned from nor was calibrated on its fold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// Nodule.
    pub id: String,
    /// Its patient.
    pub patient: String,
    /// Its fold.
    pub fold: u8,
    /// Label by the readers' median.
    pub label: Label,
    /// Whether it counts in the results (three or more readers, median not 3).
    pub reported: bool,
    /// Number of readings.
    pub readers: usize,
    /// Calibrated probability.
    pub probability: f64,
    /// The same with the diameter withheld.
    pub probability_without_diameter: f64,
    /// Diameter, when known.
    pub eq_diam_mm: Option<f64>,
    /// At least the member's lower limit (95 % sensitivity on validation answers, this fold left out).
    pub above_low_limit: bool,
    /// At least the member's upper limit (95 % specificity on validation answers, this fold left out).
    pub above_high_limit: bool,
}

/// An AUC with its 95 % interval (`DeLong`).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AucRecord {
    /// Cases.
    pub n: usize,
    /// Positive ones.
    pub positives: usize,
    /// Area under the ROC curve.
    pub auc: f64,
    /// Lower limit.
    pub lo: f64,
    /// Upper limit.
    pub hi: f64,
}

/// Model against diameter alone, on the cases that have a diameter.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Comparison {
    /// The model.
    pub model: AucRecord,
    /// Diameter alone.
    pub diameter: AucRecord,
    /// Model minus diameter.
    pub difference: f64,
    /// Two-sided p of the paired `DeLong` test.
    pub p: f64,
}

/// One round.
#[derive(Debug, Clone, Serialize)]
pub struct FoldRecord {
    /// Fold that is reported.
    pub test_fold: u8,
    /// Fold whose answers by this member go into calibration and limits.
    pub validation_fold: u8,
    /// Nodules learned from.
    pub train: usize,
    /// Nodules calibrated on: of all validation folds but the reported fold.
    pub calibrated_on: usize,
    /// Calibration.
    pub calibration: Platt,
    /// Probability at 95 % sensitivity on the nodules calibrated on.
    pub low_limit: f64,
    /// Probability at 95 % specificity on the nodules calibrated on.
    pub high_limit: f64,
    /// Discrimination on the nodules calibrated on.
    pub validation: AucRecord,
    /// Discrimination on the test fold.
    pub test: AucRecord,
    /// The same with the diameter withheld.
    pub test_without_diameter: AucRecord,
}

/// All rounds together.
#[derive(Debug, Clone, Serialize)]
pub struct PooledRecord {
    /// Discrimination.
    pub auc: AucRecord,
    /// The same AUC with an interval from resampling patients, whose nodules are not independent.
    pub auc_by_patient: BootstrapInterval,
    /// With the diameter withheld from the model.
    pub auc_without_diameter: AucRecord,
    /// Against diameter alone.
    pub against_diameter: Comparison,
    /// Without the diameter, against diameter alone.
    pub without_diameter_against_diameter: Comparison,
    /// Mean squared error of the probability.
    pub brier: f64,
    /// Expected calibration error over ten bins.
    pub ece: f64,
    /// At each member's lower limit, locked before its fold was looked at.
    pub at_low_limit: OperatingPoint,
    /// At each member's upper limit, locked before its fold was looked at.
    pub at_high_limit: OperatingPoint,
}

/// A whole run.
#[derive(Debug, Clone, Serialize)]
pub struct RunRecord {
    /// Digest of the cohort.
    pub data_sha256: Sha256,
    /// Digest of the weight file.
    pub weights_sha256: Sha256,
    /// Configuration.
    pub config: TrainConfig,
    /// Share of positives among the nodules that members were calibrated on.
    pub prevalence: f64,
    /// Round by round.
    pub folds: Vec<FoldRecord>,
    /// All rounds together.
    pub pooled: PooledRecord,
}

impl AucRecord {
    pub(crate) fn of(scores: &[f64], labels: &[bool]) -> Result<Self, FusionError> {
        let interval = auc_delong_ci(scores, labels, 0.95)?;
        Ok(Self {
            n: labels.len(),
            positives: labels.iter().filter(|&&label| label).count(),
            auc: interval.auc,
            lo: interval.lo,
            hi: interval.hi,
        })
    }
}

impl Comparison {
    fn of(predictions: &[&Prediction], score: impl Fn(&Prediction) -> f64) -> Result<Self, FusionError> {
        let with_diameter: Vec<(f64, f64, bool)> = predictions
            .iter()
            .filter_map(|p| Some((score(p), p.eq_diam_mm?, p.label == Label::Malignant)))
            .collect();
        let model: Vec<f64> = with_diameter.iter().map(|row| row.0).collect();
        let diameter: Vec<f64> = with_diameter.iter().map(|row| row.1).collect();
        let labels: Vec<bool> = with_diameter.iter().map(|row| row.2).collect();
        let paired = delong_paired(&model, &diameter, &labels)?;
        Ok(Self {
            model: AucRecord::of(&model, &labels)?,
            diameter: AucRecord::of(&diameter, &labels)?,
            difference: paired.difference,
            p: paired.p,
        })
    }
}

impl PooledRecord {
    /// Results over the reported predictions.
    pub(crate) fn of(predictions: &[Prediction]) -> Result<Self, FusionError> {
        let reported: Vec<&Prediction> = predictions.iter().filter(|p| p.reported).collect();
        let labels: Vec<bool> = reported.iter().map(|p| p.label == Label::Malignant).collect();
        let scores = |of: fn(&Prediction) -> f64| reported.iter().map(|p| of(p)).collect::<Vec<f64>>();
        let probabilities = scores(|p| p.probability);
        let without = scores(|p| p.probability_without_diameter);
        let patients: Vec<&str> = reported.iter().map(|p| p.patient.as_str()).collect();
        let bootstrap = Bootstrap {
            replicates: 2000,
            seed: 1,
        };
        Ok(Self {
            auc: AucRecord::of(&probabilities, &labels)?,
            auc_by_patient: auc_cluster_bootstrap(&probabilities, &labels, &patients, 0.95, bootstrap)?,
            auc_without_diameter: AucRecord::of(&without, &labels)?,
            against_diameter: Comparison::of(&reported, |p| p.probability)?,
            without_diameter_against_diameter: Comparison::of(&reported, |p| p.probability_without_diameter)?,
            brier: brier(&probabilities, &labels)?,
            ece: ece(&probabilities, &labels, 10)?,
            at_low_limit: locked(scores(|p| f64::from(u8::from(p.above_low_limit))), &labels)?,
            at_high_limit: locked(scores(|p| f64::from(u8::from(p.above_high_limit))), &labels)?,
        })
    }
}

/// Each member has a limit of its own, so the decision (0 or 1) takes the place of the score.
#[expect(clippy::needless_pass_by_value, reason = "reads better at the two callers")]
fn locked(decisions: Vec<f64>, labels: &[bool]) -> Result<OperatingPoint, FusionError> {
    Ok(sensitivity_specificity(&decisions, labels, 0.5, 0.95)?)
}

/// Writes a file whole or not at all.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), FusionError> {
    let io = |source| FusionError::Io {
        path: path.to_owned(),
        source,
    };
    let partial = path.with_extension("partial");
    std::fs::write(&partial, bytes).map_err(io)?;
    std::fs::rename(&partial, path).map_err(io)
}

/// The predictions as CSV, a header row first.
pub(crate) fn predictions_csv(predictions: &[Prediction]) -> Result<Vec<u8>, FusionError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for prediction in predictions {
        writer.serialize(prediction)?;
    }
    writer
        .into_inner()
        .map_err(|error| FusionError::Predictions(error.into_error().into()))
}
