//! Layer norm.

use tch::nn::{Init, Path};
use tch::{TchError, Tensor};

/// Layer norm over the last axis (Ba et al. 2016). Checkpoint keys: `weight [d]`, `bias [d]`.
#[derive(Debug)]
pub struct LayerNorm {
    weight: Tensor,
    bias: Tensor,
    width: i64,
    epsilon: f64,
}

impl LayerNorm {
    /// A norm that starts as plain standardisation, with the epsilon that torch has by default.
    pub fn new(vs: &Path, width: i64) -> Self {
        Self::with_epsilon(vs, width, 1e-5)
    }

    /// The same with an epsilon of the network's own.
    pub fn with_epsilon(vs: &Path, width: i64, epsilon: f64) -> Self {
        Self {
            weight: vs.var("weight", &[width], Init::Const(1.0)),
            bias: vs.var("bias", &[width], Init::Const(0.0)),
            width,
            epsilon,
        }
    }

    /// `[..., d]` to `[..., d]`.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor, TchError> {
        x.f_layer_norm(
            [self.width],
            Some(&self.weight),
            Some(&self.bias),
            self.epsilon,
            false,
        )
    }
}
