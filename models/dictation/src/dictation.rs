//! A trained model in tch: greedy decoding.

use std::path::Path;

use tch::{Kind, Tensor};

use crate::audio::mel::{HOP, LogMel};
use crate::network::{Network, Shape, spectrograms};
use crate::train::Header;
use crate::vocabulary::{control, language_token};
use crate::{DictationError, Language, Precision, Vocabulary, ggml};

/// Silence that is heard beyond the last sample, in positions of 20 ms.
const SILENCE: usize = 16;
/// Most tokens of one transcript.
const MOST_TOKENS: usize = 120;

/// A trained model.
pub struct Dictation {
    pub(crate) network: Network,
    shape: Shape,
    pub(crate) vocabulary: Vocabulary,
}

/// What was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// Tokens between the start and the end.
    pub tokens: Vec<u32>,
    /// Their text, trimmed.
    pub text: String,
    /// Language, given or detected.
    pub language: Language,
}

impl Dictation {
    /// The model of a training run's checkpoint.
    pub fn open(checkpoint: &Path) -> Result<Self, DictationError> {
        let (header, network) = Header::read(checkpoint)?;
        Ok(Self {
            network,
            shape: header.shape,
            vocabulary: header.vocabulary,
        })
    }

    /// A network whose weights are those that training begins with.
    pub fn untrained(shape: &Shape, vocabulary: Vocabulary, seed: i64) -> Result<Self, DictationError> {
        tch::manual_seed(seed);
        Ok(Self {
            network: Network::new(shape, vocabulary.rows().len(), 0)?,
            shape: shape.clone(),
            vocabulary,
        })
    }

    /// Logits after the given tokens, of every token that has a row, with an audio context of so many positions (20 ms
    /// each, at least as long as the samples). A token without a row is an error.
    pub fn logits(
        &self,
        samples: &[f32],
        context: usize,
        tokens: &[u32],
    ) -> Result<Vec<(u32, f32)>, DictationError> {
        tch::no_grad(|| {
            let known = self.vocabulary.rows();
            let rows: Vec<i64> = tokens
                .iter()
                .map(|token| {
                    let row = known.iter().position(|t| t == token).map(|row| row as i64);
                    row.ok_or_else(|| DictationError::Config(format!("token {token} has no row")))
                })
                .collect::<Result<_, _>>()?;
            let frames = 2 * context;
            let samples = &samples[..samples.len().min(frames * HOP)];
            let mel = spectrograms(&LogMel::new().of(samples, frames), frames)?;
            let memory = self
                .network
                .decoder
                .memory(&self.network.encoder.forward(&mel)?)?;
            let input = Tensor::f_from_slice(&rows)?.f_view([1, -1])?;
            let last = self
                .network
                .decoder
                .forward(&input, &memory)?
                .f_get(0)?
                .f_get(-1)?;
            let logits: Vec<f32> = Vec::try_from(last.f_to_kind(Kind::Float)?)?;
            Ok(known.into_iter().zip(logits).collect())
        })
    }

    /// Transcribes up to 30 s of 16 kHz samples, the most probable token at a time, without times.
    pub fn transcribe(&self, samples: &[f32], language: Option<Language>) -> Result<Heard, DictationError> {
        Self::decode(&self.network, &self.vocabulary, samples, language)
    }

    /// The model as a file for whisper.cpp.
    pub fn ggml(&self, precision: Precision) -> Result<Vec<u8>, DictationError> {
        ggml::write(&self.network, &self.shape, &self.vocabulary, precision)
    }

    /// Positions of the encoder that so many samples are heard with; whisper.cpp calls them the audio context.
    pub fn audio_context(samples: usize) -> usize {
        (samples.div_ceil(2 * HOP) + SILENCE).min(1_500)
    }

    pub(crate) fn decode(
        network: &Network,
        vocabulary: &Vocabulary,
        samples: &[f32],
        language: Option<Language>,
    ) -> Result<Heard, DictationError> {
        tch::no_grad(|| {
            let frames = 2 * Self::audio_context(samples.len());
            let samples = &samples[..samples.len().min(frames * HOP)];
            let mel = spectrograms(&LogMel::new().of(samples, frames), frames)?;
            let audio = network.encoder.forward(&mel)?;
            let memory = network.decoder.memory(&audio)?;
            let tokens = vocabulary.rows();
            let row = |token: u32| tokens.iter().position(|&t| t == token).unwrap_or(0) as i64;
            let logits = |rows: &[i64]| -> Result<Vec<f32>, DictationError> {
                let input = Tensor::f_from_slice(rows)?.f_view([1, -1])?;
                let last = network.decoder.forward(&input, &memory)?.f_get(0)?.f_get(-1)?;
                Ok(Vec::try_from(last.f_to_kind(Kind::Float)?)?)
            };
            let mut rows = vec![row(control::START)];
            let language = if let Some(language) = language {
                language
            } else {
                let logits = logits(&rows)?;
                let of = |language| logits[row(language_token(language)) as usize];
                if of(Language::Mandarin) > of(Language::English) {
                    Language::Mandarin
                } else {
                    Language::English
                }
            };
            rows.extend([language_token(language), control::TRANSCRIBE, control::NO_TIMES].map(row));
            let mut heard = Vec::new();
            let most = MOST_TOKENS.min(network.decoder.longest().saturating_sub(rows.len()));
            while heard.len() < most {
                let logits = logits(&rows)?;
                // As in whisper.cpp: text, its end, or nothing at all.
                let next = (0..tokens.len())
                    .filter(|&row| {
                        tokens[row] <= control::END && (tokens[row] != control::END || !heard.is_empty())
                    })
                    .max_by(|&a, &b| logits[a].total_cmp(&logits[b]))
                    .unwrap_or(0);
                if tokens[next] == control::END {
                    break;
                }
                heard.push(tokens[next]);
                rows.push(next as i64);
            }
            Ok(Heard {
                text: vocabulary.decode(&heard).trim().to_owned(),
                tokens: heard,
                language,
            })
        })
    }
}
