//! Samples of speech become a draft transcript with times and probabilities.
//!
//! Traps of the domain, settled here once:
//! - Speech is told from silence before Whisper hears anything ([`Vad`]): given silence, Whisper makes up sentences. The
//!   switch of whisper.cpp for this is ignored by `whisper_full_with_state`; here samples are cut and times mapped back.
//! - whisper.cpp trusts its model file: sizes are allocated as declared, flipped bytes load as another model, and broken
//!   assertions end the process. A file is walked by [`ggml::check`] and, where it is registered, its digest compared,
//!   before it is loaded.
//! - Its threads wait by spinning. More of them than there are free cores decode a hundred times slower, so there is one
//!   transcription at a time ([`SpeechWorker`]), and the caller says before every window how many cores are free.
//! - A Chinese character may be split over tokens: bytes are joined before they become text ([`whisper::words`]).
//! - Prompts, languages and closures handed to whisper-rs leak. Here each is made once for a model, and reused.
//! - A transcript is a draft until a person confirms it, whatever its probabilities.

mod error;
pub mod ggml;
mod language;
mod options;
mod processor;
mod session;
mod transcriber;
mod transcript;
mod vad;
mod vocabulary;
pub mod whisper;
mod windows;
mod worker;

pub use error::SpeechError;
pub use language::Language;
pub use options::{Options, Prompt};
pub use transcriber::Transcriber;
pub use transcript::{Segment, Status, Transcript, TranscriptModel, Word};
pub use vad::{Vad, VadKind};
pub use worker::{SpeechWorker, Ticket};
