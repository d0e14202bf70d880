//! Training of the detector: one member per CT, each without that CT.
//!
//! Samples come from three domains, each with nodules and with what only looks like one: whole CTs (nodules of the
//! cohort pasted into their lungs; their candidates away from every annotated nodule), the cohort's own tiles
//! (nodules where they are; blobs beside them), and synthetic CTs of known truth.
//!
//! The operating point of a member does not look at the CT that the member judges, not even through another
//! network: for each two CTs a scout is trained without both, and judges both. A member's point is the mean over
//! the scouts that left its CT out too, each on the other CT that it left out.

mod fit;
mod known;
mod operate;
mod piece;
mod scene;
mod sources;
mod tile;

use std::path::Path;

use hilum_cohort::{Cohort, Folds, Nodule};
use hilum_domain::{Lps, Progress, Sha256};
use hilum_volume::Volume;
use serde::{Deserialize, Serialize};

use crate::network::Network;
use crate::weight_file::{self, Header, MemberHeader, OperatingPoint, series_digest};
use crate::{LungMask, NoduleError, segment_lungs};
use fit::{Fitted, Validation, fit};
use known::Annotations;
use operate::{Scored, threshold};
use scene::Host;
use sources::{Material, Shared, Sources};

/// A nodule of a training CT.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KnownNodule {
    /// Its centre.
    pub center: Lps,
    /// Diameter of the ball of its volume.
    pub diameter_mm: f64,
}

/// A synthetic CT and all its nodules. It teaches, and has no say in any operating point.
#[derive(Debug, Clone)]
pub struct SyntheticCt {
    /// The CT.
    pub volume: Volume,
    /// Every nodule in it.
    pub nodules: Vec<KnownNodule>,
}

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
    /// Networks that are trained side by side, one thread each. The result does not depend on it.
    pub threads: usize,
}

impl Default for DetectorTrainConfig {
    fn default() -> Self {
        Self {
            seed: 20,
            steps: 600,
            batch: 32,
            learning_rate: 1.5e-3,
            least_outlines: 3,
            validation_fold: 6,
            false_positives_per_ct: 1,
            most_per_ct: 20,
            threads: 1,
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
    /// Operating probability, from the scouts that have not seen its CT either.
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
    pub left_out: [usize; 2],
    /// Probabilities of the five most probable false positives on each.
    pub highest: [Vec<f64>; 2],
    /// Share of the kept-back nodules in their tiles above the probability that one in a hundred places beside
    /// them reaches.
    pub in_situ_at_one_percent: f64,
}

/// Trains one member per CT.
///
/// `data_dir` is a cohort folder (`nodules.csv`, `slices.csv`, `img.tar`, `mask.tar.xz`); the development folds
/// are used, without the patients that are held back. `synthetic` may be empty.
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
/// let trained = train_detector("data/lidc_nodules".as_ref(), &volumes, &[], &config, &NoProgress)?;
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
    synthetic: &[SyntheticCt],
    config: &DetectorTrainConfig,
    progress: &dyn Progress,
) -> Result<TrainedDetector, NoduleError> {
    check(ct_series, config)?;
    progress.stage("reading the cohort", None);
    let cohort = Cohort::open_folds(data_dir, &Folds::Development)?;
    let annotations = Annotations::read(data_dir)?;
    let usable = |nodule: &&Nodule| !nodule.is_held_back() && nodule.n_masks >= config.least_outlines;
    let (kept_back, training): (Vec<_>, Vec<_>) = cohort
        .nodules()
        .iter()
        .filter(usable)
        .partition(|nodule| nodule.fold == config.validation_fold);
    let training = Material::cut(&training, &annotations);
    let kept_back = Material::cut(&kept_back, &annotations);
    if training.pieces.is_empty() || kept_back.pieces.is_empty() {
        return Err(NoduleError::Training(
            "the cohort gives no nodule to paste".into(),
        ));
    }

    progress.stage("preparing CTs", Some((ct_series.len() + synthetic.len()) as u64));
    let lungs_of = |volume: &Volume| segment_lungs(volume);
    let lungs = ct_series.iter().map(lungs_of).collect::<Result<Vec<LungMask>, _>>()?;
    let synthetic_lungs = synthetic
        .iter()
        .map(|ct| lungs_of(&ct.volume))
        .collect::<Result<Vec<LungMask>, _>>()?;
    let mut hosts = Vec::new();
    for (volume, lungs) in ct_series.iter().zip(&lungs) {
        let known = annotations.in_volume(volume, 1);
        let own = annotations.in_volume(volume, config.least_outlines);
        hosts.push(Host::new(volume, lungs, known, own));
        progress.advance(1);
    }
    let mut synthetic_hosts = Vec::new();
    for (ct, lungs) in synthetic.iter().zip(&synthetic_lungs) {
        synthetic_hosts.push(Host::new(&ct.volume, lungs, ct.nodules.clone(), ct.nodules.clone()));
        progress.advance(1);
    }
    let shared = Shared {
        pieces: &training.pieces,
        tiles: &training.tiles,
        apertures: &training.apertures,
        synthetic: &synthetic_hosts,
    };

    // Each network by the CTs that it does not see: members first, then scouts.
    let n = hosts.len();
    let members = (0..n).map(|k| vec![k]);
    let scouts = (0..n).flat_map(|p| (p + 1..n).map(move |q| vec![p, q]));
    let left_out: Vec<Vec<usize>> = members.chain(scouts).collect();
    progress.stage("training networks", Some((config.steps * left_out.len()) as u64));
    let train = |at: usize| {
        let seen = (0..n).filter(|ct| !left_out[at].contains(ct)).map(|ct| &hosts[ct]);
        let sources = Sources::new(seen.collect(), shared)?;
        fit(sources, config, at as u64 + 1, &kept_back, progress)
    };
    let fitted = side_by_side(left_out.len(), config.threads, &train)?;

    progress.stage("choosing operating points", None);
    let overlap = OperatingPoint {
        probability: 0.0,
        overlap: 0.5,
        overlap_mm: 5.0,
        most: config.most_per_ct,
    };
    let scored = fitted
        .iter()
        .zip(&left_out)
        .map(|((fitted, _), left_out)| {
            let on = |ct: &usize| Scored::by(&fitted.network, &hosts[*ct], overlap);
            left_out.iter().map(on).collect::<Result<Vec<_>, _>>()
        })
        .collect::<Result<Vec<_>, _>>()?;

    let digests: Vec<Sha256> = ct_series.iter().map(series_digest).collect();
    let mut headers = Vec::new();
    let mut reports = Vec::new();
    for k in 0..n {
        let elsewhere: Vec<&Scored> = (n..left_out.len())
            .filter_map(|scout| match left_out[scout].as_slice() {
                [p, _] if *p == k => Some(&scored[scout][1]),
                [_, q] if *q == k => Some(&scored[scout][0]),
                _ => None,
            })
            .collect();
        let probability = threshold(&elsewhere, config.false_positives_per_ct);
        let mut series_sha256 = digests.clone();
        series_sha256.remove(k);
        headers.push(MemberHeader {
            series_sha256,
            probability,
        });
        let (member, validation) = &fitted[k];
        reports.push(MemberReport {
            negatives: member.negatives,
            final_loss: member.final_loss,
            probability,
            validation: validation.shares(probability),
            in_situ_at_one_percent: validation.in_situ_at_one_percent(),
            false_positives_left_out: scored[k][0].false_positives(probability),
        });
    }
    let by_members: Vec<&Scored> = scored[..n].iter().map(|scored| &scored[0]).collect();
    let report = DetectorReport {
        config: config.clone(),
        cohort_sha256: cohort.digest().clone(),
        pieces: [&training, &kept_back].map(|part| part.pieces.len()),
        tiles: [&training, &kept_back].map(|part| part.tiles.len()),
        beside: [&training, &kept_back].map(|part| part.tiles.iter().map(|tile| tile.beside.len()).sum()),
        synthetic: [
            synthetic.len(),
            synthetic.iter().map(|ct| ct.nodules.len()).sum(),
        ],
        members: reports,
        scouts: (n..left_out.len())
            .map(|at| ScoutReport {
                left_out: [left_out[at][0], left_out[at][1]],
                highest: [0, 1].map(|ct| scored[at][ct].highest(5).to_vec()),
                in_situ_at_one_percent: fitted[at].1.in_situ_at_one_percent(),
            })
            .collect(),
        operating_point: OperatingPoint {
            probability: threshold(&by_members, config.false_positives_per_ct),
            ..overlap
        },
    };
    let training = serde_json::to_value(&report).map_err(|error| NoduleError::Weights(error.to_string()))?;
    let header = Header::new(report.operating_point, headers, training);
    let networks: Vec<Network> = fitted.into_iter().take(n).map(|(member, _)| member.network).collect();
    Ok(TrainedDetector {
        safetensors: weight_file::write(&header, &networks)?,
        report,
    })
}

/// Runs `n` trainings, so many at a time, results in order.
fn side_by_side(
    n: usize,
    threads: usize,
    train: &(dyn Fn(usize) -> Result<(Fitted, Validation), NoduleError> + Sync),
) -> Result<Vec<(Fitted, Validation)>, NoduleError> {
    let mut results = Vec::with_capacity(n);
    for first in (0..n).step_by(threads) {
        let some: Vec<_> = std::thread::scope(|scope| {
            let running: Vec<_> = (first..n.min(first + threads))
                .map(|at| scope.spawn(move || train(at)))
                .collect();
            running.into_iter().map(std::thread::ScopedJoinHandle::join).collect()
        });
        for result in some {
            results.push(result.map_err(|_| NoduleError::Training("a network's thread stopped".into()))??);
        }
    }
    Ok(results)
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
