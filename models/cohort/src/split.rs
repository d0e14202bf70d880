//! Division of a cohort into training, validation and test, by patient.

use std::collections::BTreeMap;

use crate::{Cohort, Nodule, Selection};

/// Indices into [`Cohort::nodules`], in three parts that share no patient. There is no other way to build one
/// than through the check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    train: Vec<usize>,
    validation: Vec<usize>,
    test: Vec<usize>,
}

/// Why a division was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SplitError {
    /// One patient on two sides.
    #[error("nodules {first} and {second} are of one patient, but in parts {first_part} and {second_part}")]
    PatientInTwoParts {
        /// One nodule.
        first: String,
        /// Its part.
        first_part: &'static str,
        /// The other nodule.
        second: String,
        /// Its part.
        second_part: &'static str,
    },
    /// An index outside the cohort.
    #[error("index {index} is outside a cohort of {len} nodules")]
    OutOfRange {
        /// The index.
        index: usize,
        /// Size of the cohort.
        len: usize,
    },
    /// Training on a patient whose CT is shown as a result.
    #[error("nodule {0} is of a patient who is kept out of training")]
    HeldBack(String),
    /// Validation and test fold are one.
    #[error("fold {0} cannot be validation and test at once")]
    SameFold(u8),
}

impl Split {
    /// Checks a division. Nodules may be left out of all parts; a part may be empty.
    pub fn new(
        nodules: &[Nodule],
        train: Vec<usize>,
        validation: Vec<usize>,
        test: Vec<usize>,
    ) -> Result<Self, SplitError> {
        let mut part_of: BTreeMap<&str, (&'static str, &str)> = BTreeMap::new();
        for (part, indices) in [("train", &train), ("validation", &validation), ("test", &test)] {
            for &index in indices {
                let nodule = nodules.get(index).ok_or(SplitError::OutOfRange {
                    index,
                    len: nodules.len(),
                })?;
                if part != "test" && nodule.is_held_back() {
                    return Err(SplitError::HeldBack(nodule.id.clone()));
                }
                let (first_part, first) = *part_of.entry(&nodule.patient).or_insert((part, &nodule.id));
                if first_part != part {
                    return Err(SplitError::PatientInTwoParts {
                        first: first.to_owned(),
                        first_part,
                        second: nodule.id.clone(),
                        second_part: part,
                    });
                }
            }
        }
        Ok(Self {
            train,
            validation,
            test,
        })
    }

    /// One round of cross-validation: `test_fold` for testing, `validation_fold` for calibration and thresholds,
    /// the other folds of the cohort for training. Training and validation take what is
    /// [`Selection::Trainable`].
    pub fn round(cohort: &Cohort, test_fold: u8, validation_fold: u8) -> Result<Self, SplitError> {
        if test_fold == validation_fold {
            return Err(SplitError::SameFold(test_fold));
        }
        let (mut train, mut validation, mut test) = (Vec::new(), Vec::new(), Vec::new());
        for (index, nodule) in cohort.nodules().iter().enumerate() {
            if nodule.fold == test_fold {
                test.push(index);
            } else if !Selection::Trainable.picks(nodule) {
                // Without a reading, or held back: neither taught nor calibrated on.
            } else if nodule.fold == validation_fold {
                validation.push(index);
            } else {
                train.push(index);
            }
        }
        Self::new(cohort.nodules(), train, validation, test)
    }

    /// To learn from.
    pub fn train(&self) -> &[usize] {
        &self.train
    }

    /// To choose, calibrate and set thresholds on.
    pub fn validation(&self) -> &[usize] {
        &self.validation
    }

    /// To report on.
    pub fn test(&self) -> &[usize] {
        &self.test
    }
}
