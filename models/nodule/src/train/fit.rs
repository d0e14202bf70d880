//! Training of one member.

use std::f64::consts::PI;

use hilum_domain::Progress;
use rand::distr::Distribution;
use rand::distr::weighted::WeightedIndex;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tch::nn::OptimizerConfig;
use tch::{Kind, Reduction, Tensor, nn};

use super::DetectorTrainConfig;
use super::piece::Piece;
use super::scene::Host;
use crate::NoduleError;
use crate::network::Network;
use crate::views::SAMPLE;

/// A negative that the member is sure of is still drawn at this weight; others at their probability on top.
const EASY_WEIGHT: f64 = 0.08;
/// Share of the first steps over which the learning rate rises.
const WARM_UP: f64 = 0.05;
const WEIGHT_DECAY: f64 = 1e-4;
/// Positives are labelled a little below 1, negatives a little above 0: some "nodules" are opinions, and some
/// candidates are nodules nobody marked.
const SMOOTHING: f32 = 0.02;

/// A trained member and how it did.
pub(super) struct Fitted {
    pub(super) network: Network,
    pub(super) negatives: usize,
    pub(super) final_loss: f64,
    validation: Vec<f32>,
}

impl Fitted {
    /// Share of kept-back nodules at or above a probability.
    pub(super) fn sensitivity(&self, probability: f64) -> f64 {
        let found = self
            .validation
            .iter()
            .filter(|p| f64::from(**p) >= probability)
            .count();
        found as f64 / self.validation.len().max(1) as f64
    }
}

/// Trains the member that never sees `hosts[left_out]`.
pub(super) fn fit_member(
    left_out: usize,
    hosts: &[Host<'_>],
    pieces: &[Piece],
    kept_back: &[Piece],
    config: &DetectorTrainConfig,
    progress: &dyn Progress,
) -> Result<Fitted, NoduleError> {
    tch::set_num_threads(1);
    let mut rng = ChaCha8Rng::seed_from_u64(config.seed);
    rng.set_stream(left_out as u64 + 1);
    let hosts: Vec<&Host<'_>> = (0..hosts.len())
        .filter(|&at| at != left_out)
        .map(|at| &hosts[at])
        .collect();
    let negatives: Vec<(usize, usize)> = hosts
        .iter()
        .enumerate()
        .flat_map(|(host, h)| (0..h.negatives.len()).map(move |at| (host, at)))
        .collect();
    if negatives.is_empty() {
        return Err(NoduleError::Training("the training CTs have no candidate".into()));
    }
    let mut network = Network::new()?;
    network.initialise(&mut rng)?;
    let mut optimizer = nn::AdamW {
        wd: WEIGHT_DECAY,
        ..nn::AdamW::default()
    }
    .build(&network.store, config.learning_rate)?;
    let mut hardness = vec![1.0_f64; negatives.len()];
    let positives = config.batch / 2;
    let (mut tail_loss, mut tail) = (0.0, 0_usize);
    for step in 0..config.steps {
        optimizer.set_lr(learning_rate(config, step));
        let draw = WeightedIndex::new(hardness.iter().map(|p| p + EASY_WEIGHT))
            .map_err(|error| NoduleError::Training(error.to_string()))?;
        let mut samples = Vec::with_capacity(config.batch * SAMPLE);
        for _ in 0..positives {
            if let (Some(host), Some(piece)) = (hosts.choose(&mut rng), pieces.choose(&mut rng)) {
                host.positive(piece, &mut rng, &mut samples);
            }
        }
        let drawn: Vec<usize> = (positives..config.batch).map(|_| draw.sample(&mut rng)).collect();
        for &at in &drawn {
            let (host, negative) = negatives[at];
            let beside = &pieces[rng.random_range(0..pieces.len())];
            hosts[host].negative(negative, beside, &mut rng, &mut samples);
        }
        let targets: Vec<f32> = (0..config.batch)
            .map(|at| {
                if at < positives {
                    1.0 - SMOOTHING
                } else {
                    SMOOTHING
                }
            })
            .collect();
        let targets = Tensor::f_from_slice::<f32>(&targets)?;
        let logits = network.logits(&samples)?;
        let loss =
            logits.f_binary_cross_entropy_with_logits::<&Tensor>(&targets, None, None, Reduction::Mean)?;
        optimizer.zero_grad();
        loss.f_backward()?;
        optimizer.clip_grad_norm(5.0);
        optimizer.step();

        let probabilities = Vec::<f32>::try_from(logits.f_detach()?.f_sigmoid()?.f_to_kind(Kind::Float)?)?;
        for (&at, &probability) in drawn.iter().zip(&probabilities[positives..]) {
            hardness[at] = f64::midpoint(hardness[at], f64::from(probability));
        }
        let value = f64::try_from(&loss)?;
        if !value.is_finite() {
            return Err(NoduleError::NonFinite);
        }
        if step * 10 >= config.steps * 9 {
            tail_loss += value;
            tail += 1;
        }
        progress.advance(1);
        if (step + 1) % 100 == 0 {
            progress.note(&format!("member {left_out} step {}: loss {value:.3}", step + 1));
        }
    }
    let mut validation = Vec::new();
    for piece in kept_back {
        let mut samples = Vec::with_capacity(SAMPLE);
        if let Some(host) = hosts.choose(&mut rng) {
            host.positive(piece, &mut rng, &mut samples);
            validation.extend(network.probabilities(&samples)?);
        }
    }
    Ok(Fitted {
        network,
        negatives: negatives.len(),
        final_loss: tail_loss / tail.max(1) as f64,
        validation,
    })
}

fn learning_rate(config: &DetectorTrainConfig, step: usize) -> f64 {
    let done = step as f64 / config.steps as f64;
    let rise = ((done + 1.0 / config.steps as f64) / WARM_UP).min(1.0);
    let fall = 0.01 + 0.99 * (1.0 + f64::cos(PI * done)) / 2.0;
    config.learning_rate * rise * fall
}
