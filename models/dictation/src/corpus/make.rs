//! Making a corpus.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use hilum_domain::Progress;
use rand::{Rng, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::heldout::{dictations, held_out};
use super::recording::{AUDIO, INDEX, Recording, Split, read_index};
use crate::grammar::{Grammar, Sentence};
use crate::{DictationError, Language, Voice};

/// How much is made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CorpusPlan {
    /// Recordings to learn from.
    pub train: usize,
    /// Recordings to test on.
    pub test: usize,
    /// Voices that each reference dictation is read in.
    pub reference_voices: usize,
    /// Longest recording that is kept, in seconds.
    pub longest_s: f32,
    /// Seed of sentences and voices.
    pub seed: u64,
}

impl Default for CorpusPlan {
    fn default() -> Self {
        Self {
            train: 40_000,
            test: 900,
            reference_voices: 10,
            longest_s: 10.0,
            seed: 1,
        }
    }
}

/// What a synthesizer answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Speech {
    /// Samples, 16 kHz.
    pub samples: Vec<i16>,
    /// A symbol per sound.
    pub phonemes: String,
}

/// A synthesizer: reads a text in a voice. The program that starts synthesizers hands it in.
pub type Speak<'a> = dyn Fn(Language, &Voice, &str) -> Result<Speech, String> + Sync + 'a;

/// Recordings that are spoken side by side before they are written.
const AT_ONCE: usize = 64;

/// What is said by whom.
struct Line {
    sentence: Sentence,
    dictation: bool,
    language: Language,
    voice: Voice,
    split: Split,
}

/// Fills a folder with what is missing of a plan; the same plan gives the same corpus, whenever it is interrupted.
///
/// # Errors
/// A folder that cannot be written, a synthesizer that fails, a stop by the caller.
pub fn make_corpus(
    folder: &Path,
    plan: &CorpusPlan,
    speak: &Speak<'_>,
    progress: &dyn Progress,
) -> Result<(), DictationError> {
    let io = |name: &str| {
        let path = folder.join(name);
        move |source| DictationError::Io { path, source }
    };
    fs::create_dir_all(folder).map_err(io(""))?;
    let stated = serde_json::to_string_pretty(plan)?;
    let plan_file = folder.join("plan.json");
    match fs::read_to_string(&plan_file) {
        Ok(found) if found != stated => {
            return Err(DictationError::Corpus {
                path: folder.to_owned(),
                what: format!("it was begun with another plan: {found}"),
            });
        }
        Ok(_) => {}
        Err(_) => fs::write(&plan_file, &stated).map_err(io("plan.json"))?,
    }
    let grammars = Grammars::new()?;
    let lines: Vec<(Language, Sentence)> = dictations().collect();
    let total = lines.len() * plan.reference_voices + plan.test + plan.train;
    let done = read_index(folder)?;
    let mut end = done.iter().map(|row| row.offset + row.samples).max().unwrap_or(0);
    let open = |name: &str| {
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(folder.join(name))
            .map_err(io(name))
    };
    let mut audio = open(AUDIO)?;
    audio.set_len(end * 2).map_err(io(AUDIO))?;
    let mut index = open(INDEX)?;
    let mut row = done.len();
    progress.stage("corpus", Some(total as u64));
    progress.advance(row as u64);
    while row < total {
        let rows = row..(row + AT_ONCE).min(total);
        let spoken: Vec<(Line, Speech)> = rows
            .clone()
            .into_par_iter()
            .map(|row| grammars.recording(plan, &lines, row, speak))
            .collect::<Result<_, _>>()
            .map_err(|what| DictationError::Corpus {
                path: folder.to_owned(),
                what,
            })?;
        let (mut samples, mut text) = (Vec::new(), String::new());
        for (line, speech) in spoken {
            let recording = Recording {
                text: if line.dictation {
                    line.sentence.written
                } else {
                    String::new()
                },
                phonemes: speech.phonemes,
                language: line.language,
                voice: line.voice,
                split: line.split,
                offset: end,
                samples: speech.samples.len() as u64,
            };
            end += speech.samples.len() as u64;
            samples.extend(speech.samples.iter().flat_map(|sample| sample.to_le_bytes()));
            text.push_str(&serde_json::to_string(&recording)?);
            text.push('\n');
        }
        audio.write_all(&samples).map_err(io(AUDIO))?;
        index.write_all(text.as_bytes()).map_err(io(INDEX))?;
        progress.advance(rows.len() as u64);
        row = rows.end;
    }
    Ok(())
}

struct Grammars {
    english: Grammar,
    mandarin: Grammar,
    elsewhere_english: Grammar,
    elsewhere_mandarin: Grammar,
}

impl Grammars {
    fn new() -> Result<Self, DictationError> {
        Ok(Self {
            english: Grammar::dictations(Language::English)?,
            mandarin: Grammar::dictations(Language::Mandarin)?,
            elsewhere_english: Grammar::elsewhere(Language::English)?,
            elsewhere_mandarin: Grammar::elsewhere(Language::Mandarin)?,
        })
    }

    /// The recording of a row; what comes out too long or empty is drawn again.
    fn recording(
        &self,
        plan: &CorpusPlan,
        lines: &[(Language, Sentence)],
        row: usize,
        speak: &Speak<'_>,
    ) -> Result<(Line, Speech), String> {
        let mut rng = ChaCha8Rng::seed_from_u64(plan.seed);
        rng.set_stream(row as u64);
        let longest = (plan.longest_s * 16_000.0) as usize;
        let reference = lines.len() * plan.reference_voices;
        loop {
            let line = if row < reference {
                let (language, sentence) = lines[row % lines.len()].clone();
                Line {
                    sentence,
                    dictation: true,
                    language,
                    voice: Voice::unheard(language, &mut rng),
                    split: Split::Reference,
                }
            } else {
                self.line(row < reference + plan.test, &mut rng)
            };
            let speech = speak(line.language, &line.voice, &line.sentence.spoken)?;
            if line.split == Split::Reference || (1_600..=longest).contains(&speech.samples.len()) {
                return Ok((line, speech));
            }
        }
    }

    fn line(&self, test: bool, rng: &mut ChaCha8Rng) -> Line {
        let dice: f64 = rng.random();
        let (grammar, dictation, foreign) = match dice {
            dice if dice < 0.49 => (&self.english, true, false),
            dice if dice < 0.90 => (&self.mandarin, true, false),
            dice if dice < 0.95 => (&self.elsewhere_english, false, false),
            dice if dice < 0.98 => (&self.elsewhere_mandarin, false, false),
            _ => (&self.elsewhere_english, false, true),
        };
        let language = grammar.language();
        let sentence = loop {
            let sentence = grammar.sentence(rng);
            if held_out(&sentence.written) == test {
                break sentence;
            }
        };
        let voice = match (foreign, test) {
            (true, _) => Voice::foreign(rng),
            (false, true) => Voice::unheard(language, rng),
            (false, false) => Voice::heard(language, rng),
        };
        Line {
            sentence,
            dictation,
            language,
            voice,
            split: if test { Split::Test } else { Split::Train },
        }
    }
}
