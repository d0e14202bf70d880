//! Training of the segmenter: one member per development fold, each reported on the fold that it has not seen.

mod agreement;
mod checkpoint;
mod draw;
mod example;
mod fit;
mod tile;
mod vanish;

use std::collections::BTreeMap;
use std::path::Path;

use hilum_cohort::{Cohort, DEVELOPMENT_FOLDS, Split};
use hilum_domain::{Progress, Sha256};
use serde::{Deserialize, Serialize};

use crate::NoduleError;
use crate::segmenter::network::UNet;
use crate::segmenter::weight_file::{self, Header};
use agreement::LEAST_READERS;
use checkpoint::{Checkpoint, write_file};
use example::Example;
use fit::{Lessons, fit};
use tile::Tile;

pub use agreement::{AgreementRecord, OutlineRecord};
pub use draw::SegmenterJitter;
pub use fit::CurvePoint;
pub use tile::SyntheticNodule;

/// How a segmenter is trained. The default is what the shipped weights were trained with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SegmenterTrainConfig {
    /// Seed of everything random.
    pub seed: u64,
    /// Optimiser steps of each member.
    pub steps: usize,
    /// Samples per step.
    pub batch: usize,
    /// How often a sample shows a synthetic nodule.
    pub synthetic: f64,
    /// Share of the weights that a member goes on from in what comes out: between both, networks answer well on either
    /// data (Wortsman et al., Robust fine-tuning of zero-shot models, CVPR 2022).
    #[serde(skip_serializing_if = "is_none")]
    pub keep_start: f64,
    /// Highest learning rate; it falls to a hundredth along a cosine.
    pub learning_rate: f64,
    /// Pull of the weights towards zero, per step and learning rate.
    pub weight_decay: f64,
    /// Decay of the running average of the weights.
    pub average_decay: f64,
    /// Readers who must have outlined a nodule for it to be learned from.
    pub least_outlines: u8,
    /// Strength of the random looks.
    pub jitter: SegmenterJitter,
    /// Members, by the fold that they have not seen, that judge a CT that nobody was trained on.
    pub jury: Vec<u8>,
}

impl Default for SegmenterTrainConfig {
    fn default() -> Self {
        Self {
            seed: 30,
            steps: 4500,
            batch: 8,
            synthetic: 0.0,
            keep_start: 0.0,
            learning_rate: 2e-3,
            weight_decay: 1e-3,
            average_decay: 0.99,
            least_outlines: 2,
            jitter: SegmenterJitter::default(),
            jury: DEVELOPMENT_FOLDS.collect(),
        }
    }
}

/// One round.
#[derive(Debug, Clone, Serialize)]
pub struct SegmenterFold {
    /// Fold that is reported.
    pub fold: u8,
    /// Nodules learned from.
    pub train: usize,
    /// Nodules of three or more readers with a majority, reported.
    pub test: usize,
    /// Mean volume Dice with the majority.
    pub dice: f64,
    /// A reader's with the others.
    pub reader_dice: f64,
}

/// A whole run.
#[derive(Debug, Clone, Serialize)]
pub struct SegmenterRun {
    /// Digest of the cohort.
    pub data_sha256: Sha256,
    /// Synthetic nodules, and the digest of them all.
    pub synthetic: usize,
    /// See `synthetic`.
    pub synthetic_sha256: Sha256,
    /// Digest of the weights that the members went on from.
    pub start_sha256: Option<Sha256>,
    /// Configuration.
    pub config: SegmenterTrainConfig,
    /// Round by round.
    pub folds: Vec<SegmenterFold>,
    /// All folds together, each nodule by the member that has not seen it.
    pub agreement: AgreementRecord,
}

/// Trains one member per development fold of the cohort and reports each on the fold that it never saw.
///
/// All members learn from all `synthetic` nodules besides. Nothing is chosen on a reported fold: every member trains for
/// the same number of steps, and the level of an outline (more than half of the readers) is part of its definition.
/// Into `run_dir` go `member{f}.safetensors` as each is done, then `segmenter.safetensors` (all members, see
/// [`crate::Segmenter`]), `outlines.csv` ([`OutlineRecord`]), `curves.csv` and `segmenter.json` ([`SegmenterRun`]).
/// With `resume`, members that are done are taken from there, provided data, start and configuration are the same, and
/// the others go on from `start.safetensors`, a former `segmenter.safetensors`, where the folder holds one: each from
/// the member that has not seen its fold.
///
/// # Errors
/// [`NoduleError::Training`] for a configuration that trains nothing, and for a start without a member for a fold;
/// [`NoduleError::RunExists`] and [`NoduleError::StaleCheckpoint`] for a run folder with other members or, without
/// `resume`, a start; [`NoduleError::Weights`] for a damaged start; [`NoduleError::Io`] when the folder cannot be written.
pub fn train_segmenter(
    cohort: &Cohort,
    synthetic: &[SyntheticNodule],
    config: &SegmenterTrainConfig,
    run_dir: &Path,
    resume: bool,
    progress: &dyn Progress,
) -> Result<SegmenterRun, NoduleError> {
    check(config, synthetic)?;
    std::fs::create_dir_all(run_dir).map_err(|source| NoduleError::Io {
        path: run_dir.to_owned(),
        source,
    })?;
    let start = Start::read(&run_dir.join("start.safetensors"), resume)?;
    let start_sha256 = start.as_ref().map(|start| start.sha256.clone());
    let synthetic_sha256 = digest(synthetic);
    let bodies = synthetic
        .iter()
        .map(Tile::of_body)
        .collect::<Result<Vec<_>, _>>()?;
    let examples = examples(cohort, config, progress)?;
    let (mut members, mut folds, mut records, mut curves) = (vec![], vec![], vec![], vec![]);
    for fold in DEVELOPMENT_FOLDS {
        let (test, train): (Vec<usize>, Vec<usize>) = examples
            .keys()
            .partition(|&&index| cohort.nodules()[index].fold == fold);
        let split = Split::new(cohort.nodules(), train, Vec::new(), test)?;
        let of = |indices: &[usize]| indices.iter().map(|index| &examples[index]).collect::<Vec<_>>();
        let round = Round {
            config,
            run: checkpoint::run_digest(
                [cohort.digest(), &synthetic_sha256],
                start_sha256.as_ref(),
                config,
                fold,
            )?,
            lessons: Lessons {
                read: of(split.train()).iter().map(|example| &example.tile).collect(),
                synthetic: bodies.iter().collect(),
            },
            start: start.as_ref().map(|start| start.member(fold)).transpose()?,
            fold,
        };
        progress.stage(&format!("member {fold}"), Some(config.steps as u64));
        let (member, curve) = round.member(run_dir, resume, progress)?;
        if let Some(start) = round.start {
            member.keep(start, config.keep_start)?;
        }
        let found = outlines(&of(split.test()), &member)?;
        let mean =
            |value: fn(&OutlineRecord) -> f64| found.iter().map(value).sum::<f64>() / found.len() as f64;
        let record = SegmenterFold {
            fold,
            train: split.train().len(),
            test: found.len(),
            dice: mean(|record| record.dice),
            reader_dice: mean(|record| record.reader_dice),
        };
        progress.note(&format!(
            "fold {fold}: {} nodules, Dice {:.3}, readers {:.3}",
            record.test, record.dice, record.reader_dice
        ));
        folds.push(record);
        records.extend(found);
        write_file(&run_dir.join("outlines.csv"), &table(&records)?)?;
        curves.extend(curve.into_iter().map(|point| (fold, point)));
        members.push(member);
    }
    let run = SegmenterRun {
        data_sha256: cohort.digest().clone(),
        synthetic: synthetic.len(),
        synthetic_sha256,
        start_sha256,
        config: config.clone(),
        folds,
        agreement: AgreementRecord::of(&records)?,
    };
    let report = serde_json::to_value(&run).map_err(|error| weight_file::refused(&error))?;
    let header = Header::new(
        DEVELOPMENT_FOLDS.collect(),
        config.jury.iter().map(|&fold| usize::from(fold)).collect(),
        series(cohort, &examples),
        report.clone(),
    );
    write_file(
        &run_dir.join("segmenter.safetensors"),
        &weight_file::write(&header, &members)?,
    )?;
    let rows = curves.iter().map(|(fold, point)| CurveRow {
        fold: *fold,
        step: point.step,
        loss: point.loss,
        dice_loss: point.dice_loss,
    });
    write_file(&run_dir.join("curves.csv"), &table(&rows.collect::<Vec<_>>())?)?;
    write_file(
        &run_dir.join("segmenter.json"),
        format!("{report:#}\n").as_bytes(),
    )?;
    Ok(run)
}

/// A point of a curve in `curves.csv`.
#[derive(Serialize)]
struct CurveRow {
    fold: u8,
    step: usize,
    loss: f64,
    dice_loss: f64,
}

/// One round of cross-validation.
struct Round<'a> {
    config: &'a SegmenterTrainConfig,
    /// Digest of everything that decides the member.
    run: Sha256,
    lessons: Lessons<'a>,
    start: Option<&'a UNet>,
    fold: u8,
}

impl Round<'_> {
    /// The member of this round: trained, or taken from the run folder.
    fn member(
        &self,
        run_dir: &Path,
        resume: bool,
        progress: &dyn Progress,
    ) -> Result<(UNet, Vec<CurvePoint>), NoduleError> {
        let path = run_dir.join(format!("member{}.safetensors", self.fold));
        if path.exists() {
            if !resume {
                return Err(NoduleError::RunExists(path));
            }
            progress.advance(self.config.steps as u64);
            return Checkpoint::read(&path, &self.run);
        }
        let seed = self.config.seed.wrapping_mul(1000) + u64::from(self.fold);
        let (member, curve) = fit(&self.lessons, self.start, self.config, seed, progress)?;
        Checkpoint::new(self.run.clone(), curve.clone()).write(&path, &member)?;
        Ok((member, curve))
    }
}

/// Weights that the members go on from.
struct Start {
    sha256: Sha256,
    header: Header,
    members: Vec<UNet>,
}

impl Start {
    /// `None` without a file.
    fn read(path: &Path, resume: bool) -> Result<Option<Self>, NoduleError> {
        if !path.exists() {
            return Ok(None);
        }
        if !resume {
            return Err(NoduleError::RunExists(path.to_owned()));
        }
        let bytes = std::fs::read(path).map_err(|source| NoduleError::Io {
            path: path.to_owned(),
            source,
        })?;
        let (header, members) = weight_file::read(&bytes)?;
        Ok(Some(Self {
            sha256: Sha256::of(&bytes),
            header,
            members,
        }))
    }

    /// The member that has not seen a fold.
    fn member(&self, fold: u8) -> Result<&UNet, NoduleError> {
        let at = self.header.members.iter().position(|&member| member == fold);
        at.and_then(|at| self.members.get(at))
            .ok_or_else(|| NoduleError::Training(format!("the start has no member without fold {fold}")))
    }
}

/// Digest of synthetic nodules.
fn digest(synthetic: &[SyntheticNodule]) -> Sha256 {
    let bytes = synthetic.iter().map(|nodule| {
        let hu = nodule.hu.iter().flat_map(|hu| hu.to_le_bytes());
        let share = nodule.share.iter().flat_map(|share| share.to_le_bytes());
        hu.chain(share).collect::<Vec<u8>>()
    });
    let bytes: Vec<Vec<u8>> = bytes.collect();
    Sha256::of_parts(bytes.iter().map(Vec::as_slice))
}

/// The nodules that are learned from or reported, by index.
fn examples<'a>(
    cohort: &'a Cohort,
    config: &SegmenterTrainConfig,
    progress: &dyn Progress,
) -> Result<BTreeMap<usize, Example<'a>>, NoduleError> {
    let usable = cohort.nodules().iter().enumerate().filter(|(_, nodule)| {
        DEVELOPMENT_FOLDS.contains(&nodule.fold)
            && !nodule.is_held_back()
            && nodule.n_masks >= config.least_outlines
    });
    progress.stage("reading outlines", None);
    usable
        .map(|(index, nodule)| Ok((index, Example::new(nodule)?)))
        .collect()
}

/// What a member makes of the nodules of its fold.
fn outlines(examples: &[&Example<'_>], member: &UNet) -> Result<Vec<OutlineRecord>, NoduleError> {
    let mut records = Vec::new();
    for example in examples
        .iter()
        .filter(|example| example.readers() >= LEAST_READERS)
    {
        records.extend(OutlineRecord::of(example, member)?);
    }
    Ok(records)
}

/// Fold of each series that a member may have seen.
fn series(cohort: &Cohort, examples: &BTreeMap<usize, Example<'_>>) -> BTreeMap<String, u8> {
    examples
        .keys()
        .filter_map(|&index| {
            let nodule = &cohort.nodules()[index];
            let series = Sha256::of(nodule.series_uid.as_ref()?.as_str().as_bytes());
            Some((series.as_str().to_owned(), nodule.fold))
        })
        .collect()
}

fn table(rows: &[impl Serialize]) -> Result<Vec<u8>, NoduleError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.serialize(row)?;
    }
    writer
        .into_inner()
        .map_err(|error| NoduleError::Table(error.into_error().into()))
}

/// Nothing of the start is kept.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_none(keep_start: &f64) -> bool {
    *keep_start == 0.0
}

fn check(config: &SegmenterTrainConfig, synthetic: &[SyntheticNodule]) -> Result<(), NoduleError> {
    let refuse = |why: String| Err(NoduleError::Training(why));
    if config.steps == 0 || config.batch == 0 {
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
    if !(0.0..1.0).contains(&config.synthetic) || (config.synthetic > 0.0) == synthetic.is_empty() {
        return refuse(format!(
            "{} of the samples are to be synthetic, and there are {} such nodules",
            config.synthetic,
            synthetic.len()
        ));
    }
    if !(0.0..1.0).contains(&config.keep_start) {
        return refuse(format!("{} of the start cannot be kept", config.keep_start));
    }
    if config.least_outlines == 0 {
        return refuse("a nodule that nobody outlined teaches nothing".into());
    }
    if let Some(fold) = config.jury.iter().find(|fold| !DEVELOPMENT_FOLDS.contains(fold)) {
        return refuse(format!("fold {fold} has no member that could judge"));
    }
    if config.jury.is_empty() {
        return refuse("nobody would judge a CT: the jury is empty".into());
    }
    Ok(())
}
