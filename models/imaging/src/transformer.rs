//! Pre-norm transformer block (Vaswani et al. 2017; pre-norm as in the vision transformer).

use tch::nn::Path;
use tch::{TchError, Tensor};

use crate::{LayerNorm, Linear};

/// Multi-head self-attention and a two-layer perceptron, each behind a norm and beside a residual.
///
/// Checkpoint keys: `norm1`, `qkv`, `out`, `norm2`, `mlp1`, `mlp2`.
#[derive(Debug)]
pub struct Block {
    norm1: LayerNorm,
    qkv: Linear,
    out: Linear,
    norm2: LayerNorm,
    mlp1: Linear,
    mlp2: Linear,
    heads: i64,
}

impl Block {
    /// A block of width `width`; `heads` divides `width`.
    pub fn new(vs: &Path, width: i64, heads: i64) -> Self {
        Self {
            norm1: LayerNorm::new(&(vs / "norm1"), width),
            qkv: Linear::new(&(vs / "qkv"), width, 3 * width),
            out: Linear::new(&(vs / "out"), width, width),
            norm2: LayerNorm::new(&(vs / "norm2"), width),
            mlp1: Linear::new(&(vs / "mlp1"), width, 2 * width),
            mlp2: Linear::new(&(vs / "mlp2"), 2 * width, width),
            heads,
        }
    }

    /// `[batch, tokens, width]` to the same shape. `present` is boolean `[batch, tokens]`: nothing attends to a token
    /// that is absent. `dropout` is the probability of the residual branches' dropout, 0 at inference.
    pub fn forward(&self, x: &Tensor, present: &Tensor, dropout: f64) -> Result<Tensor, TchError> {
        let attended = self.attention(&self.norm1.forward(x)?, present)?;
        let x = x.f_add(&attended.f_dropout(dropout, dropout > 0.0)?)?;
        let hidden = self.mlp1.forward(&self.norm2.forward(&x)?)?.f_gelu("none")?;
        x.f_add(&self.mlp2.forward(&hidden)?.f_dropout(dropout, dropout > 0.0)?)
    }

    fn attention(&self, x: &Tensor, present: &Tensor) -> Result<Tensor, TchError> {
        let (batch, tokens, width) = x.size3()?;
        let parts = self
            .qkv
            .forward(x)?
            .f_view([batch, tokens, 3, self.heads, width / self.heads])?
            .f_permute([2, 0, 3, 1, 4])?;
        let [q, k, v] = [parts.f_get(0)?, parts.f_get(1)?, parts.f_get(2)?];
        // Broadcast over heads and queries.
        let mask = present
            .f_view([batch, 1, 1, tokens])?
            .f_expand([batch, 1, tokens, tokens], false)?;
        let mixed = Tensor::f_scaled_dot_product_attention(&q, &k, &v, Some(&mask), 0.0, false, None, false)?;
        self.out
            .forward(&mixed.f_transpose(1, 2)?.f_reshape([batch, tokens, width])?)
    }
}
