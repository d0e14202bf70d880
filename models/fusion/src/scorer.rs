//! The trained ensemble at work.

use std::collections::BTreeMap;
use std::time::Duration;

use hilum_cohort::Characteristic;
use hilum_domain::{
    Abstention, Band, Characteristics, Modalities, ModalityShare, Reason, ReasonCode, Sha256, Target, Uid,
};
use hilum_imaging::{CtConfig, NoduleCrop};
use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};
use tch::Device;

use crate::calibration::sigmoid;
use crate::config::CT;
use crate::member::{Answer, Member};
use crate::target::rating;
use crate::{FusionConfig, FusionError, Platt, TrainingRange, checkpoint};

/// Key of the metadata entry that holds the [`ScorerCard`].
pub(crate) const CARD_KEY: &str = "hilum.scorer";

/// What a weight file says about itself, as JSON in its metadata.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScorerCard {
    /// Version of the model.
    pub version: String,
    /// What the probability is a probability of.
    pub target: Target,
    /// Share of positives among the nodules that it was calibrated on.
    pub training_prevalence: f64,
    /// Probabilities that bound the bands low, intermediate, high: 95 % sensitivity and 95 % specificity on
    /// validation answers, averaged over members.
    pub band_limits: [f64; 2],
    /// Shape of the CT encoder.
    pub ct: CtConfig,
    /// Shape of the fusion network.
    pub fusion: FusionConfig,
    /// What the training crops looked like.
    pub range: TrainingRange,
    /// The members, in the order of their prefixes.
    pub members: Vec<MemberCard>,
    /// Fold of every series of the training data, by the first 16 characters of the SHA-256 of its UID.
    pub series: BTreeMap<String, u8>,
    /// Digest of the training data.
    pub data_sha256: Sha256,
}

/// One member in the card.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberCard {
    /// Fold that it never saw.
    pub test_fold: u8,
    /// Fold that it did not learn from and that its answers for go into calibration.
    pub validation_fold: u8,
    /// Its calibration.
    pub calibration: Platt,
}

/// The score of one nodule.
#[derive(Debug, Clone, PartialEq)]
pub struct NoduleScore {
    /// Mean of the members' calibrated probabilities.
    pub probability: f64,
    /// Lowest and highest member.
    pub interval: [f64; 2],
    /// Band by the card's limits.
    pub band: Band,
    /// The characteristics as the members read them, on their own scales.
    pub characteristics: Characteristics,
    /// Share of each modality. With one modality the gate's weight cancels and says nothing.
    pub modalities: Modalities,
    /// Place of the nodule in the shared space of the file's first member, whichever members scored.
    pub embedding: Vec<f32>,
    /// What each member said.
    pub members: Vec<MemberScore>,
    /// Set when the model does not commit itself; the numbers above are then for the record only.
    pub abstained: Option<Abstention>,
    /// What a reader of the score should know.
    pub warnings: Vec<Reason>,
    /// Time spent in the encoders of all members.
    pub encode_time: Duration,
    /// Time spent in their fusion networks.
    pub fuse_time: Duration,
}

/// One member's part of a score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MemberScore {
    /// Fold that the member never saw, which is its name.
    pub test_fold: u8,
    /// Its calibrated probability.
    pub probability: f64,
}

/// The ensemble. It can be sent to another thread, but each thread that scores needs its own.
///
/// Weights: safetensors, f32, keys `member{f}.` followed by the keys of `ct.*` ([`hilum_imaging::CtEncoder`]) and
/// `fusion.*` ([`crate::FusionNet`]); metadata `hilum.scorer` holds the [`ScorerCard`].
#[derive(Debug)]
pub struct Scorer {
    members: Vec<Member>,
    card: ScorerCard,
}

impl Scorer {
    /// Reads and checks a weight file (every tensor there with its shape, none besides, all finite) and puts it on
    /// `device`.
    pub fn from_safetensors(bytes: &[u8], device: Device) -> Result<Self, FusionError> {
        let card: ScorerCard = checkpoint::read_card(bytes, CARD_KEY)?;
        card.check()?;
        let file = SafeTensors::deserialize(bytes)?;
        let prefixes: Vec<String> = card.members.iter().map(|m| member_prefix(m.test_fold)).collect();
        let foreign = |name: &&str| !prefixes.iter().any(|prefix| name.starts_with(prefix.as_str()));
        if let Some(name) = file.names().into_iter().find(|name| foreign(name)) {
            return Err(FusionError::SurplusTensor(name.to_owned()));
        }
        let mut members = Vec::with_capacity(prefixes.len());
        for prefix in &prefixes {
            let mut member = Member::new(card.ct, card.fusion.clone(), device)?;
            member.load(&file, prefix)?;
            members.push(member);
        }
        Ok(Self { members, card })
    }

    /// What the weight file says about itself.
    pub const fn card(&self) -> &ScorerCard {
        &self.card
    }

    /// What the probability is a probability of.
    pub const fn target(&self) -> Target {
        self.card.target
    }

    /// Scores one nodule. When `series` was part of the training data, only the member that never saw its fold
    /// answers, and a warning says so.
    pub fn score(&self, crop: &NoduleCrop, series: Option<&Uid>) -> Result<NoduleScore, FusionError> {
        let seen_in = series
            .and_then(|uid| self.card.series.get(&series_key(uid)))
            .copied();
        let (mut answers, mut members) = (Vec::new(), Vec::new());
        for (member, card) in self.members.iter().zip(&self.card.members) {
            if seen_in.is_none_or(|fold| fold == card.test_fold) {
                let answer = member.answers(&[crop])?.swap_remove(0);
                members.push(MemberScore {
                    test_fold: card.test_fold,
                    probability: card.calibration.probability(answer.logits[0]),
                });
                answers.push(answer);
            }
        }
        if members.is_empty() {
            return Err(FusionError::CardContent("no member is without the series' fold"));
        }
        let embedding = match seen_in {
            Some(fold) if fold != self.card.members[0].test_fold => {
                self.members[0].answers(&[crop])?.swap_remove(0).feature
            }
            _ => answers[0].feature.clone(),
        };
        let probabilities = members.iter().map(|member| member.probability);
        let probability = probabilities.clone().sum::<f64>() / members.len() as f64;
        let lowest = probabilities.clone().fold(1.0, f64::min);
        let highest = probabilities.fold(0.0, f64::max);
        let left_out = self.members.len() - members.len();
        Ok(NoduleScore {
            encode_time: answers.iter().map(|answer| answer.elapsed[0]).sum(),
            fuse_time: answers.iter().map(|answer| answer.elapsed[1]).sum(),
            probability,
            interval: [lowest, highest],
            band: self.card.band(probability),
            characteristics: characteristics(&answers),
            modalities: Modalities::from([(CT.to_owned(), share(&answers))]),
            embedding,
            members,
            abstained: self.abstention(crop, lowest, highest),
            warnings: (left_out > 0)
                .then(|| left_out_warning(left_out))
                .into_iter()
                .collect(),
        })
    }

    fn abstention(&self, crop: &NoduleCrop, lowest: f64, highest: f64) -> Option<Abstention> {
        let unlike = self.card.range.check(crop);
        unlike.or_else(|| {
            let [low, high] = self.card.band_limits;
            (lowest < low && highest >= high).then(|| {
                Reason::new(
                    ReasonCode::Uncertain,
                    format!("members disagree from low ({lowest:.2}) to high ({highest:.2})"),
                )
            })
        })
    }
}

impl ScorerCard {
    /// The band of a probability.
    pub fn band(&self, probability: f64) -> Band {
        let [low, high] = self.band_limits;
        if probability < low {
            Band::Low
        } else if probability >= high {
            Band::High
        } else {
            Band::Intermediate
        }
    }

    fn check(&self) -> Result<(), FusionError> {
        let share = |p: f64| p > 0.0 && p < 1.0;
        let [low, high] = self.band_limits;
        let refuse = |what| Err(FusionError::CardContent(what));
        if self.members.is_empty() || self.members.len() > 64 {
            return refuse("1 to 64 members are expected");
        }
        if !(share(self.training_prevalence) && share(low) && high >= low && high <= 1.0) {
            return refuse("prevalence and rising band limits are expected between 0 and 1");
        }
        if self.fusion.questions.len() != 1 + Characteristic::ALL.len() {
            return refuse("malignancy and eight characteristics are expected as questions");
        }
        let platt = |m: &MemberCard| m.calibration.slope > 0.0 && m.calibration.intercept.is_finite();
        if !self.members.iter().all(platt) {
            return refuse("each member's calibration is expected to rise");
        }
        Ok(())
    }
}

/// Prefix of a member's keys.
pub(crate) fn member_prefix(test_fold: u8) -> String {
    format!("member{test_fold}.")
}

/// What stands for a series in the card.
pub(crate) fn series_key(uid: &Uid) -> String {
    Sha256::of(uid.as_str().as_bytes()).as_str()[..16].to_owned()
}

fn characteristics(answers: &[Answer]) -> Characteristics {
    let read = |characteristic: Characteristic| {
        let answers = answers
            .iter()
            .map(|answer| sigmoid(answer.logits[1 + characteristic as usize]));
        let n = answers.len() as f64;
        rating(characteristic, answers.sum::<f64>() / n)
    };
    Characteristics {
        texture: read(Characteristic::Texture),
        margin: read(Characteristic::Margin),
        spiculation: read(Characteristic::Spiculation),
        lobulation: read(Characteristic::Lobulation),
        sphericity: read(Characteristic::Sphericity),
        calcification: read(Characteristic::Calcification),
        internal_structure: read(Characteristic::InternalStructure),
        subtlety: read(Characteristic::Subtlety),
    }
}

fn share(answers: &[Answer]) -> ModalityShare {
    let sum: f64 = answers.iter().map(|answer| answer.alpha).sum();
    ModalityShare {
        present: true,
        weight: Some(sum / answers.len() as f64),
        score_without: None,
    }
}

fn left_out_warning(left_out: usize) -> Reason {
    Reason::new(
        ReasonCode::TrainingMemberLeftOut,
        format!("{left_out} members had this series in training or calibration and were left out"),
    )
}
