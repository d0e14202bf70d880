//! Compressed pixels and recordings are decoded in child processes that may be killed.
//!
//! Codecs are C and C++ code that reads hostile bytes: it may crash, loop or ask for all memory, and no
//! `catch_unwind` stops that. [`DecoderPool`] hands each frame to a child, the program `hilum-decode`, over a pipe and
//! waits no longer than the frame's deadline. The child ([`child::run`]) gives up everything but reading, writing and
//! computing before it reads its first byte: see [`sandbox`]. [`RecordingDecoder`] does the same with recordings of sound.
//!
//! The child is a program of its own, beside `hilum`, because it starts in a millisecond; a process that links
//! libtorch takes a quarter of a second and 115 MB before its first instruction.

pub mod child;
mod exchange;
mod obituary;
mod pool;
pub mod recording;
pub mod sandbox;
mod spawner;
pub mod wire;

pub use pool::{DecoderPool, PoolSettings};
pub use recording::RecordingDecoder;
