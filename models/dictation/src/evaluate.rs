//! A model against the part of a corpus that it never heard.

use std::collections::BTreeMap;

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use crate::audio::mel::RATE;
use crate::audio::sounds::non_speech;
use crate::{
    Corpus, Dictation, DictationError, Language, Rate, Split, character_errors, has_numbers_or_sides,
    numbers_and_sides_right, word_errors,
};

/// Sounds that are no speech, beside the everyday speech of the corpus.
const SOUNDS: usize = 200;

/// Results over one group of recordings.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Group {
    /// Recordings.
    pub recordings: usize,
    /// Wrong words (English) or characters (Mandarin) by those said.
    pub error_rate: f64,
    /// Recordings that say a number or a side.
    pub with_numbers_or_sides: usize,
    /// Of those, how many were heard with a wrong one, one too many or one too few.
    pub wrong_numbers_or_sides: usize,
    #[serde(skip)]
    rate: Rate,
}

/// Results on sentences and voices that training never used.
#[derive(Debug, Clone, Serialize)]
pub struct Evaluation {
    /// Dictations by split, language and synthesizer, and by split and language.
    pub dictations: BTreeMap<String, Group>,
    /// What must give no text: how many there are and how many gave one.
    pub silent: BTreeMap<String, (usize, usize)>,
    /// Dictations whose language was told right without being given.
    pub language_told: f64,
}

/// Decodes test and reference recordings, at most `most` of the test.
pub fn evaluate(model: &Dictation, corpus: &Corpus, most: usize) -> Result<Evaluation, DictationError> {
    let mut dictations = BTreeMap::<String, Group>::new();
    let mut silent = BTreeMap::<String, (usize, usize)>::new();
    let (mut told, mut asked) = (0_usize, 0_usize);
    let reference = corpus.recordings.iter().filter(|r| r.split == Split::Reference);
    let test = corpus
        .recordings
        .iter()
        .filter(|r| r.split == Split::Test)
        .take(most);
    for recording in reference.chain(test) {
        let samples = corpus.samples(recording)?;
        let heard = model.transcribe(&samples, None)?;
        if recording.text.is_empty() {
            let counts = silent
                .entry("everyday speech, English, Mandarin, foreign".to_owned())
                .or_default();
            counts.0 += 1;
            counts.1 += usize::from(!heard.text.is_empty());
            continue;
        }
        asked += 1;
        told += usize::from(heard.language == recording.language);
        let language = format!("{:?}, {:?}", recording.split, recording.language);
        let voice = format!("{language}, {:?}", recording.voice.synthesizer);
        for name in [language, voice] {
            dictations
                .entry(name)
                .or_default()
                .add(recording.language, &recording.text, &heard.text);
        }
    }
    let mut rng = ChaCha8Rng::seed_from_u64(0x5eed);
    let sounds = silent
        .entry("noise, tones, music, silence".to_owned())
        .or_default();
    for _ in 0..SOUNDS {
        let count = rng.random_range(RATE..10 * RATE);
        let heard = model.transcribe(&non_speech(count, &mut rng), None)?;
        sounds.0 += 1;
        sounds.1 += usize::from(!heard.text.is_empty());
    }
    Ok(Evaluation {
        dictations,
        silent,
        language_told: told as f64 / asked.max(1) as f64,
    })
}

impl Group {
    fn add(&mut self, language: Language, said: &str, heard: &str) {
        self.recordings += 1;
        self.rate.add(match language {
            Language::English => word_errors(said, heard),
            Language::Mandarin => character_errors(said, heard),
        });
        self.error_rate = self.rate.share();
        if has_numbers_or_sides(said) || has_numbers_or_sides(heard) {
            self.with_numbers_or_sides += 1;
            self.wrong_numbers_or_sides += usize::from(!numbers_and_sides_right(said, heard));
        }
    }
}
