//! The network of one detector member.
//!
//! One trunk per scale, shared by its three planes: four 3x3 convolutions with group normalisation (Wu and He,
//! ECCV 2018; no running statistics, so training and inference are the same function), then two dense layers over
//! the planes of both scales. Every operation is fallible: libtorch's refusals come back as errors.

use rand::Rng;
use tch::nn::{Path, VarStore};
use tch::{Device, Kind, TchError, Tensor};

use crate::views::{CHANNELS, PLANES, SAMPLE, SCALES_MM, SIDE};

/// Channels after each convolution.
const WIDTHS: [i64; 4] = [16, 32, 48, 64];
/// Channels per normalisation group.
const GROUP: i64 = 8;
/// Width of the hidden dense layer.
const HIDDEN: i64 = 64;
/// Division guard of the normalisation.
const EPSILON: f64 = 1e-5;

/// Weights by name; keys are `near.conv0.weight` ... `out.bias`.
pub(crate) struct Network {
    pub(crate) store: VarStore,
    trunks: Vec<Vec<Convolution>>,
    hidden: Dense,
    out: Dense,
}

struct Convolution {
    weight: Tensor,
    scale: Tensor,
    shift: Tensor,
}

struct Dense {
    weight: Tensor,
    bias: Tensor,
}

impl Network {
    /// A network with zero weights, to be loaded or initialised.
    pub(crate) fn new() -> Result<Self, TchError> {
        let store = VarStore::new(Device::Cpu);
        let root = store.root();
        let mut trunks = Vec::new();
        for scale in ["near", "far"] {
            let mut from = CHANNELS as i64;
            let mut trunk = Vec::new();
            for (layer, width) in WIDTHS.into_iter().enumerate() {
                let path = &root / scale / format!("conv{layer}");
                trunk.push(Convolution {
                    weight: zeros(&path, "weight", &[width, from, 3, 3])?,
                    scale: zeros(&path, "scale", &[width])?,
                    shift: zeros(&path, "shift", &[width])?,
                });
                from = width;
            }
            trunks.push(trunk);
        }
        let features = WIDTHS[3] * (PLANES * SCALES_MM.len()) as i64;
        let hidden = dense(&(&root / "hidden"), features, HIDDEN)?;
        let out = dense(&(&root / "out"), HIDDEN, 1)?;
        Ok(Self {
            store,
            trunks,
            hidden,
            out,
        })
    }

    /// He's initialisation (ICCV 2015) from a generator of the caller, so that a seed fixes it.
    pub(crate) fn initialise(&mut self, rng: &mut impl Rng) -> Result<(), TchError> {
        let mut variables: Vec<_> = self.store.variables().into_iter().collect();
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

    /// A network of its own with the same weights.
    pub(crate) fn copy(&self) -> Result<Self, TchError> {
        let copy = Self::new()?;
        let from = self.store.variables();
        for (name, mut variable) in copy.store.variables() {
            if let Some(value) = from.get(&name) {
                tch::no_grad(|| variable.f_copy_(value))?;
            }
        }
        Ok(copy)
    }

    /// Logits `[n]` of `n` samples, given one after the other (see [`crate::views`]).
    pub(crate) fn logits(&self, samples: &[f32]) -> Result<Tensor, TchError> {
        let n = (samples.len() / SAMPLE) as i64;
        let (planes, side) = (PLANES as i64, SIDE as i64);
        let shape = [n, SCALES_MM.len() as i64, planes, CHANNELS as i64, side, side];
        let input = Tensor::f_from_slice::<f32>(samples)?.f_reshape(shape)?;
        let mut features = Vec::new();
        for (scale, trunk) in self.trunks.iter().enumerate() {
            let mut x =
                input
                    .f_select(1, scale as i64)?
                    .f_reshape([n * planes, CHANNELS as i64, side, side])?;
            for (layer, convolution) in trunk.iter().enumerate() {
                x = convolution.forward(&x)?;
                if layer + 1 < trunk.len() {
                    x = x.f_max_pool2d([2, 2], [2, 2], [0, 0], [1, 1], false)?;
                }
            }
            let pooled = x.f_amax([2_i64, 3].as_slice(), false)?;
            features.push(pooled.f_reshape([n, planes * WIDTHS[3]])?);
        }
        let hidden = self.hidden.forward(&Tensor::f_cat(&features, 1)?)?.f_relu()?;
        self.out.forward(&hidden)?.f_reshape([n])
    }

    /// Probabilities of `n` samples.
    pub(crate) fn probabilities(&self, samples: &[f32]) -> Result<Vec<f32>, TchError> {
        let logits = tch::no_grad(|| self.logits(samples))?;
        Vec::<f32>::try_from(logits.f_sigmoid()?.f_to_kind(Kind::Float)?)
    }
}

impl Convolution {
    fn forward(&self, x: &Tensor) -> Result<Tensor, TchError> {
        let groups = self.scale.size()[0] / GROUP;
        x.f_conv2d(&self.weight, None::<&Tensor>, [1, 1], [1, 1], [1, 1], 1)?
            .f_group_norm(groups, Some(&self.scale), Some(&self.shift), EPSILON, false)?
            .f_relu()
    }
}

impl Dense {
    fn forward(&self, x: &Tensor) -> Result<Tensor, TchError> {
        x.f_linear(&self.weight, Some(&self.bias))
    }
}

fn zeros(path: &Path<'_>, name: &str, shape: &[i64]) -> Result<Tensor, TchError> {
    path.f_var(name, shape, tch::nn::Init::Const(0.0))
}

fn dense(path: &Path<'_>, from: i64, to: i64) -> Result<Dense, TchError> {
    Ok(Dense {
        weight: zeros(path, "weight", &[to, from])?,
        bias: zeros(path, "bias", &[to])?,
    })
}
