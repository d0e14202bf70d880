//! A DICOM CT series becomes a volume in Hounsfield units.
//!
//! Traps of the domain, settled here once:
//! - Slices are ordered by their position along the slice normal, never by file name or `InstanceNumber`, and
//!   spacing is measured from positions, never taken from `SliceThickness`.
//! - A series that is no regular grid (missing, doubled or tilted slices) is refused with a named error: a
//!   volume with a silent gap would shift and shrink nodules.
//! - Bits outside `BitsStored` are no pixels, and the sign bit is `HighBit`.
//! - Every instance passes the gate first, and the parser sees single elements only: no sequence, no pixel.

mod archive;
mod attributes;
mod error;
mod geometry;
mod header;
mod instances;
mod load;
mod pixels;
mod report;
mod rle;
mod series;
mod slice;
mod source;
mod volume;
mod write;

pub use error::{PixelError, VolumeError};
pub use header::{InstanceHeader, PatientIdentity, read_header};
pub use hilum_gate::Limits;
pub use instances::{Instance, identify, instances};
pub use load::{LoadOptions, LoadedSeries, SetAside, SliceSource, load, load_instances};
pub use report::{SetAsideFile, VolumeReport};
pub use volume::{Volume, VolumeShapeError, Voxels};
pub use write::{write_nifti, write_npy};
