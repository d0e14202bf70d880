//! Which nodules are reported, which are trained on, and what their label is.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::Nodule;

/// Folds of development: training and out-of-fold results. All others stay closed until they are asked for.
pub const DEVELOPMENT_FOLDS: RangeInclusive<u8> = 0..=6;

/// Patients whose whole CTs are shown as results; no model shown on them may have seen them.
pub const HELD_BACK_PATIENTS: [&str; 3] = ["LIDC-IDRI-0001", "LIDC-IDRI-0003", "LIDC-IDRI-0028"];

/// What the readers thought, by the median of their malignancy ratings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// Median below 3.
    Benign,
    /// Median exactly 3.
    Indeterminate,
    /// Median above 3.
    Malignant,
}

impl Nodule {
    /// The label by the readers' median; `None` without a reading.
    pub fn label(&self) -> Option<Label> {
        let median = self.malignancy_median()?;
        Some(if median < 3.0 {
            Label::Benign
        } else if median > 3.0 {
            Label::Malignant
        } else {
            Label::Indeterminate
        })
    }

    /// Whether the patient is one of [`HELD_BACK_PATIENTS`].
    pub fn is_held_back(&self) -> bool {
        HELD_BACK_PATIENTS.contains(&self.patient.as_str())
    }
}

/// A rule that picks nodules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Selection {
    /// Three or more readers and a median other than 3: the nodules that results are reported on.
    Min3No3,
    /// Any number of readers, a median other than 3.
    AllNo3,
    /// Every nodule with a reading, of a patient who is not held back: what may be trained on.
    Trainable,
    /// Every nodule.
    All,
}

impl Selection {
    /// Whether the rule picks this nodule.
    pub fn picks(self, nodule: &Nodule) -> bool {
        let decided = || nodule.label().is_some_and(|label| label != Label::Indeterminate);
        match self {
            Self::Min3No3 => nodule.n_readers() >= 3 && decided(),
            Self::AllNo3 => decided(),
            Self::Trainable => nodule.n_readers() > 0 && !nodule.is_held_back(),
            Self::All => true,
        }
    }
}
