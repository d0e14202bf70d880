//! Residual blocks: layer norm, attention, perceptron.

use std::borrow::Borrow;

use tch::Tensor;
use tch::nn::{self, Module as _, Path};

use super::{HEAD, Shape};
use crate::DictationError;

/// Multi-head attention.
pub(super) struct Attention {
    query: nn::Linear,
    key: nn::Linear,
    value: nn::Linear,
    out: nn::Linear,
    width: i64,
    heads: i64,
}

/// Keys and values of what is attended to, `[batch, head, position, 64]`.
pub(crate) struct Memory {
    keys: Tensor,
    values: Tensor,
}

impl Attention {
    pub(super) fn new(path: &Path<'_>, shape: &Shape) -> Self {
        let width = shape.width;
        let linear = |name: &str, bias: bool| {
            let config = nn::LinearConfig {
                bias,
                ..Default::default()
            };
            nn::linear(path / name, width, width, config)
        };
        Self {
            query: linear("query", true),
            key: linear("key", false),
            value: linear("value", true),
            out: linear("out", true),
            width,
            heads: shape.heads(),
        }
    }

    /// What a sequence `[batch, position, width]` offers to attention.
    pub(super) fn memory(&self, of: &Tensor) -> Result<Memory, DictationError> {
        Ok(Memory {
            keys: self.split(&self.key.forward(of))?,
            values: self.split(&self.value.forward(of))?,
        })
    }

    pub(super) fn attend(&self, from: &Tensor, to: &Memory, causal: bool) -> Result<Tensor, DictationError> {
        let attended = Tensor::f_scaled_dot_product_attention(
            &self.split(&self.query.forward(from))?,
            &to.keys,
            &to.values,
            None::<&Tensor>,
            0.0,
            causal,
            None,
            false,
        )?;
        let size = from.size();
        let joined = attended
            .f_transpose(1, 2)?
            .f_reshape([size[0], size[1], self.width])?;
        Ok(self.out.forward(&joined))
    }

    fn split(&self, of: &Tensor) -> Result<Tensor, DictationError> {
        let size = of.size();
        Ok(of
            .f_view([size[0], size[1], self.heads, HEAD])?
            .f_transpose(1, 2)?)
    }
}

/// A layer of encoder or decoder; that of the decoder also listens to the encoder.
pub(super) struct Block {
    attn_ln: nn::LayerNorm,
    attn: Attention,
    cross: Option<(nn::LayerNorm, Attention)>,
    mlp_ln: nn::LayerNorm,
    mlp: (nn::Linear, nn::Linear),
}

impl Block {
    pub(super) fn new(path: &Path<'_>, shape: &Shape, cross: bool) -> Self {
        let width = shape.width;
        Self {
            attn_ln: norm(path / "attn_ln", width),
            attn: Attention::new(&(path / "attn"), shape),
            cross: cross.then(|| {
                (
                    norm(path / "cross_attn_ln", width),
                    Attention::new(&(path / "cross_attn"), shape),
                )
            }),
            mlp_ln: norm(path / "mlp_ln", width),
            mlp: (
                nn::linear(path / "mlp" / 0, width, 4 * width, nn::LinearConfig::default()),
                nn::linear(path / "mlp" / 2, 4 * width, width, nn::LinearConfig::default()),
            ),
        }
    }

    /// What of the encoder's output this layer listens to; `None` for a layer of the encoder.
    pub(super) fn memory(&self, audio: &Tensor) -> Result<Option<Memory>, DictationError> {
        self.cross
            .as_ref()
            .map(|(_, cross)| cross.memory(audio))
            .transpose()
    }

    /// `[batch, position, width]` to the same.
    pub(super) fn forward(&self, x: &Tensor, audio: Option<&Memory>) -> Result<Tensor, DictationError> {
        let normed = self.attn_ln.forward(x);
        let mut x = x + self
            .attn
            .attend(&normed, &self.attn.memory(&normed)?, self.cross.is_some())?;
        if let (Some((norm, cross)), Some(audio)) = (&self.cross, audio) {
            x = &x + cross.attend(&norm.forward(&x), audio, false)?;
        }
        // whisper.cpp computes GELU by its tanh form.
        let hidden = self.mlp.0.forward(&self.mlp_ln.forward(&x)).f_gelu("tanh")?;
        Ok(x + self.mlp.1.forward(&hidden))
    }
}

pub(super) fn norm<'a>(path: impl Borrow<Path<'a>>, width: i64) -> nn::LayerNorm {
    nn::layer_norm(path, vec![width], nn::LayerNormConfig::default())
}
