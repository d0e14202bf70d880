//! Training of the detector: one member per CT, each without that CT.
//!
//! Positives are outlined nodules of the cohort, pasted into the lungs of the training CTs so that they have true
//! surroundings in three dimensions; negatives are the candidates of these CTs away from every annotated nodule.
//! The operating point of a member comes from the other CTs, each judged by the member that has not seen it.

mod fit;
mod known;
mod operate;
mod piece;
mod scene;

use std::path::Path;

use hilum_cohort::{Cohort, Folds, Nodule};
use hilum_domain::{Progress, Sha256};
use hilum_volume::Volume;
use serde::{Deserialize, Serialize};

use crate::network::Network;
use crate::weight_file::{self, Header, MemberHeader, OperatingPoint, series_digest};
use crate::{LungMask, NoduleError, segment_lungs};
use fit::fit_member;
use known::KnownNodules;
use operate::{Scored, thresholds};
use piece::Piece;
use scene::Host;

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
}

impl Default for DetectorTrainConfig {
    fn default() -> Self {
        Self {
            seed: 20,
            steps: 600,
            batch: 32,
            learning_rate: 1.5e-3,
            least_outlines: 2,
            validation_fold: 6,
            false_positives_per_ct: 3,
            most_per_ct: 10,
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
    /// Digest of the cohort's files.
    pub cohort_sha256: Sha256,
    /// Outlined nodules used as positives, and kept back.
    pub pieces: [usize; 2],
    /// One per member, in the order of the CTs.
    pub members: Vec<MemberReport>,
    /// Where the members work together.
    pub operating_point: OperatingPoint,
}

/// What training measured on one member.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MemberReport {
    /// Negative places in its training CTs.
    pub negatives: usize,
    /// Mean loss over the last tenth of the steps.
    pub final_loss: f64,
    /// Operating probability from the other CTs.
    pub probability: f64,
    /// Share of kept-back nodules, pasted into the training CTs, at or above that probability.
    pub validation_sensitivity: f64,
    /// Candidates at or above it on the CT that the member has not seen, away from annotated nodules and after
    /// suppression of overlaps.
    pub false_positives_left_out: usize,
}

/// Trains one member per CT.
///
/// `data_dir` is a cohort folder (`nodules.csv`, `slices.csv`, `img.tar`, `mask.tar.xz`); the development folds
/// are used, without the patients that are held back. Members train side by side, one thread each.
///
/// ```no_run
/// use hilum_domain::NoProgress;
/// use hilum_nodule::{DetectorTrainConfig, train_detector};
///
/// let volumes = ["ct/a", "ct/b", "ct/c"]
///     .map(|dir| hilum_volume::load(&[dir.into()], &Default::default(), &NoProgress))
///     .into_iter()
///     .map(|loaded| Ok(loaded?.volume))
///     .collect::<Result<Vec<_>, hilum_volume::VolumeError>>()?;
/// let config = DetectorTrainConfig::default();
/// let trained = train_detector("data/lidc_nodules".as_ref(), &volumes, &config, &NoProgress)?;
/// std::fs::write("detector.safetensors", &trained.safetensors)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`NoduleError::Training`] for fewer than three CTs or a configuration that trains nothing;
/// [`NoduleError::Cohort`], [`NoduleError::Positions`] for unreadable data; [`NoduleError::NoLungs`] for a CT
/// without lungs.
pub fn train_detector(
    data_dir: &Path,
    ct_series: &[Volume],
    config: &DetectorTrainConfig,
    progress: &dyn Progress,
) -> Result<TrainedDetector, NoduleError> {
    check(ct_series, config)?;
    progress.stage("reading the cohort", None);
    let cohort = Cohort::open_folds(data_dir, &Folds::Development)?;
    let usable = |nodule: &&Nodule| !nodule.is_held_back() && nodule.n_masks >= config.least_outlines;
    let (kept_back, training): (Vec<_>, Vec<_>) = cohort
        .nodules()
        .iter()
        .filter(usable)
        .partition(|nodule| nodule.fold == config.validation_fold);
    let pieces: Vec<Piece> = training.into_iter().filter_map(Piece::cut).collect();
    let kept_back: Vec<Piece> = kept_back.into_iter().filter_map(Piece::cut).collect();
    if pieces.is_empty() || kept_back.is_empty() {
        return Err(NoduleError::Training(
            "the cohort gives no nodule to paste".into(),
        ));
    }

    progress.stage("preparing CTs", Some(ct_series.len() as u64));
    let lungs = ct_series
        .iter()
        .map(segment_lungs)
        .collect::<Result<Vec<LungMask>, _>>()?;
    let mut hosts = Vec::new();
    for (volume, lungs) in ct_series.iter().zip(&lungs) {
        let known = KnownNodules::read(data_dir, volume)?;
        hosts.push(Host::new(volume, lungs, known));
        progress.advance(1);
    }

    progress.stage("training members", Some((config.steps * hosts.len()) as u64));
    let fitted = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..hosts.len())
            .map(|left_out| {
                let (hosts, pieces, kept_back) = (&hosts, &pieces, &kept_back);
                scope.spawn(move || fit_member(left_out, hosts, pieces, kept_back, config, progress))
            })
            .collect();
        handles
            .into_iter()
            .map(|handle| {
                handle
                    .join()
                    .map_err(|_| NoduleError::Training("a member's thread stopped".into()))?
            })
            .collect::<Result<Vec<_>, _>>()
    })?;

    progress.stage("choosing operating points", None);
    let overlap = OperatingPoint {
        probability: 0.0,
        overlap: 0.5,
        overlap_mm: 5.0,
        most: config.most_per_ct,
    };
    let scored = fitted
        .iter()
        .zip(&hosts)
        .map(|(member, host)| Scored::by_left_out(&member.network, host, overlap))
        .collect::<Result<Vec<_>, _>>()?;
    let chosen = thresholds(&scored, config.false_positives_per_ct);

    let digests: Vec<Sha256> = ct_series.iter().map(series_digest).collect();
    let mut headers = Vec::new();
    let mut reports = Vec::new();
    for (at, member) in fitted.iter().enumerate() {
        let probability = chosen.members[at];
        let mut series_sha256 = digests.clone();
        series_sha256.remove(at);
        headers.push(MemberHeader {
            series_sha256,
            probability,
        });
        reports.push(MemberReport {
            negatives: member.negatives,
            final_loss: member.final_loss,
            probability,
            validation_sensitivity: member.sensitivity(probability),
            false_positives_left_out: scored[at].false_positives(probability),
        });
    }
    let report = DetectorReport {
        config: config.clone(),
        cohort_sha256: cohort.digest().clone(),
        pieces: [pieces.len(), kept_back.len()],
        members: reports,
        operating_point: OperatingPoint {
            probability: chosen.together,
            ..overlap
        },
    };
    let training = serde_json::to_value(&report).map_err(|error| NoduleError::Weights(error.to_string()))?;
    let header = Header::new(report.operating_point, headers, training);
    let networks: Vec<Network> = fitted.into_iter().map(|member| member.network).collect();
    Ok(TrainedDetector {
        safetensors: weight_file::write(&header, &networks)?,
        report,
    })
}

fn check(ct_series: &[Volume], config: &DetectorTrainConfig) -> Result<(), NoduleError> {
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
