//! What can go wrong between voxels and tokens.

use hilum_domain::Lps;
use tch::TchError;

/// Why no crop can be cut.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CropError {
    /// The centre is outside the volume.
    #[error("nodule centre {center_lps_mm:?} is outside the volume")]
    OutsideVolume {
        /// The centre in LPS mm.
        center_lps_mm: Lps,
    },
    /// The range of slices is empty or reaches out of the volume.
    #[error("slices {first}..={last} are not a range within the {slices} slices of the volume")]
    SliceRange {
        /// First slice.
        first: usize,
        /// Last slice.
        last: usize,
        /// Slices of the volume.
        slices: usize,
    },
    /// The diameter is no length.
    #[error("equivalent diameter {0} mm is not a positive length")]
    Diameter(f64),
}

/// Why a network gave no tokens.
#[derive(Debug, thiserror::Error)]
pub enum EncoderError {
    /// The configuration describes no network.
    #[error("configuration: {field} is {value}, expected {expected}")]
    Config {
        /// Which field.
        field: &'static str,
        /// Its value.
        value: i64,
        /// What it should be.
        expected: &'static str,
    },
    /// libtorch refused an operation.
    #[error("libtorch refused an operation of the encoder")]
    Torch(#[from] TchError),
}
