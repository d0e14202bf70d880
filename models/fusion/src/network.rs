//! The fusion network: shared space, cross-modal attention, gate, heads. It knows names, not medicine.

use std::collections::BTreeMap;

use hilum_imaging::{Block, LayerNorm, Tokens, embedding};
use serde::{Deserialize, Serialize};
use tch::nn::{Init, Path};
use tch::{Device, Kind, Tensor};

use crate::{DmwaGate, FusionError, Modality};

/// Shape of the fusion network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FusionConfig {
    /// Width of the shared space.
    pub width: i64,
    /// Cross-modal attention blocks.
    pub layers: i64,
    /// Attention heads.
    pub heads: i64,
    /// Registered modalities. Their order is part of the weights.
    pub modalities: Vec<Modality>,
    /// What the heads answer. Their order is part of the weights.
    pub questions: Vec<String>,
}

/// What the network says about a batch.
#[derive(Debug)]
pub struct Fused {
    /// `[batch, questions]`.
    pub logits: Tensor,
    /// `[batch, questions, modalities]`, modalities in the order of `modalities`; 0 where a sample lacks one.
    pub alphas: Tensor,
    /// `[batch, questions, width]`: the fused feature that each head reads.
    pub features: Tensor,
    /// The modalities that the batch holds.
    pub modalities: Vec<Modality>,
}

/// The network.
///
/// Each modality's tokens get its `modality` embedding and are preceded by its `summary` token. All tokens of all
/// modalities attend to each other; what a summary token has become is the modality's feature `m_i`. Each question `q`
/// weighs the features by the gate, and the fused feature is the alpha-weighted sum, normalised over the modalities
/// that are present. With one modality the weights cancel: its alpha then says nothing.
///
/// Checkpoint keys: `modality [M, d]`, `summary [M, d]`, `block0`..., `norm`, `question [Q, d]`, `gate.*`,
/// `head_norm`, `head_weight [Q, d]`, `head_bias [Q]`.
#[derive(Debug)]
pub struct FusionNet {
    modality: Tensor,
    summary: Tensor,
    blocks: Vec<Block>,
    norm: LayerNorm,
    question: Tensor,
    gate: DmwaGate,
    head_norm: LayerNorm,
    head_weight: Tensor,
    head_bias: Tensor,
    config: FusionConfig,
}

impl FusionNet {
    /// An untrained network below `vs`.
    pub fn new(vs: &Path, config: FusionConfig) -> Result<Self, FusionError> {
        let refuse = |field, value: i64, expected| {
            Err(FusionError::Config {
                field,
                value: value as f64,
                expected,
            })
        };
        let FusionConfig {
            width, layers, heads, ..
        } = config;
        let (modalities, questions) = (config.modalities.len() as i64, config.questions.len() as i64);
        if heads < 1 || width < heads || width > 4096 || width % heads != 0 {
            return refuse("width", width, "a multiple of heads, up to 4096");
        }
        if !(1..=48).contains(&layers) {
            return refuse("layers", layers, "1 to 48");
        }
        if !(1..=64).contains(&modalities) {
            return refuse("modalities", modalities, "1 to 64 names");
        }
        if !(1..=64).contains(&questions) {
            return refuse("questions", questions, "1 to 64 names");
        }
        Ok(Self {
            modality: embedding(vs, "modality", modalities, width),
            summary: embedding(vs, "summary", modalities, width),
            blocks: (0..layers)
                .map(|n| Block::new(&(vs / format!("block{n}")), width, heads))
                .collect(),
            norm: LayerNorm::new(&(vs / "norm"), width),
            question: vs.var(
                "question",
                &[questions, width],
                Init::Randn {
                    mean: 0.0,
                    stdev: 1.0,
                },
            ),
            gate: DmwaGate::new(&(vs / "gate"), width, width),
            head_norm: LayerNorm::new(&(vs / "head_norm"), width),
            head_weight: embedding(vs, "head_weight", questions, width),
            head_bias: vs.var("head_bias", &[questions], Init::Const(0.0)),
            config,
        })
    }

    /// Shape of the network.
    pub const fn config(&self) -> &FusionConfig {
        &self.config
    }

    /// Fuses the modalities of a batch. A modality that no sample has is left out of `tokens`; one that some samples
    /// lack is marked in [`Tokens::present`]. `dropout` is 0 at inference.
    pub fn forward(&self, tokens: &BTreeMap<Modality, Tokens>, dropout: f64) -> Result<Fused, FusionError> {
        let (mut values, mut present, mut summaries) = (Vec::new(), Vec::new(), Vec::new());
        let mut length = 0;
        for (modality, tokens) in tokens {
            let row = self.registered(modality)?;
            let shape = tokens.values.size();
            let [batch, count, width] = shape[..] else {
                return Err(self.token_shape(modality, shape));
            };
            if width != self.config.width || tokens.present.size() != [batch, count] {
                return Err(self.token_shape(modality, shape));
            }
            let embedding = self.modality.f_get(row)?;
            let summary = self
                .summary
                .f_get(row)?
                .f_add(&embedding)?
                .f_expand([batch, 1, width], false)?;
            summaries.push(length);
            length += 1 + count;
            values.push(summary);
            values.push(tokens.values.f_add(&embedding)?);
            present.push(tokens.present.f_any_dim(1, true)?);
            present.push(tokens.present.shallow_clone());
        }
        if values.is_empty() {
            return Err(FusionError::NoModality(0));
        }
        let mut x = Tensor::f_cat(&values, 1)?;
        let present = Tensor::f_cat(&present, 1)?;
        let summaries = Tensor::f_from_slice(&summaries)?.f_to_device(x.device())?;
        let has = present.f_index_select(1, &summaries)?;
        check_every_sample(&has)?;
        for block in &self.blocks {
            x = block.forward(&x, &present, dropout)?;
        }
        let m = self.norm.forward(&x.f_index_select(1, &summaries)?)?;

        let alphas = self
            .gate
            .alphas(&self.question, &m)?
            .f_mul(&has.f_unsqueeze(1)?.f_to_kind(Kind::Float)?)?;
        let total = alphas.f_sum_dim_intlist(-1, true, None::<Kind>)?;
        let features = alphas.f_matmul(&m)?.f_div(&total)?;
        let logits = self
            .head_norm
            .forward(&features)?
            .f_mul(&self.head_weight)?
            .f_sum_dim_intlist(-1, false, None::<Kind>)?
            .f_add(&self.head_bias)?;
        Ok(Fused {
            logits,
            alphas,
            features,
            modalities: tokens.keys().cloned().collect(),
        })
    }

    fn registered(&self, modality: &Modality) -> Result<i64, FusionError> {
        let place = self.config.modalities.iter().position(|known| known == modality);
        place
            .map(|row| row as i64)
            .ok_or_else(|| FusionError::UnknownModality(modality.clone()))
    }

    fn token_shape(&self, modality: &Modality, shape: Vec<i64>) -> FusionError {
        FusionError::TokenShape {
            modality: modality.clone(),
            shape,
            width: self.config.width,
        }
    }
}

/// A sample with nothing present would divide by zero.
fn check_every_sample(has: &Tensor) -> Result<(), FusionError> {
    let some: Vec<bool> = Vec::try_from(&has.f_any_dim(1, false)?.f_to_device(Device::Cpu)?)?;
    match some.iter().position(|&some| !some) {
        Some(sample) => Err(FusionError::NoModality(sample)),
        None => Ok(()),
    }
}
