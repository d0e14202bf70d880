//! The languages that Hilum understands.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A language that dictations are understood in. A recording in another one becomes whichever of these it resembles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Language {
    /// English.
    #[serde(rename = "en")]
    English,
    /// Mandarin.
    #[serde(rename = "zh")]
    Chinese,
}

impl Language {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// As ISO 639-1 and whisper.cpp write it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh",
        }
    }

    /// Place among the language tokens of every multilingual Whisper vocabulary (whisper.cpp, `g_lang`).
    pub(crate) const fn token_index(self) -> i32 {
        match self {
            Self::English => 0,
            Self::Chinese => 1,
        }
    }
}

impl FromStr for Language {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|language| language.code() == text)
            .ok_or_else(|| format!("there is no language {text:?}; en and zh are known"))
    }
}
