//! The network of one detector member.
//!
//! One trunk per scale, shared by its three planes: four 3x3 convolutions with group normalisation, then two dense
//! layers over the planes of both scales. Every operation is fallible: libtorch's refusals come back as errors.

use rand::Rng;
use tch::nn::{Path, VarStore};
use tch::{Device, Kind, TchError, Tensor};

use crate::layers::{Convolution, halve, initialise, zeros};
use crate::views::{CHANNELS, PLANES, SAMPLE, SCALES_MM, SIDE};

/// Channels after each convolution.
const WIDTHS: [i64; 4] = [16, 32, 48, 64];
/// Width of the hidden dense layer.
const HIDDEN: i64 = 64;

/// Weights by name; keys are `near.conv0.weight` ... `out.bias`.
pub(crate) struct Network {
    pub(crate) store: VarStore,
    trunks: Vec<Vec<Convolution>>,
    hidden: Dense,
    out: Dense,
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
                trunk.push(Convolution::new(&path, from, width)?);
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

    /// First weights from a generator of the caller.
    pub(crate) fn initialise(&mut self, rng: &mut impl Rng) -> Result<(), TchError> {
        initialise(&self.store, rng)
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
                    x = halve(&x)?;
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

impl Dense {
    fn forward(&self, x: &Tensor) -> Result<Tensor, TchError> {
        x.f_linear(&self.weight, Some(&self.bias))
    }
}

fn dense(path: &Path<'_>, from: i64, to: i64) -> Result<Dense, TchError> {
    Ok(Dense {
        weight: zeros(path, "weight", &[to, from])?,
        bias: zeros(path, "bias", &[to])?,
    })
}
