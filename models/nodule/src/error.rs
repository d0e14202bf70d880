//! What can go wrong between a volume and its nodules.

use std::path::PathBuf;

use hilum_cohort::CohortError;
use hilum_domain::{Lps, ReasonCode};
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
    /// A weight file is not what the detector expects.
    #[error("detector weights: {0}")]
    Weights(String),
    /// Every member of the detector has seen this series in training.
    #[error("every member of the detector was trained on this series")]
    NoMemberLeft,
    /// The network answered with NaN or infinity.
    #[error("the detector answered with a value that is not finite")]
    NonFinite,
    /// libtorch refused an operation.
    #[error("libtorch refused an operation of the detector")]
    Torch(#[from] TchError),
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
    #[error("detector training: {0}")]
    Training(String),
}

impl NoduleError {
    /// The code of this error for a result's reason; `None` where it is no statement about the input.
    pub const fn reason_code(&self) -> Option<ReasonCode> {
        match self {
            Self::NoLungs { .. } => Some(ReasonCode::NoLungs),
            Self::SeedOutside { .. } | Self::SeedNotOnNodule { .. } | Self::EmptySegmentation => {
                Some(ReasonCode::SeedNotOnNodule)
            }
            Self::Weights(_) | Self::NoMemberLeft => Some(ReasonCode::ModelUnavailable),
            Self::NonFinite => Some(ReasonCode::NonFiniteOutput),
            Self::SegmentationBeyondVolume { .. }
            | Self::Torch(_)
            | Self::Cohort(_)
            | Self::Positions { .. }
            | Self::Training(_) => None,
        }
    }
}
