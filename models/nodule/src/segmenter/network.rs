//! The network of one segmenter member.
//!
//! A small U-Net (Ronneberger, Fischer and Brox, MICCAI 2015) over one axial slice with its two neighbours as
//! channels ("2.5-D"). Two maps come out: whether most readers would count a pixel to the nodule, and the share of
//! readers who would. Every operation is fallible: libtorch's refusals come back as errors.

use rand::Rng;
use tch::nn::VarStore;
use tch::{Device, Kind, TchError, Tensor};

use crate::layers::{Convolution, halve, initialise, zeros};
use crate::segmenter::sight::{CHANNELS, INPUT, PIXELS, SIDE};

/// Channels at full, half, quarter and eighth resolution.
const WIDTHS: [i64; 4] = [16, 32, 48, 64];
/// Maps that come out: majority, share.
const MAPS: i64 = 2;

/// Weights by name; keys are `down0.conv0.weight` ... `up0.conv1.shift`, `out.weight`, `out.bias`.
pub(crate) struct UNet {
    pub(crate) store: VarStore,
    /// From full to eighth resolution.
    down: Vec<Vec<Convolution>>,
    /// From quarter to full resolution.
    up: Vec<Vec<Convolution>>,
    weight: Tensor,
    bias: Tensor,
}

/// Two maps of every sample, `[sample][SIDE][SIDE]` each, one after the other.
pub(crate) struct Maps {
    /// Probability that more than half of the readers include the pixel.
    pub(crate) majority: Vec<f32>,
    /// Expected share of readers who include it.
    pub(crate) share: Vec<f32>,
}

impl UNet {
    /// A network with zero weights, to be loaded or initialised.
    pub(crate) fn new() -> Result<Self, TchError> {
        let store = VarStore::new(Device::Cpu);
        let root = store.root();
        let block = |name: String, from: i64, to: i64, layers: usize| {
            let path = &root / name;
            (0..layers)
                .map(|layer| {
                    let from = if layer == 0 { from } else { to };
                    Convolution::new(&(&path / format!("conv{layer}")), from, to)
                })
                .collect::<Result<Vec<_>, _>>()
        };
        let mut down = Vec::new();
        let mut from = CHANNELS as i64;
        for (level, to) in WIDTHS.into_iter().enumerate() {
            let layers = if level + 1 == WIDTHS.len() { 1 } else { 2 };
            down.push(block(format!("down{level}"), from, to, layers)?);
            from = to;
        }
        let mut up = Vec::new();
        for level in (0..WIDTHS.len() - 1).rev() {
            let to = WIDTHS[level];
            let layers = if level + 2 == WIDTHS.len() { 1 } else { 2 };
            up.push(block(format!("up{level}"), from + to, to, layers)?);
            from = to;
        }
        let out = &root / "out";
        let weight = zeros(&out, "weight", &[MAPS, from, 1, 1])?;
        let bias = zeros(&out, "bias", &[MAPS])?;
        Ok(Self {
            store,
            down,
            up,
            weight,
            bias,
        })
    }

    /// First weights from a generator of the caller.
    pub(crate) fn initialise(&self, rng: &mut impl Rng) -> Result<(), TchError> {
        initialise(&self.store, rng)
    }

    /// Moves the weights towards those of another network by a share of the way.
    pub(crate) fn keep(&self, other: &Self, share: f64) -> Result<(), TchError> {
        let others = other.store.variables();
        tch::no_grad(|| {
            for (name, mut weight) in self.store.variables() {
                if let Some(other) = others.get(&name) {
                    let _ = weight.f_lerp_(other, share)?;
                }
            }
            Ok(())
        })
    }

    /// Logits `[n][2][SIDE][SIDE]` of `n` samples, given one after the other (see [`crate::segmenter::sight`]).
    pub(crate) fn logits(&self, samples: &[f32]) -> Result<Tensor, TchError> {
        let (n, side) = ((samples.len() / INPUT) as i64, SIDE as i64);
        let mut x = Tensor::f_from_slice::<f32>(samples)?.f_reshape([n, CHANNELS as i64, side, side])?;
        let mut kept = Vec::new();
        for (level, block) in self.down.iter().enumerate() {
            if level > 0 {
                x = halve(&x)?;
            }
            x = through(block, x)?;
            if level + 1 < self.down.len() {
                kept.push(x.shallow_clone());
            }
        }
        for block in &self.up {
            let Some(beside) = kept.pop() else { break };
            let size = &beside.size()[2..];
            x = x.f_upsample_nearest2d([size[0], size[1]].as_slice(), None, None)?;
            x = through(block, Tensor::f_cat(&[x, beside], 1)?)?;
        }
        x.f_conv2d(&self.weight, Some(&self.bias), [1, 1], [0, 0], [1, 1], 1)
    }

    /// Both maps of `n` samples.
    pub(crate) fn maps(&self, samples: &[f32]) -> Result<Maps, TchError> {
        let maps = tch::no_grad(|| self.logits(samples))?.f_sigmoid()?;
        let values = |map: i64| {
            let map = maps.f_select(1, map)?.f_contiguous()?.f_reshape([-1])?;
            Vec::<f32>::try_from(map.f_to_kind(Kind::Float)?)
        };
        let (majority, share) = (values(0)?, values(1)?);
        debug_assert_eq!(majority.len() * CHANNELS, samples.len());
        debug_assert_eq!(majority.len() % PIXELS, 0);
        Ok(Maps { majority, share })
    }
}

fn through(block: &[Convolution], mut x: Tensor) -> Result<Tensor, TchError> {
    for convolution in block {
        x = convolution.forward(&x)?;
    }
    Ok(x)
}
