//! A DICOM CT series becomes a volume in Hounsfield units.
//!
//! Traps of the domain, settled here once:
//! - Slices are ordered by their position along the slice normal, never by file name or `InstanceNumber`, and
//!   spacing is measured from positions, never taken from `SliceThickness`.
//! - A series that is no regular grid is never made one in silence: a volume with a hidden gap would shift and
//!   shrink nodules. What becomes of each kind of series is a table in `geometry.rs`; a tilted gantry is put right
//!   by shifting slices in their planes, and [`Volume::interpolations`] says so.
//! - Bits outside `BitsStored` are no pixels, and the sign bit is `HighBit`.
//! - Compressed pixels are decoded by whoever was handed in ([`LoadOptions::decoder`]): codecs belong into a process
//!   that can be killed, and this crate starts none. RLE alone is decoded here.
//! - Frames of an Enhanced CT instance are slices: the same grid code judges them.
//! - MONOCHROME1 changes how values are shown, not what they are.
//! - Every instance passes the gate first, and the parser sees single elements only: no sequence, no pixel.

mod acquisitions;
mod archive;
mod attributes;
mod digest;
mod enhanced;
mod error;
mod geometry;
mod header;
mod image;
mod instances;
mod kernel;
mod layout;
mod load;
mod modality;
mod pixels;
mod report;
mod resample;
mod rle;
mod series;
mod slice;
mod source;
mod tilt;
mod volume;
mod write;

pub use error::{PixelError, VolumeError};
pub use header::{InstanceHeader, PatientIdentity, read_header};
pub use hilum_codec::FrameDecoder;
pub use hilum_gate::Limits;
pub use image::{StoredImage, stored_image};
pub use instances::{Instance, identify, instances};
pub use kernel::Kernel;
pub use load::{LoadOptions, LoadedSeries, SetAside, SliceSource, load, load_instances};
pub use report::{SetAsideFile, VolumeReport};
pub use resample::ResampleError;
pub use volume::{Interpolation, Volume, VolumeShapeError, Voxels};
pub use write::{write_nifti, write_npy};
