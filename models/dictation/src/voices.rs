//! The synthetic voices that speak the corpus, and which of them the model never hears in training.

use rand::Rng;
use rand::seq::IndexedRandom as _;
use serde::{Deserialize, Serialize};

use crate::Language;

/// A speech synthesizer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Synthesizer {
    /// espeak-ng.
    Espeak,
    /// flite.
    Flite,
    /// Festival.
    Festival,
}

/// One voice with its manner of speaking.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Voice {
    /// Who speaks.
    pub synthesizer: Synthesizer,
    /// The synthesizer's own name of the voice.
    pub name: String,
    /// Speed relative to the voice's usual one.
    pub speed: f32,
    /// Pitch from 0 to 99, 50 being the voice's own.
    pub pitch: u8,
}

const ENGLISH_ACCENTS: [&str; 7] = [
    "en-us",
    "en-us",
    "en-gb",
    "en-gb-x-rp",
    "en-gb-x-gbclan",
    "en-us-nyc",
    "en-029",
];
const ENGLISH_ACCENTS_SCOTTISH: &str = "en-gb-scotland";
/// An accent that is tested on only.
const ENGLISH_ACCENT_UNHEARD: &str = "en-gb-x-gbcwmd";
const MANDARIN: &str = "cmn-latn-pinyin";
const FOREIGN: [&str; 8] = ["de", "fr-fr", "es", "it", "ru", "yue", "hi", "pt"];
const VARIANTS: [&str; 66] = [
    "m1",
    "m2",
    "m4",
    "m5",
    "m6",
    "m7",
    "m8",
    "f1",
    "f3",
    "f4",
    "f5",
    "Alex",
    "Alicia",
    "Andrea",
    "Annie",
    "Denis",
    "Diogo",
    "Gene",
    "Henrique",
    "Hugo",
    "Jacky",
    "Lee",
    "Marco",
    "Mario",
    "Michael",
    "Mike",
    "Nguyen",
    "RicishayMax",
    "adam",
    "anika",
    "antonio",
    "aunty",
    "belinda",
    "benjamin",
    "boris",
    "caleb",
    "david",
    "ed",
    "edward",
    "grandma",
    "gustave",
    "iven",
    "iven2",
    "john",
    "klatt",
    "klatt2",
    "klatt3",
    "klatt5",
    "marcelo",
    "max",
    "michel",
    "miguel",
    "norbert",
    "pablo",
    "paul",
    "pedro",
    "quincy",
    "rob",
    "robert",
    "sandro",
    "shelby",
    "steph",
    "travis",
    "victor",
    "zac",
    "Gene2",
];
/// Variants that are tested on only, in both languages.
const VARIANTS_UNHEARD: [&str; 7] = ["m3", "f2", "Andy", "linda", "klatt4", "edward2", "steph2"];
const FLITE: [&str; 4] = ["kal", "kal16", "awb", "rms"];
/// Voices of other synthesizers that are tested on only. The speaker of both `slt` is unheard; that of `kal_diphone`
/// is heard through flite.
const UNHEARD: [(Synthesizer, &str); 3] = [
    (Synthesizer::Flite, "slt"),
    (Synthesizer::Festival, "cmu_us_slt_arctic_hts"),
    (Synthesizer::Festival, "kal_diphone"),
];

impl Voice {
    /// A voice for training.
    pub fn heard(language: Language, rng: &mut impl Rng) -> Self {
        if language == Language::English && rng.random_bool(0.25) {
            return Self::with(Synthesizer::Flite, pick(&FLITE, rng).to_owned(), rng);
        }
        let accent = match language {
            Language::Mandarin => MANDARIN,
            Language::English if rng.random_bool(0.1) => ENGLISH_ACCENTS_SCOTTISH,
            Language::English => pick(&ENGLISH_ACCENTS, rng),
        };
        let name = if rng.random_bool(0.06) {
            accent.to_owned()
        } else {
            format!("{accent}+{}", pick(&VARIANTS, rng))
        };
        Self::with(Synthesizer::Espeak, name, rng)
    }

    /// A voice that training never uses.
    pub fn unheard(language: Language, rng: &mut impl Rng) -> Self {
        if language == Language::English && rng.random_bool(0.5) {
            let (synthesizer, name) = UNHEARD.choose(rng).copied().unwrap_or(UNHEARD[0]);
            return Self::with(synthesizer, name.to_owned(), rng);
        }
        let accent = match language {
            Language::Mandarin => MANDARIN,
            Language::English if rng.random_bool(0.2) => ENGLISH_ACCENT_UNHEARD,
            Language::English => pick(&ENGLISH_ACCENTS, rng),
        };
        Self::with(
            Synthesizer::Espeak,
            format!("{accent}+{}", pick(&VARIANTS_UNHEARD, rng)),
            rng,
        )
    }

    /// A voice of a language that is no language of dictation.
    pub fn foreign(rng: &mut impl Rng) -> Self {
        Self::with(Synthesizer::Espeak, pick(&FOREIGN, rng).to_owned(), rng)
    }

    fn with(synthesizer: Synthesizer, name: String, rng: &mut impl Rng) -> Self {
        Self {
            synthesizer,
            name,
            speed: rng.random_range(0.8..1.25),
            pitch: rng.random_range(25..75),
        }
    }
}

fn pick<'a>(names: &[&'a str], rng: &mut impl Rng) -> &'a str {
    names.choose(rng).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use rand::SeedableRng as _;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn no_voice_of_the_test_is_heard_in_training() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for language in [Language::English, Language::Mandarin] {
            let mut names = |of: fn(Language, &mut ChaCha8Rng) -> Voice| {
                (0..5_000)
                    .map(|_| of(language, &mut rng))
                    .map(|voice| (voice.synthesizer, voice.name))
                    .collect::<HashSet<_>>()
            };
            let (heard, unheard) = (names(Voice::heard), names(Voice::unheard));
            assert!(heard.is_disjoint(&unheard));
            assert!(
                heard.len() > 60 && unheard.len() >= 7,
                "{} {}",
                heard.len(),
                unheard.len()
            );
        }
    }
}
