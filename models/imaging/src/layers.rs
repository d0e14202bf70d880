//! Layers of the image encoders.

use tch::nn::{Init, Path, init};
use tch::{TchError, Tensor};

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
