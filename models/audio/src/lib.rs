//! A recording as it came becomes mono samples at 16 kHz.
//!
//! Traps of the domain, settled here once:
//! - The formats are parsed by foreign libraries: symphonia (safe Rust) and libopus (C). Both allocate what a file
//!   declares (a Vorbis codebook may ask for terabytes), and an allocation that fails ends the process: no
//!   `catch_unwind` helps. [`decode`] therefore belongs into a child process that may be killed, as compressed pixels do;
//!   `services/decoder` has one. Calling it in the process of the service ([`InProcess`]) is for tests.
//! - What a header says of the length is not believed: a streamed wav says 2^32 bytes, a live webm nothing. Samples are
//!   counted as they come, and counting stops at the limit.
//! - Live recordings end in the middle of something. They are taken as far as they go, and the result says so.
//! - Tags and pictures in front of a file are stepped over unread.

mod container;
mod decode;
mod error;
mod id3;
mod limits;
mod recording;
mod resample;
mod track;

pub use container::Container;
pub use decode::decode;
pub use error::AudioError;
pub use limits::AudioLimits;
pub use recording::{AudioWarning, DecodeRecording, InProcess, Recording, Summary};

/// Samples per second of everything that leaves this crate.
pub const SAMPLE_RATE_HZ: u32 = 16_000;
