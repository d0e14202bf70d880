//! Linear layer.

use tch::nn::{Init, Path};
use tch::{TchError, Tensor};

/// `y = x W^T + b`. Checkpoint keys: `weight [out, in]`, `bias [out]`.
#[derive(Debug)]
pub struct Linear {
    weight: Tensor,
    bias: Tensor,
}

impl Linear {
    /// A layer with weights of standard deviation `1 / sqrt(in)` and zero bias.
    pub fn new(vs: &Path, inputs: i64, outputs: i64) -> Self {
        Self {
            weight: vs.var(
                "weight",
                &[outputs, inputs],
                Init::Randn {
                    mean: 0.0,
                    stdev: (1.0 / inputs as f64).sqrt(),
                },
            ),
            bias: vs.var("bias", &[outputs], Init::Const(0.0)),
        }
    }

    /// `[..., in]` to `[..., out]`.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor, TchError> {
        x.f_linear(&self.weight, Some(&self.bias))
    }
}
