//! What can go wrong between a volume and its nodules.

use std::path::PathBuf;

use hilum_cohort::{CohortError, SplitError};
use hilum_domain::{Lps, ReasonCode};
use hilum_imaging::CropError;
use hilum_validation::StatsError;
use tch::TchError;

/// Why lungs, nodules or measurements cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum NoduleError {
    /// Nothing in the volume looks like lungs.
    #[error(
        "no lungs found: {found_ml:.0} ml of enclosed aerated tissue, at least {needed_ml:.0} ml expected"
    )]
    NoLungs {
        /// Aerated volume that was found.
        found_ml: f64,
        /// Least volume that counts as lungs.
        needed_ml: f64,
    },
    /// The seed is not inside the volume.
    #[error("seed {seed:?} (LPS mm) is outside the volume")]
    SeedOutside {
        /// The seed.
        seed: Lps,
    },
    /// Nothing at the seed can be outlined.
    #[error("nothing to outline at seed {seed:?} (LPS mm): {why}")]
    SeedNotOnNodule {
        /// The seed.
        seed: Lps,
        /// What was there instead.
        why: &'static str,
    },
    /// A mask without a voxel.
    #[error("the segmentation holds no voxel")]
    EmptySegmentation,
    /// A mask that does not fit its volume.
    #[error("the segmentation reaches to voxel {reaches:?}, the volume has {size:?} (column, row, slice)")]
    SegmentationBeyondVolume {
        /// One past the last voxel of the bounding box.
        reaches: [usize; 3],
        /// Columns, rows, slices.
        size: [usize; 3],
    },
    /// A weight file is not what a model expects.
    #[error("{model} weights: {why}")]
    Weights {
        /// Which model.
        model: &'static str,
        /// What is wrong.
        why: String,
    },
    /// Every member of the detector has seen this series in training.
    #[error("every member of the detector was trained on this series")]
    NoMemberLeft,
    /// A network answered with NaN or infinity.
    #[error("a network answered with a value that is not finite")]
    NonFinite,
    /// libtorch refused an operation.
    #[error("libtorch refused an operation")]
    Torch(#[from] TchError),
    /// The thread of the segmenter could not be started.
    #[error("the thread of the segmenter could not be started: {0}")]
    Thread(String),
    /// The training cohort cannot be read.
    #[error("training cohort")]
    Cohort(#[from] CohortError),
    /// The table of nodule positions cannot be read.
    #[error("{} is not a readable table of nodule positions: {why}", path.display())]
    Positions {
        /// Which file.
        path: PathBuf,
        /// What is wrong, by row or column.
        why: String,
    },
    /// Training cannot start with what was given.
    #[error("training: {0}")]
    Training(String),
    /// A training tile has no usable form.
    #[error("training crop")]
    Crop(#[from] CropError),
    /// One patient would be on two sides of the training.
    #[error("division of the cohort")]
    Split(#[from] SplitError),
    /// A statistic of the run cannot be computed.
    #[error("statistics of the run")]
    Statistics(#[from] StatsError),
    /// The run folder cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The run folder holds a member already.
    #[error("{} is there: resume the run or choose another folder", .0.display())]
    RunExists(PathBuf),
    /// A checkpoint is of other data or another configuration.
    #[error("{} was trained on other data or with another configuration", .0.display())]
    StaleCheckpoint(PathBuf),
    /// Records of the run cannot be written as CSV.
    #[error("table of the run")]
    Table(#[from] csv::Error),
}

impl NoduleError {
    /// The code of this error for a result's reason; `None` where it is no statement about the input.
    pub const fn reason_code(&self) -> Option<ReasonCode> {
        match self {
            Self::NoLungs { .. } => Some(ReasonCode::NoLungs),
            Self::SeedOutside { .. } | Self::SeedNotOnNodule { .. } | Self::EmptySegmentation => {
                Some(ReasonCode::SeedNotOnNodule)
            }
            Self::Weights { .. } | Self::NoMemberLeft | Self::Thread(_) => Some(ReasonCode::ModelUnavailable),
            Self::NonFinite => Some(ReasonCode::NonFiniteOutput),
            Self::SegmentationBeyondVolume { .. }
            | Self::Torch(_)
            | Self::Cohort(_)
            | Self::Positions { .. }
            | Self::Training(_)
            | Self::Crop(_)
            | Self::Split(_)
            | Self::Statistics(_)
            | Self::Io { .. }
            | Self::RunExists(_)
            | Self::StaleCheckpoint(_)
            | Self::Table(_) => None,
        }
    }
}
