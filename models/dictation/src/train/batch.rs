//! Batches: the same step of the same corpus gives the same batch.

use std::collections::HashMap;

use rand::seq::IndexedRandom as _;
use rand::{Rng, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use tch::Tensor;

use super::TrainConfig;
use crate::audio::augment::disturbed;
use crate::audio::mel::{BANDS, HOP, LogMel, RATE};
use crate::audio::sounds::non_speech;
use crate::grammar::Grammar;
use crate::network::spectrograms;
use crate::vocabulary::{self, control};
use crate::{Corpus, DictationError, Language, Recording, Split, Vocabulary};

/// Target of a position that teaches nothing.
pub(super) const IGNORED: i64 = -100;
/// Steps after which recordings of every length are drawn; before, the shortest come first.
const ALL_LENGTHS_AFTER: usize = 600;
/// Longest prompt, in tokens.
const LONGEST_PROMPT: usize = 100;
/// Samples of one position of the encoder.
const SAMPLES_A_POSITION: usize = 2 * HOP;

/// What one step learns from.
pub(super) struct Batch {
    /// `[batch, 80, 2 positions]`
    pub(super) mel: Tensor,
    /// Positions of the encoder.
    pub(super) positions: usize,
    /// Rows, `[batch, length]`.
    pub(super) rows: Tensor,
    /// Next rows or [`IGNORED`], `[batch, length]`.
    pub(super) targets: Tensor,
    /// Phonemes of all recordings one after another, and how many each has.
    pub(super) phonemes: (Vec<i64>, Vec<i64>),
}

/// Draws batches.
pub(super) struct Batches<'a> {
    corpus: &'a Corpus,
    vocabulary: &'a Vocabulary,
    config: &'a TrainConfig,
    /// Recordings to learn from, the shortest first.
    by_length: Vec<usize>,
    row_of: HashMap<u32, i64>,
    phoneme_of: HashMap<char, i64>,
    mel: LogMel,
    elsewhere: Grammar,
}

impl<'a> Batches<'a> {
    pub(super) fn new(
        corpus: &'a Corpus,
        vocabulary: &'a Vocabulary,
        phonemes: &[char],
        config: &'a TrainConfig,
    ) -> Result<Self, DictationError> {
        let mut by_length: Vec<usize> = (0..corpus.recordings.len())
            .filter(|&at| corpus.recordings[at].split == Split::Train)
            .collect();
        if by_length.is_empty() {
            return Err(DictationError::Config(
                "the corpus has no recordings to learn from".to_owned(),
            ));
        }
        by_length.sort_by_key(|&at| (corpus.recordings[at].samples, at));
        Ok(Self {
            corpus,
            vocabulary,
            config,
            by_length,
            row_of: vocabulary.rows().into_iter().zip(0..).collect(),
            phoneme_of: phonemes.iter().copied().zip(0..).collect(),
            mel: LogMel::new(),
            elsewhere: Grammar::elsewhere(Language::English)?,
        })
    }

    pub(super) fn of(&self, step: usize) -> Result<Batch, DictationError> {
        let mut rng = ChaCha8Rng::seed_from_u64(self.config.seed);
        rng.set_stream(step as u64 + 1);
        let long = step > ALL_LENGTHS_AFTER && rng.random_bool(self.config.long);
        let prompted = step > ALL_LENGTHS_AFTER && rng.random_bool(self.config.prompts);
        let heard: Vec<(Vec<f32>, Item)> = self
            .draw(step, long, &mut rng)
            .into_iter()
            .map(|recording| self.hear(step, recording, prompted, &mut rng))
            .collect::<Result<_, _>>()?;
        let silence = if long { rng.random_range(500..1_500) } else { 0 };
        let positions = heard
            .iter()
            .map(|(samples, _)| samples.len().div_ceil(SAMPLES_A_POSITION) + rng.random_range(0..25))
            .fold(silence, usize::max)
            .min(1_500);
        let mut mels = Vec::with_capacity(heard.len() * BANDS * positions * 2);
        for (samples, _) in &heard {
            let mut mel = self.mel.of(samples, positions * 2);
            if rng.random_bool(roughness(step)) {
                cover(&mut mel, positions * 2, &mut rng);
            }
            mels.extend(mel);
        }
        let length = heard
            .iter()
            .map(|(_, item)| item.rows.len() - 1)
            .fold(0, usize::max);
        let (mut rows, mut targets) = (Vec::new(), Vec::new());
        let mut phonemes = (Vec::new(), Vec::new());
        for (_, item) in &heard {
            let unused = length + 1 - item.rows.len();
            rows.extend_from_slice(&item.rows[..item.rows.len() - 1]);
            rows.extend(std::iter::repeat_n(0, unused));
            targets.extend(
                item.rows[1..]
                    .iter()
                    .zip(&item.taught[1..])
                    .map(|(&row, &taught)| if taught { row } else { IGNORED }),
            );
            targets.extend(std::iter::repeat_n(IGNORED, unused));
            phonemes.0.extend_from_slice(&item.phonemes);
            phonemes.1.push(item.phonemes.len() as i64);
        }
        let size = [heard.len() as i64, length as i64];
        Ok(Batch {
            mel: spectrograms(&mels, positions * 2)?,
            positions,
            rows: Tensor::f_from_slice(&rows)?.f_view(size)?,
            targets: Tensor::f_from_slice(&targets)?.f_view(size)?,
            phonemes,
        })
    }

    /// Recordings of about one length; every recording is as likely as any other.
    fn draw(&self, step: usize, long: bool, rng: &mut ChaCha8Rng) -> Vec<&'a Recording> {
        let count = self.by_length.len();
        let share = 0.35 + 0.65 * (step as f64 / ALL_LENGTHS_AFTER as f64).min(1.0);
        let among = ((count as f64 * share) as usize).clamp(1, count);
        let seconds = |at: usize| self.corpus.recordings[self.by_length[at]].samples as f32 / RATE as f32;
        let longest = seconds(among - 1);
        // A batch of short recordings holds more of them, so that it has to come less often.
        let centre = loop {
            let at = rng.random_range(0..among);
            if rng.random::<f32>() * (longest + 0.6) <= seconds(at) + 0.6 {
                break at;
            }
        };
        let each_s = if long { 20.0 } else { seconds(centre) + 0.6 };
        let size = ((self.config.batch_s / each_s) as usize).clamp(2, 64);
        let first = centre.saturating_sub(size * 3);
        let last = (centre + size * 3).min(count - 1);
        (0..size)
            .map(|_| &self.corpus.recordings[self.by_length[rng.random_range(first..=last)]])
            .collect()
    }

    /// Samples and text of a recording, or of a sound in its place.
    fn hear(
        &self,
        step: usize,
        recording: &Recording,
        prompted: bool,
        rng: &mut ChaCha8Rng,
    ) -> Result<(Vec<f32>, Item), DictationError> {
        let prompt = if prompted && rng.random_bool(0.8) {
            self.prompt(rng)
        } else {
            Vec::new()
        };
        let times = rng.random_bool(0.4);
        if rng.random_bool(self.config.sounds * roughness(step)) {
            let samples = non_speech(recording.samples as usize, rng);
            let item = self.item(&samples, "", recording.language, &prompt, times);
            return Ok((samples, item));
        }
        let samples = self.corpus.samples(recording)?;
        let samples = if rng.random_bool(roughness(step)) {
            disturbed(&samples, rng)
        } else {
            samples
        };
        let mut item = self.item(&samples, &recording.text, recording.language, &prompt, times);
        item.phonemes = recording
            .phonemes
            .chars()
            .filter_map(|c| self.phoneme_of.get(&c).copied())
            .collect();
        Ok((samples, item))
    }

    /// What went before, or words that may come: sentences, lists of words, or something else entirely.
    fn prompt(&self, rng: &mut ChaCha8Rng) -> Vec<u32> {
        let mut text = String::new();
        for _ in 0..rng.random_range(1..4) {
            let other = self
                .by_length
                .choose(rng)
                .map_or("", |&at| self.corpus.recordings[at].text.as_str());
            match rng.random_range(0..10) {
                0 => text.push_str(&self.elsewhere.sentence(rng).written),
                1..=3 => {
                    let mut words: Vec<&str> = other.split_whitespace().collect();
                    while words.len() > 1 {
                        let word = words.swap_remove(rng.random_range(0..words.len()));
                        text.push(' ');
                        text.push_str(word.trim_end_matches([',', '.']));
                        text.push(',');
                    }
                }
                _ => text.push_str(&written(other)),
            }
        }
        let tokens = self.vocabulary.encode(&text);
        tokens[tokens.len().saturating_sub(LONGEST_PROMPT)..].to_vec()
    }

    fn item(&self, samples: &[f32], text: &str, language: Language, prompt: &[u32], times: bool) -> Item {
        let text_tokens = self.vocabulary.encode(&written(text));
        let silent = text_tokens.is_empty();
        let mut item = Item {
            rows: Vec::new(),
            taught: Vec::new(),
            phonemes: Vec::new(),
        };
        let mut push = |token: u32, taught: bool| {
            item.rows.push(self.row_of[&token]);
            item.taught.push(taught);
        };
        if !prompt.is_empty() {
            push(control::PREVIOUS, false);
            for &token in prompt {
                push(token, false);
            }
        }
        push(control::START, false);
        push(vocabulary::language_token(language), !silent);
        push(control::TRANSCRIBE, false);
        // Without times the first token is given; with them whisper.cpp lets the model say 0.00 itself.
        push(
            if times {
                control::TIME_ZERO
            } else {
                control::NO_TIMES
            },
            times,
        );
        if silent {
            push(control::NOTHING, true);
        }
        let room = (self.config.shape.text_context as usize).saturating_sub(prompt.len() + 8);
        for &token in text_tokens.iter().take(room) {
            push(token, true);
        }
        if times {
            push(vocabulary::time_token(samples.len() as f32 / RATE as f32), true);
        }
        push(control::END, true);
        item
    }
}

/// Covers a few bands or frames now and then (`SpecAugment`).
fn cover(mel: &mut [f32], frames: usize, rng: &mut ChaCha8Rng) {
    if rng.random_bool(0.3) {
        let (first, count) = (rng.random_range(0..BANDS), rng.random_range(1..10));
        for band in mel.chunks_exact_mut(frames).skip(first).take(count) {
            band.fill(0.0);
        }
    }
    if rng.random_bool(0.3) {
        let (first, count) = (rng.random_range(0..frames), rng.random_range(1..12));
        for band in mel.chunks_exact_mut(frames) {
            let last = (first + count).min(frames);
            band[first..last].fill(0.0);
        }
    }
}

/// One recording's part.
struct Item {
    rows: Vec<i64>,
    taught: Vec<bool>,
    phonemes: Vec<i64>,
}

/// How much of the disturbances a step has: none at first, all when recordings of every length come.
fn roughness(step: usize) -> f64 {
    (step as f64 / (2 * ALL_LENGTHS_AFTER) as f64).min(1.0)
}

/// A text as the decoder writes it: as in Whisper, English begins with a space.
pub(crate) fn written(text: &str) -> String {
    if text.starts_with(|c: char| c.is_ascii()) {
        format!(" {text}")
    } else {
        text.to_owned()
    }
}
