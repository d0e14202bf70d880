//! Audio encoder.

use tch::Tensor;
use tch::nn::{self, Module as _, Path};

use super::Shape;
use super::block::{Block, norm};
use crate::DictationError;
use crate::audio::mel::BANDS;

/// Positions of 30 seconds, the most that Whisper hears at once.
pub(crate) const AUDIO_CONTEXT: i64 = 1_500;

/// Size of the sinusoids. Whisper's have size 1 and drown the little that the convolutions say at first; the file holds
/// them as they are used.
const POSITION_SIZE: f64 = 0.2;

/// Two convolutions, the second of stride 2, fixed sinusoids, residual blocks.
pub(crate) struct Encoder {
    conv1: nn::Conv1D,
    conv2: nn::Conv1D,
    /// `[1500, width]`
    positions: Tensor,
    blocks: Vec<Block>,
    ln_post: nn::LayerNorm,
}

impl Encoder {
    pub(super) fn new(path: &Path<'_>, shape: &Shape) -> Self {
        let conv = |stride| nn::ConvConfig {
            padding: 1,
            stride,
            ..Default::default()
        };
        Self {
            conv1: nn::conv1d(path / "conv1", BANDS as i64, shape.width, 3, conv(1)),
            conv2: nn::conv1d(path / "conv2", shape.width, shape.width, 3, conv(2)),
            positions: Tensor::from_slice(&sinusoids(shape.width)).view([AUDIO_CONTEXT, shape.width]),
            blocks: (0..shape.encoder_layers)
                .map(|layer| Block::new(&(path / "blocks" / layer), shape, false))
                .collect(),
            ln_post: norm(path / "ln_post", shape.width),
        }
    }

    /// Spectrograms `[batch, 80, 2 n]` to `[batch, n, width]`, `n` at most 1500; whisper.cpp calls `n` the audio context.
    pub(crate) fn forward(&self, mel: &Tensor) -> Result<Tensor, DictationError> {
        let x = self.conv1.forward(mel).f_gelu("tanh")?;
        let x = self.conv2.forward(&x).f_gelu("tanh")?.f_transpose(1, 2)?;
        let mut x = &x + self.positions.f_narrow(0, 0, x.size()[1])?;
        for block in &self.blocks {
            x = block.forward(&x, None)?;
        }
        Ok(self.ln_post.forward(&x))
    }
}

/// Whisper's fixed positions, scaled: sines in the first half of the width, cosines in the second; `[1500][width]`.
pub(crate) fn sinusoids(width: i64) -> Vec<f32> {
    let half = width / 2;
    let step = 10_000_f64.ln() / (half - 1) as f64;
    (0..AUDIO_CONTEXT)
        .flat_map(|position| {
            let angle = move |i: i64| position as f64 * (-step * i as f64).exp();
            (0..half)
                .map(move |i| (POSITION_SIZE * angle(i).sin()) as f32)
                .chain((0..half).map(move |i| (POSITION_SIZE * angle(i).cos()) as f32))
        })
        .collect()
}
