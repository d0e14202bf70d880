//! From pixels to one vector per 16x16 patch.

use serde::{Deserialize, Serialize};
use tch::nn::Path;
use tch::{TchError, Tensor};

use crate::layers::{Conv, GroupNorm};

/// Side of a patch in pixels.
pub(crate) const PATCH: i64 = 16;

/// How patches become vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StemKind {
    /// One linear map of the patch, as in the vision transformer.
    Patch,
    /// Four 3x3 convolutions of stride 2 (Xiao et al. 2021).
    Conv,
}

/// The stem. Checkpoint keys: `proj` (patch), or `conv0`..`conv3`, `norm0`..`norm3` (conv).
#[derive(Debug)]
pub(crate) enum Stem {
    Patch(Conv),
    Conv(Vec<(Conv, GroupNorm)>),
}

impl Stem {
    pub(crate) fn new(vs: &Path, kind: StemKind, width: i64) -> Self {
        match kind {
            StemKind::Patch => Self::Patch(Conv::new(&(vs / "proj"), [1, width], PATCH, PATCH, 0)),
            StemKind::Conv => {
                let channels = [1, 16, 32, 64, width];
                let stages = channels.windows(2).enumerate().map(|(n, pair)| {
                    let conv = Conv::new(&(vs / format!("conv{n}")), [pair[0], pair[1]], 3, 2, 1);
                    (conv, GroupNorm::new(&(vs / format!("norm{n}")), pair[1], 8))
                });
                Self::Conv(stages.collect())
            }
        }
    }

    /// `[pictures, 1, side, side]` to `[pictures, (side/16)^2, width]`, patches row by row.
    pub(crate) fn forward(&self, x: &Tensor) -> Result<Tensor, TchError> {
        let features = match self {
            Self::Patch(proj) => proj.forward(x)?,
            Self::Conv(stages) => {
                let mut x = x.shallow_clone();
                for (conv, norm) in stages {
                    x = norm.forward(&conv.forward(&x)?)?.f_gelu("none")?;
                }
                x
            }
        };
        features.f_flatten(2, 3)?.f_transpose(1, 2)
    }
}
