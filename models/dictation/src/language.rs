//! Languages of dictation.

use serde::{Deserialize, Serialize};

/// A language that dictations are spoken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    English,
    /// Mandarin Chinese.
    Mandarin,
}
