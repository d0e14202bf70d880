//! How a detector is trained, and what training measured.

use hilum_domain::Sha256;
use hilum_volume::Volume;
use serde::{Deserialize, Serialize};

use crate::NoduleError;
use crate::weight_file::OperatingPoint;

/// How a detector is trained. The default is what the shipped weights were trained with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DetectorTrainConfig {
    /// Seed of everything random.
    pub seed: u64,
    /// Optimiser steps of each member.
    pub steps: usize,
    /// Samples per step, half of them nodules.
    pub batch: usize,
    /// Highest learning rate; it falls to a hundredth along a cosine.
    pub learning_rate: f64,
    /// Readers who must have outlined a nodule for it to be a positive.
    pub least_outlines: u8,
    /// This fold is kept back to measure sensitivity on pasted nodules.
    pub validation_fold: u8,
    /// The operating point is the mean over CTs of what allows so many false positives on each.
    pub false_positives_per_ct: usize,
    /// No more nodules than these are reported on one CT.
    pub most_per_ct: usize,
    /// Train networks that leave two CTs out, only to choose operating points.
    pub scouts: bool,
    /// Networks that are trained side by side, one thread each. The result does not depend on it.
    pub threads: usize,
}

impl Default for DetectorTrainConfig {
    fn default() -> Self {
        Self {
            seed: 32,
            steps: 300,
            batch: 32,
            learning_rate: 8e-4,
            least_outlines: 3,
            validation_fold: 6,
            false_positives_per_ct: 1,
            most_per_ct: 20,
            scouts: false,
            threads: 2,
        }
    }
}

/// A trained detector.
#[derive(Debug, Clone)]
pub struct TrainedDetector {
    /// The weight file, for [`crate::Detector::from_safetensors`].
    pub safetensors: Vec<u8>,
    /// How it did.
    pub report: DetectorReport,
}

/// What training measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DetectorReport {
    /// The configuration.
    pub config: DetectorTrainConfig,
    /// The run record of the weights that the members went on from.
    pub started_from: Option<serde_json::Value>,
    /// Digest of the cohort's files.
    pub cohort_sha256: Sha256,
    /// Outlined nodules that were pasted, and kept back.
    pub pieces: [usize; 2],
    /// Tiles used as they are, and kept back.
    pub tiles: [usize; 2],
    /// Places beside the nodules of these tiles.
    pub beside: [usize; 2],
    /// Synthetic CTs, and the nodules in them.
    pub synthetic: [usize; 2],
    /// One per member, in the order of the CTs.
    pub members: Vec<MemberReport>,
    /// Networks that only served to choose operating points.
    pub scouts: Vec<ScoutReport>,
    /// Where the members work together.
    pub operating_point: OperatingPoint,
}

/// What training measured on one member.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MemberReport {
    /// Places that are no nodule: in its training CTs, in tiles, in synthetic CTs.
    pub negatives: usize,
    /// Mean loss over the last tenth of the steps.
    pub final_loss: f64,
    /// Operating probability, from the other CTs.
    pub probability: f64,
    /// Shares of what was kept back at or above that probability: nodules pasted into the training CTs, nodules
    /// in their own tiles, places beside these.
    pub validation: [f64; 3],
    /// Share of the kept-back nodules in their tiles above the probability that one in a hundred places beside
    /// them reaches.
    pub in_situ_at_one_percent: f64,
    /// Candidates at or above its probability on the CT that it has not seen, away from annotated nodules and
    /// after suppression of overlaps.
    pub false_positives_left_out: usize,
}

/// What training measured on one scout.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScoutReport {
    /// The two CTs that it has not seen.
    pub left_out: Vec<usize>,
    /// Probabilities of the five most probable false positives on each.
    pub highest: Vec<Vec<f64>>,
    /// Share of the kept-back nodules in their tiles above the probability that one in a hundred places beside
    /// them reaches.
    pub in_situ_at_one_percent: f64,
}

/// Refuses what trains nothing.
pub(super) fn check(ct_series: &[Volume], config: &DetectorTrainConfig) -> Result<(), NoduleError> {
    let refuse = |why: String| Err(NoduleError::Training(why));
    if ct_series.len() < 3 {
        return refuse(format!(
            "{} CTs were given, at least 3 are needed to leave one out and choose on the rest",
            ct_series.len()
        ));
    }
    if config.most_per_ct == 0 {
        return refuse("0 nodules per CT detect nothing".into());
    }
    if config.threads == 0 {
        return refuse("0 threads train nothing".into());
    }
    if config.steps == 0 || config.batch < 2 {
        return refuse(format!(
            "{} steps of {} samples train nothing",
            config.steps, config.batch
        ));
    }
    if !(config.learning_rate > 0.0 && config.learning_rate < 1.0) {
        return refuse(format!(
            "learning rate {} is not between 0 and 1",
            config.learning_rate
        ));
    }
    Ok(())
}
