//! What was said, as far as it was understood.

use hilum_domain::{Reason, Sha256};
use serde::{Deserialize, Serialize};

use crate::{Language, VadKind};

/// A draft of what was said. Nothing in it counts before a person has confirmed it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Transcript {
    /// Language that was given or found out; `None` where nobody spoke and none was given.
    pub language: Option<Language>,
    /// All segments, one after the other.
    pub text: String,
    /// In the order of time.
    pub segments: Vec<Segment>,
    /// How long somebody spoke.
    pub speech_ms: u64,
    /// How long the recording is.
    pub duration_ms: u64,
    /// What it is worth.
    pub status: Status,
    /// What understood it.
    pub model: TranscriptModel,
    /// What told speech from silence.
    pub vad: VadKind,
    /// What a reader should know.
    pub warnings: Vec<Reason>,
}

/// What a transcript is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// To be confirmed or corrected.
    Draft,
    /// Nobody spoke, or nothing was understood; the text is empty.
    NoSpeech,
}

/// Name and digest of the model file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TranscriptModel {
    /// Name in the registry, or the file's.
    pub name: String,
    /// Of the file.
    pub sha256: Sha256,
}

/// What was said between two pauses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    /// From the beginning of the recording.
    pub start_ms: u64,
    /// From the beginning of the recording, not before `start_ms`.
    pub end_ms: u64,
    /// Without spaces around it.
    pub text: String,
    /// Geometric mean of the probabilities of its tokens. A model may be sure of what nobody said.
    pub probability: f32,
    /// Words of English, characters of Chinese.
    pub words: Vec<Word>,
}

/// A word, or a Chinese character, with the punctuation that follows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Word {
    /// Without spaces around it.
    pub text: String,
    /// The least probability of its tokens.
    pub probability: f32,
}
