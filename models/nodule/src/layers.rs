//! Layers that the crate's networks share, and their first weights.

use rand::Rng;
use tch::nn::{Path, VarStore};
use tch::{TchError, Tensor};

/// Channels per normalisation group.
const GROUP: i64 = 8;
/// Division guard of the normalisation.
const EPSILON: f64 = 1e-5;

/// A 3x3 convolution without bias, group normalisation (Wu and He, ECCV 2018; no running statistics, so training
/// and inference are the same function), and a rectifier. Keys `weight`, `scale`, `shift`.
pub(crate) struct Convolution {
    weight: Tensor,
    scale: Tensor,
    shift: Tensor,
}

impl Convolution {
    /// With zero weights, to be loaded or initialised. `to` is a multiple of 8.
    pub(crate) fn new(path: &Path<'_>, from: i64, to: i64) -> Result<Self, TchError> {
        Ok(Self {
            weight: zeros(path, "weight", &[to, from, 3, 3])?,
            scale: zeros(path, "scale", &[to])?,
            shift: zeros(path, "shift", &[to])?,
        })
    }

    /// `[n, from, h, w]` to `[n, to, h, w]`.
    pub(crate) fn forward(&self, x: &Tensor) -> Result<Tensor, TchError> {
        let groups = self.scale.size()[0] / GROUP;
        x.f_conv2d(&self.weight, None::<&Tensor>, [1, 1], [1, 1], [1, 1], 1)?
            .f_group_norm(groups, Some(&self.scale), Some(&self.shift), EPSILON, false)?
            .f_relu()
    }
}

/// Halves both sides by the maximum.
pub(crate) fn halve(x: &Tensor) -> Result<Tensor, TchError> {
    x.f_max_pool2d([2, 2], [2, 2], [0, 0], [1, 1], false)
}

/// A variable of zeros.
pub(crate) fn zeros(path: &Path<'_>, name: &str, shape: &[i64]) -> Result<Tensor, TchError> {
    path.f_var(name, shape, tch::nn::Init::Const(0.0))
}

/// He's initialisation (ICCV 2015) from a generator of the caller, so that a seed fixes it.
pub(crate) fn initialise(store: &VarStore, rng: &mut impl Rng) -> Result<(), TchError> {
    let mut variables: Vec<_> = store.variables().into_iter().collect();
    variables.sort_by(|a, b| a.0.cmp(&b.0));
    for (name, mut variable) in variables {
        let size = variable.size();
        let values = if name.ends_with("weight") {
            let fan_in: i64 = size[1..].iter().product();
            let limit = (6.0 / fan_in as f32).sqrt();
            let count = size.iter().product::<i64>();
            (0..count).map(|_| rng.random_range(-limit..limit)).collect()
        } else {
            let value = if name.ends_with("scale") { 1.0 } else { 0.0 };
            vec![value; size.iter().product::<i64>() as usize]
        };
        let fresh = Tensor::f_from_slice::<f32>(&values)?.f_reshape(&size)?;
        tch::no_grad(|| variable.f_copy_(&fresh))?;
    }
    Ok(())
}
