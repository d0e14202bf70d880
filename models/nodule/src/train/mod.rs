//! Training of the detector: one member per CT, each without that CT.
//!
//! Samples come from three domains, each with nodules and with what only looks like one: whole CTs (nodules of the
//! cohort pasted into their lungs; their candidates away from every annotated nodule), the cohort's own tiles
//! (nodules where they are; blobs beside them), and synthetic CTs of known truth.
//!
//! The operating point of a member comes from the other CTs, each judged by the member that has not seen it. Those
//! members have seen the CT that the point is for. With `scouts` not even they have: for each two CTs a network is
//! trained without both and judges both, and a member's point is the mean over the scouts that left its CT out too,
//! each on the other CT that it left out.

mod fit;
mod host;
mod known;
mod operate;
mod piece;
mod report;
mod rounds;
mod scene;
mod sources;
mod tile;

use std::path::Path;
use std::sync::Mutex;

use hilum_cohort::{Cohort, Folds, Nodule};
use hilum_domain::{Lps, Progress, Sha256};
use hilum_volume::Volume;

use crate::network::Network;
use crate::tensor_file::refused;
use crate::weight_file::{self, Header, MODEL, MemberHeader, series_digest};
use crate::{Detector, LungMask, NoduleError, segment_lungs};
use host::Host;
use known::Annotations;
use report::check;
pub use report::{DetectorReport, DetectorTrainConfig, MemberReport, ScoutReport, TrainedDetector};
use rounds::Rounds;
use sources::{Material, Shared};

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

/// Trains one member per CT.
///
/// `data_dir` is a cohort folder (`nodules.csv`, `slices.csv`, `img.tar`, `mask.tar.xz`); the development folds
/// are used, without the patients that are held back. `synthetic` may be empty. Members go on from those of
/// `start`, if there is one, each from the one that was trained on the same CTs.
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
/// let trained = train_detector("data/lidc_nodules".as_ref(), &volumes, &[], None, &config, &NoProgress)?;
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
    start: Option<&Detector>,
    config: &DetectorTrainConfig,
    progress: &dyn Progress,
) -> Result<TrainedDetector, NoduleError> {
    check(ct_series, config)?;
    let starts = starts(ct_series, start, config)?;
    progress.stage("reading the cohort", None);
    let cohort = Cohort::open_folds(data_dir, &Folds::Development)?;
    let annotations = Annotations::read(data_dir)?;
    let [training, kept_back] = materials(&cohort, &annotations, config, progress)?;

    progress.stage("preparing CTs", Some((ct_series.len() + synthetic.len()) as u64));
    let lungs = ct_series
        .iter()
        .chain(synthetic.iter().map(|ct| &ct.volume))
        .map(segment_lungs)
        .collect::<Result<Vec<LungMask>, _>>()?;
    let (lungs, synthetic_lungs) = lungs.split_at(ct_series.len());
    let mut hosts = Vec::new();
    for (volume, lungs) in ct_series.iter().zip(lungs) {
        let known = annotations.in_volume(volume, 1);
        let own = annotations.in_volume(volume, config.least_outlines);
        hosts.push(Host::new(volume, lungs, known, own));
        progress.advance(1);
    }
    let mut synthetic_hosts = Vec::new();
    for (ct, lungs) in synthetic.iter().zip(synthetic_lungs) {
        let nodules = || ct.nodules.clone();
        synthetic_hosts.push(Host::new(&ct.volume, lungs, nodules(), nodules()));
        progress.advance(1);
    }
    let shared = Shared {
        pieces: &training.pieces,
        tiles: &training.tiles,
        apertures: &training.apertures,
        synthetic: &synthetic_hosts,
    };
    let rounds = Rounds::train(&hosts, shared, &kept_back, starts, config, progress)?;

    let report = DetectorReport {
        config: config.clone(),
        started_from: start.map(|start| start.header().training.clone()),
        cohort_sha256: cohort.digest().clone(),
        pieces: [&training, &kept_back].map(|part| part.pieces.len()),
        tiles: [&training, &kept_back].map(|part| part.tiles.len()),
        beside: [&training, &kept_back].map(Material::places_beside),
        synthetic: [synthetic.len(), synthetic.iter().map(|ct| ct.nodules.len()).sum()],
        members: rounds.member_reports(config),
        scouts: rounds.scout_reports(),
        operating_point: rounds.together(config),
    };
    let digests: Vec<Sha256> = ct_series.iter().map(series_digest).collect();
    let headers = (report.members.iter().enumerate())
        .map(|(k, member)| MemberHeader {
            series_sha256: all_but(&digests, k),
            probability: member.probability,
        })
        .collect();
    let training = serde_json::to_value(&report).map_err(|error| refused(MODEL, &error))?;
    let header = Header::new(report.operating_point, headers, training);
    Ok(TrainedDetector {
        safetensors: weight_file::write(&header, &rounds.into_members())?,
        report,
    })
}

/// What is learnt from, and what is kept back.
fn materials(
    cohort: &Cohort,
    annotations: &Annotations,
    config: &DetectorTrainConfig,
    progress: &dyn Progress,
) -> Result<[Material; 2], NoduleError> {
    let usable = |nodule: &&Nodule| !nodule.is_held_back() && nodule.n_masks >= config.least_outlines;
    let (kept_back, training): (Vec<_>, Vec<_>) = cohort
        .nodules()
        .iter()
        .filter(usable)
        .partition(|nodule| nodule.fold == config.validation_fold);
    let parts = [training, kept_back].map(|nodules| Material::cut(&nodules, annotations));
    if parts.iter().any(|part| part.pieces.is_empty()) {
        return Err(NoduleError::Training(
            "the cohort gives no nodule to paste".into(),
        ));
    }
    for (what, part) in ["training", "kept back"].iter().zip(&parts) {
        progress.note(&format!(
            "{what}: {} nodules to paste, {} in their tiles, {} places beside them",
            part.pieces.len(),
            part.tiles.len(),
            part.places_beside()
        ));
    }
    Ok(parts)
}

fn all_but(digests: &[Sha256], k: usize) -> Vec<Sha256> {
    let mut others = digests.to_vec();
    others.remove(k);
    others
}

/// The networks that the members go on from, in the order of the CTs.
fn starts(
    ct_series: &[Volume],
    start: Option<&Detector>,
    config: &DetectorTrainConfig,
) -> Result<Vec<Mutex<Option<Network>>>, NoduleError> {
    let Some(start) = start else {
        return Ok(Vec::new());
    };
    if config.scouts {
        return Err(NoduleError::Training(
            "scouts have nothing to go on from: they need training from the start".into(),
        ));
    }
    let digests: Vec<Sha256> = ct_series.iter().map(series_digest).collect();
    (0..digests.len())
        .map(|k| {
            let member = start.member_trained_on(&all_but(&digests, k)).ok_or_else(|| {
                NoduleError::Training(format!(
                    "no member to go on from was trained on all these CTs but number {k}"
                ))
            })?;
            Ok(Mutex::new(Some(member.copy()?)))
        })
        .collect()
}
