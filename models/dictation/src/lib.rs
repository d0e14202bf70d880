//! A small dictation model of our own: Whisper's architecture, trained on synthetic speech.
//!
//! The sentences come from a grammar ([`grammar`]), the speech from synthesizers that the caller starts ([`make_corpus`]).
//! No person was ever recorded for it, and it is validated on synthetic voices alone.

mod audio;
mod corpus;
mod dictation;
mod error;
mod evaluate;
mod ggml;
pub mod grammar;
mod language;
mod network;
mod score;
mod train;
mod vocabulary;
mod voices;

pub use audio::resample;
pub use corpus::{Corpus, CorpusPlan, Recording, Speak, Speech, Split, held_out, make_corpus};
pub use dictation::{Dictation, Heard};
pub use error::DictationError;
pub use evaluate::{Evaluation, Group, evaluate};
pub use ggml::Precision;
pub use language::Language;
pub use network::Shape;
pub use score::{Rate, character_errors, has_numbers_or_sides, numbers_and_sides_right, word_errors};
pub use train::{CurvePoint, RunRecord, TrainConfig, train};
pub use vocabulary::Vocabulary;
pub use voices::{Synthesizer, Voice};
