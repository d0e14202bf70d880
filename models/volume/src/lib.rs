//! A DICOM CT series becomes a volume in Hounsfield units.

mod volume;

pub use volume::{Volume, VolumeShapeError, Voxels};
