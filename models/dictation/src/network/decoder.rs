//! Text decoder.

use tch::Tensor;
use tch::nn::{self, Module as _, Path};

use super::block::{Block, Memory, norm};
use super::{FREE_DIMENSION, Shape, normal};
use crate::DictationError;

/// Learned positions, residual blocks that listen to the audio, and the embedding again as output.
pub(crate) struct Decoder {
    /// `[rows, width]`
    embedding: Tensor,
    /// Ones, and a zero in the free dimension.
    used: Tensor,
    positions: Tensor,
    blocks: Vec<Block>,
    ln: nn::LayerNorm,
}

impl Decoder {
    pub(super) fn new(path: &Path<'_>, shape: &Shape, rows: i64) -> Self {
        let width = shape.width;
        let used = Tensor::ones([width], (tch::Kind::Float, path.device()));
        let _ = used.get(FREE_DIMENSION).fill_(0.0);
        Self {
            embedding: (path / "token_embedding").var("weight", &[rows, width], normal(0.06)),
            used,
            positions: path.var("positional_embedding", &[shape.text_context, width], normal(0.01)),
            blocks: (0..shape.decoder_layers)
                .map(|layer| Block::new(&(path / "blocks" / layer), shape, true))
                .collect(),
            ln: norm(path / "ln", width),
        }
    }

    /// Rows that fit in one answer.
    pub(crate) fn longest(&self) -> usize {
        self.positions.size()[0] as usize
    }

    /// What each layer listens to.
    pub(crate) fn memory(&self, audio: &Tensor) -> Result<Vec<Option<Memory>>, DictationError> {
        self.blocks.iter().map(|block| block.memory(audio)).collect()
    }

    /// Rows `[batch, position]` to the logits of the next row, `[batch, position, rows]`.
    pub(crate) fn forward(&self, rows: &Tensor, audio: &[Option<Memory>]) -> Result<Tensor, DictationError> {
        let embedding = self.rows()?;
        let mut x = Tensor::f_embedding(&embedding, rows, -1, false, false)?
            + self.positions.f_narrow(0, 0, rows.size()[1])?;
        for (block, audio) in self.blocks.iter().zip(audio) {
            x = block.forward(&x, audio.as_ref())?;
        }
        Ok(self.ln.forward(&x).f_matmul(&embedding.f_transpose(0, 1)?)?)
    }

    /// The rows with their free dimension empty.
    pub(crate) fn rows(&self) -> Result<Tensor, DictationError> {
        Ok(self.embedding.f_mul(&self.used)?)
    }
}
