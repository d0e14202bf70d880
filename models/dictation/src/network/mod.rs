//! The network: Whisper's architecture (Radford et al. 2022), with the variable names of its ggml files.
//!
//! Only the rows of the vocabulary that are in use exist here ([`Vocabulary::rows`](crate::Vocabulary::rows)). One
//! hidden dimension is kept free in every row, so that the rows that are added when the file is written can be made
//! impossible by it.

mod block;
mod decoder;
mod encoder;

use serde::{Deserialize, Serialize};
use tch::nn::{self, Init, VarStore};
use tch::{Device, Kind, Tensor};

use crate::{DictationError, audio};
pub(crate) use decoder::Decoder;
pub(crate) use encoder::{AUDIO_CONTEXT, Encoder, sinusoids};

/// Width of one attention head.
const HEAD: i64 = 64;
/// Hidden dimension that is zero in every row of the vocabulary.
pub(crate) const FREE_DIMENSION: i64 = 0;

/// Size of the network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Shape {
    /// Width, a multiple of 64.
    pub width: i64,
    /// Layers of the encoder.
    pub encoder_layers: i64,
    /// Layers of the decoder.
    pub decoder_layers: i64,
    /// Longest text with its prompt, in tokens.
    pub text_context: i64,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            width: 192,
            encoder_layers: 3,
            decoder_layers: 2,
            text_context: 256,
        }
    }
}

impl Shape {
    /// Refuses what cannot be built.
    pub(crate) fn check(&self) -> Result<(), DictationError> {
        let refuse = |what: String| Err(DictationError::Config(what));
        if self.width < HEAD || self.width % HEAD != 0 || self.width > 1_024 {
            return refuse(format!(
                "width {} is no multiple of {HEAD} up to 1024",
                self.width
            ));
        }
        for (name, layers) in [
            ("encoder_layers", self.encoder_layers),
            ("decoder_layers", self.decoder_layers),
        ] {
            if !(1..=32).contains(&layers) {
                return refuse(format!("{name} {layers} is not between 1 and 32"));
            }
        }
        if !(32..=448).contains(&self.text_context) {
            return refuse(format!(
                "text_context {} is not between 32 and 448",
                self.text_context
            ));
        }
        Ok(())
    }

    pub(crate) fn heads(&self) -> i64 {
        self.width / HEAD
    }
}

/// Encoder, decoder, and a head for connectionist temporal classification that helps in training alone.
pub(crate) struct Network {
    pub(crate) store: VarStore,
    pub(crate) encoder: Encoder,
    pub(crate) decoder: Decoder,
    ctc: nn::Linear,
}

impl Network {
    /// A new network for so many rows, and a number of phonemes.
    pub(crate) fn new(shape: &Shape, rows: usize, phonemes: usize) -> Result<Self, DictationError> {
        shape.check()?;
        let store = VarStore::new(Device::Cpu);
        let root = store.root();
        let encoder = Encoder::new(&(&root / "encoder"), shape);
        let decoder = Decoder::new(&(&root / "decoder"), shape, rows as i64);
        let ctc = nn::linear(
            &root / "ctc",
            shape.width,
            phonemes as i64 + 1,
            nn::LinearConfig::default(),
        );
        Ok(Self {
            store,
            encoder,
            decoder,
            ctc,
        })
    }

    /// Logarithms of the probabilities of phonemes and, last, of none: `[frame, batch, phonemes + 1]`.
    pub(crate) fn ctc(&self, audio: &Tensor) -> Result<Tensor, DictationError> {
        use tch::nn::Module as _;
        Ok(self
            .ctc
            .forward(audio)
            .f_log_softmax(-1, Kind::Float)?
            .f_transpose(0, 1)?)
    }
}

/// Spectrograms of a batch as a tensor `[batch, 80, frames]`.
pub(crate) fn spectrograms(mels: &[f32], frames: usize) -> Result<Tensor, DictationError> {
    let bands = audio::mel::BANDS as i64;
    Ok(Tensor::f_from_slice(mels)?.f_view([-1, bands, frames as i64])?)
}

fn normal(stdev: f64) -> Init {
    Init::Randn { mean: 0.0, stdev }
}
