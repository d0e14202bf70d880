//! Training of one network.

use std::f64::consts::PI;

use hilum_domain::Progress;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use tch::nn::OptimizerConfig;
use tch::{Kind, Reduction, Tensor, nn};

use super::DetectorTrainConfig;
use super::sources::{Material, Sources};
use crate::NoduleError;
use crate::network::Network;
use crate::views::SAMPLE;

/// Share of the first steps over which the learning rate rises.
const WARM_UP: f64 = 0.05;
const WEIGHT_DECAY: f64 = 1e-4;
/// Positives are labelled a little below 1, negatives a little above 0: some "nodules" are opinions, and some
/// candidates are nodules nobody marked.
const SMOOTHING: f32 = 0.02;
/// All negatives are looked at anew after so many steps.
const MINED_EVERY: usize = 120;
/// Samples per pass when nothing is learnt.
const PASS: usize = 50;

/// A trained network.
pub(super) struct Fitted {
    pub(super) network: Network,
    pub(super) negatives: usize,
    pub(super) final_loss: f64,
}

/// Probabilities of what was kept back.
pub(super) struct Validation {
    /// Nodules pasted into the training CTs.
    pasted: Vec<f32>,
    /// Nodules in their own tiles, and places beside them.
    in_situ: Vec<f32>,
    beside: Vec<f32>,
}

impl Validation {
    /// Shares at or above a probability: pasted nodules, nodules in their tiles, places beside them.
    pub(super) fn shares(&self, probability: f64) -> [f64; 3] {
        [&self.pasted, &self.in_situ, &self.beside].map(|answers| share(answers, probability))
    }

    /// Share of the nodules in their tiles above the probability that lets one in a hundred places beside them
    /// through.
    pub(super) fn in_situ_at_one_percent(&self) -> f64 {
        let mut beside = self.beside.clone();
        beside.sort_by(|a, b| b.total_cmp(a));
        let limit = beside.get(beside.len() / 100).copied().unwrap_or(0.0);
        share(&self.in_situ, f64::from(limit))
    }
}

fn share(answers: &[f32], probability: f64) -> f64 {
    let above = answers.iter().filter(|p| f64::from(**p) >= probability).count();
    above as f64 / answers.len().max(1) as f64
}

/// Trains a network, from `start` where there is one; `stream` sets its random numbers apart from those of the
/// others.
pub(super) fn fit(
    mut sources: Sources<'_>,
    start: Option<Network>,
    config: &DetectorTrainConfig,
    stream: u64,
    kept_back: &Material,
    progress: &dyn Progress,
) -> Result<(Fitted, Validation), NoduleError> {
    tch::set_num_threads(1);
    let mut rng = ChaCha8Rng::seed_from_u64(config.seed);
    rng.set_stream(stream);
    let network = if let Some(start) = start {
        sources.mine(&start)?;
        start
    } else {
        let mut fresh = Network::new()?;
        fresh.initialise(&mut rng)?;
        fresh
    };
    let mut optimizer = nn::AdamW {
        wd: WEIGHT_DECAY,
        ..nn::AdamW::default()
    }
    .build(&network.store, config.learning_rate)?;
    let positives = config.batch / 2;
    let (mut tail_loss, mut tail) = (0.0, 0_usize);
    for step in 0..config.steps {
        if step > 0 && step % MINED_EVERY == 0 {
            sources.mine(&network)?;
        }
        optimizer.set_lr(learning_rate(config, step));
        let mut samples = Vec::with_capacity(config.batch * SAMPLE);
        for _ in 0..positives {
            sources.positive(&mut rng, &mut samples)?;
        }
        let drawn = (positives..config.batch)
            .map(|_| sources.negative(&mut rng, &mut samples))
            .collect::<Result<Vec<_>, _>>()?;
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
        for (drawn, &probability) in drawn.into_iter().zip(&probabilities[positives..]) {
            sources.learnt(drawn, probability);
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
            progress.note(&format!("network {stream} step {}: loss {value:.3}", step + 1));
        }
    }
    let validation = validate(&network, &sources, kept_back, &mut rng)?;
    let fitted = Fitted {
        network,
        negatives: sources.negatives(),
        final_loss: tail_loss / tail.max(1) as f64,
    };
    Ok((fitted, validation))
}

fn validate(
    network: &Network,
    sources: &Sources<'_>,
    kept_back: &Material,
    rng: &mut ChaCha8Rng,
) -> Result<Validation, NoduleError> {
    let Material {
        pieces,
        tiles,
        apertures,
    } = kept_back;
    let (mut pasted, mut in_situ, mut beside) = (Vec::new(), Vec::new(), Vec::new());
    for piece in pieces {
        sources.pasted(piece, rng, &mut pasted);
    }
    for tile in tiles {
        apertures.nodule(tile, rng).write(rng, &mut in_situ);
        for at in 0..tile.beside.len() {
            apertures.beside(tile, at, rng).write(rng, &mut beside);
        }
    }
    let answers = |samples: &[f32]| -> Result<Vec<f32>, NoduleError> {
        let mut answers = Vec::with_capacity(samples.len() / SAMPLE);
        for pass in samples.chunks(PASS * SAMPLE) {
            answers.extend(network.probabilities(pass)?);
        }
        Ok(answers)
    };
    Ok(Validation {
        pasted: answers(&pasted)?,
        in_situ: answers(&in_situ)?,
        beside: answers(&beside)?,
    })
}

fn learning_rate(config: &DetectorTrainConfig, step: usize) -> f64 {
    let done = step as f64 / config.steps as f64;
    let rise = ((done + 1.0 / config.steps as f64) / WARM_UP).min(1.0);
    let fall = 0.01 + 0.99 * (1.0 + f64::cos(PI * done)) / 2.0;
    config.learning_rate * rise * fall
}
