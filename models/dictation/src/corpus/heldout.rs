//! Sentences that are kept for the test.

use hilum_domain::Sha256;

use crate::Language;
use crate::grammar::Sentence;

/// The dictations of the clinical reference cases (`clinical/dictations.json`) as they are spoken: never trained on.
const DICTATIONS: &str = include_str!("dictations.txt");

/// Whether a sentence belongs to the test: one in sixteen, by its digest.
pub fn held_out(written: &str) -> bool {
    let plain = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let digest = Sha256::of_parts([plain(written).as_bytes()]);
    digest.as_str().starts_with('0') || dictations().any(|(_, kept)| plain(&kept.written) == plain(written))
}

/// The reference dictations with their languages.
pub(super) fn dictations() -> impl Iterator<Item = (Language, Sentence)> {
    DICTATIONS.lines().map(|line| {
        let (written, spoken) = line.split_once('~').unwrap_or((line, line));
        let language = if written.is_ascii() {
            Language::English
        } else {
            Language::Mandarin
        };
        let sentence = Sentence {
            written: written.to_owned(),
            spoken: spoken.to_owned(),
        };
        (language, sentence)
    })
}
