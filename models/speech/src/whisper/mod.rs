//! whisper.cpp behind one type that does not leak and can be stopped.

pub(crate) mod logging;
mod model;
mod recogniser;
pub mod words;

pub use model::WhisperModel;
pub(crate) use recogniser::{Heard, Recogniser, Stop, Turn};
