//! Linear layer and layer norm whose forward pass returns errors instead of panicking.

use tch::nn::{Init, Path, init};
use tch::{TchError, Tensor};

/// `y = x W^T + b`. Checkpoint keys: `weight [out, in]`, `bias [out]`.
#[derive(Debug)]
pub struct Linear {
    weight: Tensor,
    bias: Tensor,
}

impl Linear {
    /// A layer with He-initialised weights and zero bias.
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

/// Layer norm over the last axis (Ba et al. 2016). Checkpoint keys: `weight [d]`, `bias [d]`.
#[derive(Debug)]
pub struct LayerNorm {
    weight: Tensor,
    bias: Tensor,
    width: i64,
}

impl LayerNorm {
    /// A norm that starts as plain standardisation.
    pub fn new(vs: &Path, width: i64) -> Self {
        Self {
            weight: vs.var("weight", &[width], Init::Const(1.0)),
            bias: vs.var("bias", &[width], Init::Const(0.0)),
            width,
        }
    }

    /// `[..., d]` to `[..., d]`.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor, TchError> {
        x.f_layer_norm([self.width], Some(&self.weight), Some(&self.bias), 1e-5, false)
    }
}

/// A learned table of `rows` vectors of width `width`, initialised as the position embeddings of the vision transformer are.
pub fn embedding(vs: &Path, name: &str, rows: i64, width: i64) -> Tensor {
    vs.var(
        name,
        &[rows, width],
        Init::Randn {
            mean: 0.0,
            stdev: 0.02,
        },
    )
}

/// Group norm over channels (Wu and He 2018): no running statistics, so training and inference are one function.
#[derive(Debug)]
pub(crate) struct GroupNorm {
    weight: Tensor,
    bias: Tensor,
    groups: i64,
}

impl GroupNorm {
    pub(crate) fn new(vs: &Path, channels: i64, groups: i64) -> Self {
        Self {
            weight: vs.var("weight", &[channels], Init::Const(1.0)),
            bias: vs.var("bias", &[channels], Init::Const(0.0)),
            groups,
        }
    }

    pub(crate) fn forward(&self, x: &Tensor) -> Result<Tensor, TchError> {
        x.f_group_norm(self.groups, Some(&self.weight), Some(&self.bias), 1e-5, false)
    }
}

/// Square convolution over the plane. Checkpoint keys: `weight [out, in, k, k]`, `bias [out]`.
#[derive(Debug)]
pub(crate) struct Conv {
    weight: Tensor,
    bias: Tensor,
    stride: i64,
    padding: i64,
}

impl Conv {
    pub(crate) fn new(
        vs: &Path,
        [inputs, outputs]: [i64; 2],
        kernel: i64,
        stride: i64,
        padding: i64,
    ) -> Self {
        Self {
            weight: vs.var(
                "weight",
                &[outputs, inputs, kernel, kernel],
                init::DEFAULT_KAIMING_NORMAL,
            ),
            bias: vs.var("bias", &[outputs], Init::Const(0.0)),
            stride,
            padding,
        }
    }

    pub(crate) fn forward(&self, x: &Tensor) -> Result<Tensor, TchError> {
        x.f_conv2d(
            &self.weight,
            Some(&self.bias),
            [self.stride; 2],
            [self.padding; 2],
            [1; 2],
            1,
        )
    }
}
