//! Cross-validation over the development folds: one member per fold, and what the ensemble may claim.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use hilum_cohort::{Cohort, Label, Nodule, Selection, Split};
use hilum_domain::{Progress, Sha256, Target};
use hilum_imaging::NoduleCrop;
use hilum_validation::{threshold_at_sensitivity, threshold_at_specificity};
use safetensors::SafeTensors;
use tch::Device;

use crate::member::Member;
use crate::record::{predictions_csv, write_file};
use crate::scorer::{CARD_KEY, ScorerCard, member_prefix, series_key};
use crate::train::{Sample, train_member};
use crate::{
    AucRecord, FoldRecord, FusionError, MemberCard, Platt, PooledRecord, Prediction, RunRecord, TrainConfig,
    TrainingRange, checkpoint,
};

/// Key of the metadata entry of one member's checkpoint.
const RUN_KEY: &str = "hilum.run";

/// Trains one member per development fold of the cohort and reports each on the fold that it never saw.
///
/// Round `f` reports on fold `f`, keeps the next fold for validation, and learns from the others. Calibration and
/// limits of member `f` come from all members' answers on their validation folds, without the nodules of fold `f`. Into
/// `run_dir` go `member{f}.safetensors` as each is done, then `scorer.safetensors` (all members, see
/// [`crate::Scorer`]), `predictions.csv` ([`Prediction`]) and `run.json` ([`RunRecord`]). With `resume`, members that
/// are done are taken from there, provided data and configuration are the same.
pub fn train_ct(
    cohort: &Cohort,
    config: &TrainConfig,
    run_dir: &Path,
    resume: bool,
    progress: &dyn Progress,
) -> Result<RunRecord, FusionError> {
    config.check()?;
    std::fs::create_dir_all(run_dir).map_err(|source| FusionError::Io {
        path: run_dir.to_owned(),
        source,
    })?;
    let crops = crops(cohort, progress)?;
    let development = cohort.nodules().iter().filter(|nodule| nodule.fold <= 6);
    let folds: Vec<u8> = development
        .map(|nodule| nodule.fold)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let mut outcomes = Vec::with_capacity(folds.len());
    for (n, &test_fold) in folds.iter().enumerate() {
        let validation_fold = folds[(n + 1) % folds.len()];
        let split = Split::round(cohort, test_fold, validation_fold)?;
        let round = Round {
            cohort,
            crops: &crops,
            config,
            split,
            test_fold,
            validation_fold,
        };
        progress.stage(&format!("member {test_fold}"), Some(config.epochs as u64));
        outcomes.push(round.outcome(run_dir, resume, progress)?);
    }
    let (mut members, mut cards, mut records, mut predictions) = (vec![], vec![], vec![], vec![]);
    for outcome in &outcomes {
        let (card, record) = outcome.report(&outcomes, &mut predictions)?;
        progress.note(&format!(
            "fold {}: AUC {:.3}, without diameter {:.3}",
            outcome.test_fold, record.test.auc, record.test_without_diameter.auc
        ));
        members.push((member_prefix(outcome.test_fold), &outcome.member));
        cards.push(card);
        records.push(record);
    }
    let pooled = PooledRecord::of(&predictions)?;
    progress.note(&format!(
        "pooled: AUC {:.4} [{:.4}, {:.4}], without diameter {:.4}, diameter alone {:.4}, p {:.4}",
        pooled.auc.auc,
        pooled.auc.lo,
        pooled.auc.hi,
        pooled.auc_without_diameter.auc,
        pooled.against_diameter.diameter.auc,
        pooled.against_diameter.p
    ));

    let prevalence = pooled.auc.positives as f64 / pooled.auc.n as f64;
    let mean = |limit: fn(&FoldRecord) -> f64| records.iter().map(limit).sum::<f64>() / records.len() as f64;
    let card = ScorerCard {
        version: config.version.clone(),
        target: Target::ReaderConsensus,
        training_prevalence: prevalence,
        band_limits: [mean(|record| record.low_limit), mean(|record| record.high_limit)],
        ct: config.ct,
        fusion: config.fusion()?,
        range: TrainingRange::of(crops.values())
            .ok_or(FusionError::CardContent("no diameter in training"))?,
        members: cards,
        series: series(cohort),
        data_sha256: cohort.digest().clone(),
    };
    let weights = checkpoint::write(&members, CARD_KEY, &card)?;
    let run = RunRecord {
        data_sha256: cohort.digest().clone(),
        weights_sha256: Sha256::of(&weights),
        config: config.clone(),
        prevalence,
        folds: records,
        pooled,
    };
    write_file(&run_dir.join("scorer.safetensors"), &weights)?;
    write_file(&run_dir.join("predictions.csv"), &predictions_csv(&predictions)?)?;
    let json = serde_json::to_vec_pretty(&run).map_err(FusionError::Record)?;
    write_file(&run_dir.join("run.json"), &json)?;
    Ok(run)
}

/// Crops of all nodules of the development folds that may be trained on, by index. A nodule whose HU cannot be
/// estimated has none; how many is told.
fn crops(cohort: &Cohort, progress: &dyn Progress) -> Result<BTreeMap<usize, NoduleCrop>, FusionError> {
    let usable: Vec<usize> = cohort
        .select(Selection::Trainable)
        .into_iter()
        .filter(|&index| cohort.nodules()[index].fold <= 6)
        .collect();
    progress.stage("crops", Some(usable.len() as u64));
    let mut crops = BTreeMap::new();
    for &index in &usable {
        crops.insert(index, NoduleCrop::from_nodule(&cohort.nodules()[index])?);
        progress.advance(1);
    }
    Ok(crops)
}

/// Fold of each series that a member may have seen, by the series' key.
fn series(cohort: &Cohort) -> BTreeMap<String, u8> {
    cohort
        .select(Selection::Trainable)
        .into_iter()
        .filter_map(|index| {
            let nodule = &cohort.nodules()[index];
            Some((series_key(nodule.series_uid.as_ref()?), nodule.fold))
        })
        .collect()
}

/// One round of cross-validation.
struct Round<'a> {
    cohort: &'a Cohort,
    crops: &'a BTreeMap<usize, NoduleCrop>,
    config: &'a TrainConfig,
    split: Split,
    test_fold: u8,
    validation_fold: u8,
}

/// What came out of one round, before calibration.
struct Outcome<'a> {
    member: Member,
    test_fold: u8,
    validation_fold: u8,
    train: usize,
    /// The reported kind of nodules of the validation fold.
    validation: Vec<Answered<'a>>,
    /// All nodules of the test fold that have a label.
    test: Vec<Answered<'a>>,
}

/// A nodule with its uncalibrated answers.
struct Answered<'a> {
    nodule: &'a Nodule,
    label: Label,
    logit: f64,
    logit_without_diameter: f64,
}

impl<'a> Round<'a> {
    fn samples(&self, indices: &[usize]) -> Vec<Sample<'a>> {
        let nodules = self.cohort.nodules();
        indices
            .iter()
            .filter_map(|index| {
                Some(Sample {
                    nodule: &nodules[*index],
                    crop: self.crops.get(index)?,
                })
            })
            .collect()
    }

    /// The member of this round: trained, or taken from the run folder.
    fn member(&self, run_dir: &Path, resume: bool, progress: &dyn Progress) -> Result<Member, FusionError> {
        let test_fold = self.test_fold;
        let path = run_dir.join(format!("member{test_fold}.safetensors"));
        let config = serde_json::to_vec(self.config).map_err(FusionError::Record)?;
        let digest = self.cohort.digest().as_str().as_bytes();
        let run = Sha256::of_parts([digest, &config, &[test_fold]]);
        if path.exists() {
            if !resume {
                return Err(FusionError::RunExists(path));
            }
            let bytes = std::fs::read(&path).map_err(|source| FusionError::Io {
                path: path.clone(),
                source,
            })?;
            if checkpoint::read_card::<Sha256>(&bytes, RUN_KEY)? != run {
                return Err(FusionError::StaleCheckpoint(path));
            }
            let mut member = Member::new(self.config.ct, self.config.fusion()?, Device::Cpu)?;
            member.load(&SafeTensors::deserialize(&bytes)?, "")?;
            progress.advance(self.config.epochs as u64);
            return Ok(member);
        }
        let seed = self.config.seed.wrapping_mul(1000) + u64::from(test_fold);
        let member = train_member(self.config, &self.samples(self.split.train()), seed, progress)?;
        write_file(
            &path,
            &checkpoint::write(&[(String::new(), &member)], RUN_KEY, &run)?,
        )?;
        Ok(member)
    }

    /// Trains, then answers for the two folds that were not learned from.
    fn outcome(
        &self,
        run_dir: &Path,
        resume: bool,
        progress: &dyn Progress,
    ) -> Result<Outcome<'a>, FusionError> {
        let member = self.member(run_dir, resume, progress)?;
        let mut validation = self.samples(self.split.validation());
        validation.retain(|sample| Selection::Min3No3.picks(sample.nodule));
        Ok(Outcome {
            validation: answered(&member, &validation)?,
            test: answered(&member, &self.samples(self.split.test()))?,
            member,
            test_fold: self.test_fold,
            validation_fold: self.validation_fold,
            train: self.split.train().len(),
        })
    }
}

fn answered<'a>(member: &Member, samples: &[Sample<'a>]) -> Result<Vec<Answered<'a>>, FusionError> {
    let bare: Vec<NoduleCrop> = samples
        .iter()
        .map(|sample| sample.crop.clone().with_diameter(None))
        .collect::<Result<_, _>>()?;
    let with = malignancy_logits(member, samples.iter().map(|sample| sample.crop))?;
    let without = malignancy_logits(member, &bare)?;
    let answers = samples.iter().zip(with).zip(without);
    Ok(answers
        .filter_map(|((sample, logit), logit_without_diameter)| {
            Some(Answered {
                nodule: sample.nodule,
                label: sample.nodule.label()?,
                logit,
                logit_without_diameter,
            })
        })
        .collect())
}

/// Uncalibrated answers to the question of malignancy.
fn malignancy_logits<'a>(
    member: &Member,
    crops: impl IntoIterator<Item = &'a NoduleCrop>,
) -> Result<Vec<f64>, FusionError> {
    let crops: Vec<&NoduleCrop> = crops.into_iter().collect();
    let answers = member.answers(&crops)?;
    Ok(answers.into_iter().map(|answer| answer.logits[0]).collect())
}

impl Outcome<'_> {
    /// Calibrates and sets limits, then predicts the test fold.
    ///
    /// One validation fold of some eighty nodules makes a shaky calibration, so all members' validation answers are
    /// put together, each on a fold that the answering member did not learn from, and the nodules of this member's
    /// test fold are left out. What is reported thus never enters its own calibration.
    fn report(
        &self,
        all: &[Self],
        predictions: &mut Vec<Prediction>,
    ) -> Result<(MemberCard, FoldRecord), FusionError> {
        let known = all.iter().flat_map(|outcome| &outcome.validation);
        let (logits, labels): (Vec<f64>, Vec<bool>) = known
            .filter(|answered| answered.nodule.fold != self.test_fold)
            .map(|answered| (answered.logit, answered.label == Label::Malignant))
            .unzip();
        let calibration = Platt::fit(&logits, &labels)?;
        let calibrated: Vec<f64> = logits.iter().map(|&z| calibration.probability(z)).collect();
        let low_limit = threshold_at_sensitivity(&calibrated, &labels, 0.95)?;
        // On little data the two limits can cross; then there is no middle band.
        let high_limit = threshold_at_specificity(&calibrated, &labels, 0.95)?.max(low_limit);

        let test = self.test.iter().map(|answered| {
            let probability = calibration.probability(answered.logit);
            Prediction {
                id: answered.nodule.id.clone(),
                patient: answered.nodule.patient.clone(),
                fold: answered.nodule.fold,
                label: answered.label,
                reported: Selection::Min3No3.picks(answered.nodule),
                readers: answered.nodule.n_readers(),
                probability,
                probability_without_diameter: calibration.probability(answered.logit_without_diameter),
                eq_diam_mm: answered.nodule.eq_diam_mm,
                above_low_limit: probability >= low_limit,
                above_high_limit: probability >= high_limit,
            }
        });
        let test: Vec<Prediction> = test.collect();
        let reported: Vec<&Prediction> = test.iter().filter(|p| p.reported).collect();
        let malignant: Vec<bool> = reported.iter().map(|p| p.label == Label::Malignant).collect();
        let auc = |score: fn(&Prediction) -> f64| {
            let scores: Vec<f64> = reported.iter().map(|p| score(p)).collect();
            AucRecord::of(&scores, &malignant)
        };
        let record = FoldRecord {
            test_fold: self.test_fold,
            validation_fold: self.validation_fold,
            train: self.train,
            calibrated_on: labels.len(),
            calibration,
            low_limit,
            high_limit,
            validation: AucRecord::of(&calibrated, &labels)?,
            test: auc(|p| p.probability)?,
            test_without_diameter: auc(|p| p.probability_without_diameter)?,
        };
        predictions.extend(test);
        let card = MemberCard {
            test_fold: self.test_fold,
            validation_fold: self.validation_fold,
            calibration,
        };
        Ok((card, record))
    }
}
