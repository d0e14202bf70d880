//! The CT encoder: a vision transformer over 16x16 patches of stacked slices, and the measured diameter.

use serde::{Deserialize, Serialize};
use tch::nn::Path;
use tch::{Device, TchError, Tensor};

use crate::layers::embedding;
use crate::stem::{PATCH, Stem};
use crate::{Block, EncoderError, NoduleCrop, StemKind, View};
use crate::{LayerNorm, Linear};

/// The device that networks run on: a GPU where libtorch finds one, else the processor. Whoever loads a model logs it.
pub fn best_device() -> Device {
    Device::cuda_if_available()
}

/// Processor threads that one pass through a network may use, for the whole process.
///
/// Measured on nodule crops: one thread takes 40 ms for an ensemble; with two on two busy cores the threads wait for
/// each other, up to seconds. So one is the right number unless cores lie idle.
pub fn set_threads(threads: usize) {
    tch::set_num_threads(threads as i32);
}

/// Tokens of one modality for a batch.
#[derive(Debug)]
pub struct Tokens {
    /// `[batch, tokens, width]`, f32.
    pub values: Tensor,
    /// `[batch, tokens]`, boolean: false where a sample does not have this token. What its value is does not matter.
    pub present: Tensor,
}

/// Shape of the encoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CtConfig {
    /// Side of the input in native pixels; a multiple of 16, at most 80.
    pub side: i64,
    /// Number of slices.
    pub slices: i64,
    /// Width of the shared space; a multiple of `heads` and of 8.
    pub width: i64,
    /// Transformer blocks.
    pub layers: i64,
    /// Attention heads.
    pub heads: i64,
    /// How patches become vectors.
    pub stem: StemKind,
}

impl Default for CtConfig {
    fn default() -> Self {
        Self {
            side: 48,
            slices: 5,
            width: 64,
            layers: 2,
            heads: 4,
            stem: StemKind::Conv,
        }
    }
}

/// Network input for a batch of crops.
#[derive(Debug)]
pub struct CtBatch {
    /// `[batch, slices, side, side]`, HU windowed to 0..1.
    pub pictures: Tensor,
    /// `[batch]`, diameter in mm; any number where it is absent.
    pub eq_diam_mm: Tensor,
    /// `[batch]`, boolean.
    pub has_diameter: Tensor,
}

impl CtBatch {
    /// Cuts one picture per crop and view. `with_diameter` says whether that sample may show its diameter.
    pub fn new(config: &CtConfig, samples: &[(&NoduleCrop, &View, bool)]) -> Result<Self, TchError> {
        let (side, slices) = (config.side, config.slices);
        let mut pictures = Vec::with_capacity(samples.len() * (slices * side * side) as usize);
        let (mut diameters, mut has) = (Vec::new(), Vec::new());
        for (crop, view, with_diameter) in samples {
            pictures.extend(crop.sample(slices as usize, side as usize, view));
            let diameter = crop.eq_diam_mm().filter(|_| *with_diameter);
            diameters.push(diameter.map_or(1.0, |mm| (mm * view.diameter_factor) as f32));
            has.push(diameter.is_some());
        }
        let pictures = Tensor::f_from_slice(&pictures)?;
        Ok(Self {
            pictures: pictures.f_view([samples.len() as i64, slices, side, side])?,
            eq_diam_mm: Tensor::f_from_slice(&diameters)?,
            has_diameter: Tensor::f_from_slice(&has)?,
        })
    }

    /// The batch on a device.
    pub fn to_device(&self, device: Device) -> Result<Self, TchError> {
        Ok(Self {
            pictures: self.pictures.f_to_device(device)?,
            eq_diam_mm: self.eq_diam_mm.f_to_device(device)?,
            has_diameter: self.has_diameter.f_to_device(device)?,
        })
    }
}

/// The encoder.
///
/// Checkpoint keys: `stem.*`, `position [patches, d]`, `slice [slices, d]`, `diameter1`, `diameter2`, `block0`...,
/// `norm`.
#[derive(Debug)]
pub struct CtEncoder {
    stem: Stem,
    position: Tensor,
    slice: Tensor,
    diameter1: Linear,
    diameter2: Linear,
    blocks: Vec<Block>,
    norm: LayerNorm,
    config: CtConfig,
}

impl CtEncoder {
    /// An untrained encoder below `vs`.
    pub fn new(vs: &Path, config: CtConfig) -> Result<Self, EncoderError> {
        let CtConfig {
            side,
            slices,
            width,
            layers,
            heads,
            stem,
        } = config;
        let refuse = |field, value, expected| {
            Err(EncoderError::Config {
                field,
                value,
                expected,
            })
        };
        if !(PATCH..=80).contains(&side) || side % PATCH != 0 {
            return refuse("side", side, "a multiple of 16 up to 80");
        }
        if !(1..=64).contains(&slices) {
            return refuse("slices", slices, "1 to 64");
        }
        if heads < 1 || !(8..=4096).contains(&width) || width % heads != 0 || width % 8 != 0 {
            return refuse("width", width, "a multiple of heads and of 8, up to 4096");
        }
        if !(0..=48).contains(&layers) {
            return refuse("layers", layers, "0 to 48");
        }
        let patches = (side / PATCH).pow(2);
        Ok(Self {
            stem: Stem::new(&(vs / "stem"), stem, width),
            position: embedding(vs, "position", patches, width),
            slice: embedding(vs, "slice", slices, width),
            diameter1: Linear::new(&(vs / "diameter1"), 3, width),
            diameter2: Linear::new(&(vs / "diameter2"), width, width),
            blocks: (0..layers)
                .map(|n| Block::new(&(vs / format!("block{n}")), width, heads))
                .collect(),
            norm: LayerNorm::new(&(vs / "norm"), width),
            config,
        })
    }

    /// Shape of the encoder.
    pub const fn config(&self) -> &CtConfig {
        &self.config
    }

    /// Tokens of a batch: one per patch of each slice, then the diameter's, absent where there is no diameter.
    pub fn forward(&self, batch: &CtBatch, dropout: f64) -> Result<Tokens, EncoderError> {
        let CtConfig {
            side, slices, width, ..
        } = self.config;
        let n = batch.pictures.size()[0];
        // 0..1 to about -2..2.
        let pixels = batch
            .pictures
            .f_view([n * slices, 1, side, side])?
            .f_sub_scalar(0.5)?
            .f_mul_scalar(4.0)?;
        let patches = self.stem.forward(&pixels)?.f_view([n, slices, -1, width])?;
        let places = self.position.f_unsqueeze(0)?.f_add(&self.slice.f_unsqueeze(1)?)?;
        let patches = patches.f_add(&places)?.f_flatten(1, 2)?;
        let diameter = self.diameter_token(&batch.eq_diam_mm)?.f_unsqueeze(1)?;
        let mut values = Tensor::f_cat(&[&patches, &diameter], 1)?;

        let all = Tensor::f_ones([n, values.size()[1] - 1], (tch::Kind::Bool, values.device()))?;
        let present = Tensor::f_cat(&[&all, &batch.has_diameter.f_unsqueeze(1)?], 1)?;
        for block in &self.blocks {
            values = block.forward(&values, &present, dropout)?;
        }
        Ok(Tokens {
            values: self.norm.forward(&values)?,
            present,
        })
    }

    /// A cubic of the logarithm of the diameter, centred at 8 mm (the cohort's geometric mean is near), then two layers.
    fn diameter_token(&self, eq_diam_mm: &Tensor) -> Result<Tensor, TchError> {
        let x = eq_diam_mm.f_log()?.f_sub_scalar(8f64.ln())?.f_mul_scalar(1.6)?;
        let powers = Tensor::f_stack(&[&x, &x.f_square()?, &x.f_pow_tensor_scalar(3)?], -1)?;
        self.diameter2
            .forward(&self.diameter1.forward(&powers)?.f_gelu("none")?)
    }
}
