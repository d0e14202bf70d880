//! What language a text is written in.

use hilum_concepts::is_ideograph;
use serde::{Deserialize, Serialize};

/// Language of a text. Words of both languages are read in every text, because Chinese notes hold English
/// abbreviations; the language is told, and decides nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    En,
    /// Chinese.
    Zh,
    /// Sentences of both.
    Mixed,
}

impl Language {
    /// The language of a text by its letters: an ideograph counts as a word. Text without either is called English.
    pub fn of(text: &str) -> Self {
        let mut ideographs = 0_usize;
        let mut words = 0_usize;
        let mut letters = 0_usize;
        for c in text.chars() {
            if c.is_ascii_alphabetic() {
                letters += 1;
                continue;
            }
            // Units and abbreviations are no English words.
            words += usize::from(letters > 4);
            letters = 0;
            ideographs += usize::from(is_ideograph(c));
        }
        words += usize::from(letters > 4);
        if ideographs * 10 <= words || ideographs == 0 {
            Self::En
        } else if words * 10 <= ideographs {
            Self::Zh
        } else {
            Self::Mixed
        }
    }

    /// The wire form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh",
            Self::Mixed => "mixed",
        }
    }
}
