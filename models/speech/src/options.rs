//! What a caller may choose.

use crate::Language;

/// How one recording is to be transcribed.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Its language; found out from the first seconds of speech where `None`.
    pub language: Option<Language>,
    /// What the recogniser is told before it listens.
    pub prompt: Prompt,
}

/// What the recogniser is told before it listens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Prompt {
    /// Nothing.
    #[default]
    None,
    /// Words of nodule dictations in the language of the recording, see [`crate::vocabulary`].
    Vocabulary,
}
