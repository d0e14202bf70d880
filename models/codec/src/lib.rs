//! One compressed frame of DICOM pixel data becomes stored pixels.
//!
//! Traps of the domain, settled here once:
//! - Codecs allocate what a codestream declares. [`CodestreamHeader`] reads size, components and precision in safe
//!   Rust first, and [`decode`] refuses what is not what the DICOM header declares before a codec sees it.
//! - Behind that check the codecs are C and C++ libraries that read hostile bytes: [`decode`] belongs into a child
//!   process that may be killed. Calling it in the process of the service ([`InProcess`]) is for tests and fuzzing.
//! - JPEG and JPEG-LS know no sign, and JPEG 2000 has one of its own that need not agree with Pixel Representation:
//!   see [`Decoded::sign_mismatch`].
//! - A truncated codestream decodes to grey with most libraries. Here it is an error.

mod decode;
mod decoder;
mod error;
mod frame;
mod header;
mod j2k_markers;
mod jpeg;
mod jpeg2000;
mod jpeg_ls;
mod jpeg_markers;
mod samples;
mod syntax;

pub use decode::decode;
pub use decoder::{DecodeFailure, FrameDecoder, InProcess};
pub use error::CodecError;
pub use frame::{Decoded, FrameFormat};
pub use header::CodestreamHeader;
pub use syntax::{Coding, Syntax};
