//! Training of one member.

use std::f64::consts::PI;

use hilum_domain::Progress;
use rand::seq::SliceRandom;
use rand::{Rng as _, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use tch::nn::{self, OptimizerConfig};
use tch::{Reduction, Tensor, no_grad};

use super::SegmenterTrainConfig;
use super::draw::Targets;
use super::tile::Tile;
use crate::NoduleError;
use crate::segmenter::network::UNet;
use crate::segmenter::sight::{INPUT, PIXELS, SIDE};

/// Readers from whom on their majority is a target: two who differ have none.
const LEAST_FOR_MAJORITY: u8 = 3;
/// Most pixels are background, and their mean loss is small; this brings it level with the overlap's.
const CROSS_ENTROPY_WEIGHT: f64 = 4.0;
/// Share of the first steps over which the learning rate rises.
const WARM_UP: f64 = 0.05;
/// Steps between two points of the curve.
const CURVE_STEP: usize = 50;

/// A point of the training curve: means over the steps since the last one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// Steps done.
    pub step: usize,
    /// Loss.
    pub loss: f64,
    /// Its part that is 1 - soft Dice with the majority.
    pub dice_loss: f64,
}

/// What a member learns from.
pub(super) struct Lessons<'a> {
    /// Readers' nodules.
    pub(super) read: Vec<&'a Tile>,
    /// Synthetic ones; may be empty.
    pub(super) synthetic: Vec<&'a Tile>,
}

/// Trains a member, from `start` on or from first weights; `seed` decides those, order and looks. What comes out is the
/// running average of the weights.
pub(super) fn fit(
    lessons: &Lessons<'_>,
    start: Option<&UNet>,
    config: &SegmenterTrainConfig,
    seed: u64,
    progress: &dyn Progress,
) -> Result<(UNet, Vec<CurvePoint>), NoduleError> {
    tch::set_num_threads(1);
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut network = UNet::new()?;
    match start {
        Some(start) => network.store.copy(&start.store)?,
        None => network.initialise(&mut rng)?,
    }
    let mut average = Average::of(&network);
    let mut optimizer = nn::AdamW {
        wd: config.weight_decay,
        ..nn::AdamW::default()
    }
    .build(&network.store, config.learning_rate)?;
    let [mut read, mut synthetic] = [&lessons.read, &lessons.synthetic].map(|tiles| Round {
        tiles,
        left: Vec::new(),
    });
    let mut curve = Vec::new();
    let mut since = [0.0; 2];
    for step in 0..config.steps {
        optimizer.set_lr(config.learning_rate * schedule(step, config.steps));
        let (mut samples, mut targets) = (Vec::with_capacity(config.batch * INPUT), Targets::default());
        let mut counts = Vec::with_capacity(config.batch);
        for _ in 0..config.batch {
            let from = if rng.random_bool(config.synthetic) {
                &mut synthetic
            } else {
                &mut read
            };
            let Some(tile) = from.next(&mut rng) else { break };
            config.jitter.draw(tile, &mut rng, &mut samples, &mut targets);
            let has_majority = tile.readers().is_none_or(|readers| readers >= LEAST_FOR_MAJORITY);
            counts.push(if has_majority { 1.0 } else { 0.0 });
        }
        let [loss, dice] = loss(&network.logits(&samples)?, &targets, &counts)?;
        let values = [f64::try_from(&loss)?, f64::try_from(&dice)?];
        if !values[0].is_finite() {
            return Err(NoduleError::NonFinite);
        }
        optimizer.zero_grad();
        loss.f_backward()?;
        optimizer.clip_grad_norm(1.0);
        optimizer.step();
        average.follow(&network, config.average_decay, step)?;
        for (since, value) in since.iter_mut().zip(values) {
            *since += value / CURVE_STEP as f64;
        }
        if (step + 1) % CURVE_STEP == 0 {
            curve.push(CurvePoint {
                step: step + 1,
                loss: since[0],
                dice_loss: since[1],
            });
            since = [0.0; 2];
        }
        progress.advance(1);
    }
    average.put_into(&network)?;
    Ok((network, curve))
}

/// Every nodule once per round, whatever its number of slices.
struct Round<'a> {
    tiles: &'a [&'a Tile],
    left: Vec<&'a Tile>,
}

impl<'a> Round<'a> {
    fn next(&mut self, rng: &mut ChaCha8Rng) -> Option<&'a Tile> {
        if self.left.is_empty() {
            self.left = self.tiles.to_vec();
            self.left.shuffle(rng);
        }
        self.left.pop()
    }
}

/// Cross-entropy of both maps plus 1 - soft Dice of the majority (Milletari, Navab and Ahmadi, 3DV 2016), and the
/// latter alone. `counts` is 1 where a sample has a majority.
fn loss(logits: &Tensor, targets: &Targets, counts: &[f32]) -> Result<[Tensor; 2], NoduleError> {
    let shape = [counts.len() as i64, SIDE as i64, SIDE as i64];
    let majority = Tensor::f_from_slice(&targets.majority)?.f_reshape(shape)?;
    let share = Tensor::f_from_slice(&targets.share)?.f_reshape(shape)?;
    let counts = Tensor::f_from_slice(counts)?;
    let total = counts.f_sum(tch::Kind::Float)?.f_clamp_min(1.0)?;
    let of_majority = |per_sample: Tensor| {
        (per_sample.f_mul(&counts)?)
            .f_sum(tch::Kind::Float)?
            .f_div(&total)
    };
    let over = [1_i64, 2].as_slice();
    let sum = |map: &Tensor| map.f_sum_dim_intlist(over, false, tch::Kind::Float);

    let logit = logits.f_select(1, 0)?;
    let entropy =
        logit.f_binary_cross_entropy_with_logits::<&Tensor>(&majority, None, None, Reduction::None)?;
    let entropy = of_majority(sum(&entropy)?.f_div_scalar(PIXELS as f64)?)?;
    let p = logit.f_sigmoid()?;
    let common = sum(&p.f_mul(&majority)?)?.f_mul_scalar(2.0)?.f_add_scalar(1.0)?;
    let both = sum(&p)?.f_add(&sum(&majority)?)?.f_add_scalar(1.0)?;
    let dice = of_majority(common.f_div(&both)?.f_neg()?.f_add_scalar(1.0)?)?;
    let of_share = logits
        .f_select(1, 1)?
        .f_binary_cross_entropy_with_logits::<&Tensor>(&share, None, None, Reduction::Mean)?;
    let loss = entropy
        .f_add(&of_share)?
        .f_mul_scalar(CROSS_ENTROPY_WEIGHT)?
        .f_add(&dice)?;
    Ok([loss, dice])
}

/// Share of the highest learning rate at a step.
fn schedule(step: usize, steps: usize) -> f64 {
    let done = (step + 1) as f64 / steps as f64;
    (done / WARM_UP).min(1.0) * (0.01 + 0.99 * f64::midpoint(1.0, (PI * done).cos()))
}

/// Running average of the weights (Polyak averaging).
struct Average(Vec<(Tensor, String)>);

impl Average {
    fn of(network: &UNet) -> Self {
        let copy = |(name, weight): (String, Tensor)| (no_grad(|| weight.detach().copy()), name);
        Self(network.store.variables().into_iter().map(copy).collect())
    }

    /// Early on the average follows closely, so that it does not keep the first weights.
    fn follow(&mut self, network: &UNet, decay: f64, step: usize) -> Result<(), NoduleError> {
        let decay = decay.min((1 + step) as f64 / (10 + step) as f64);
        let weights = network.store.variables();
        no_grad(|| {
            for (average, name) in &mut self.0 {
                let _ = average.f_lerp_(&weights[name.as_str()], 1.0 - decay)?;
            }
            Ok(())
        })
    }

    fn put_into(&self, network: &UNet) -> Result<(), NoduleError> {
        let mut weights = network.store.variables();
        no_grad(|| {
            for (average, name) in &self.0 {
                if let Some(weight) = weights.get_mut(name) {
                    weight.f_copy_(average)?;
                }
            }
            Ok(())
        })
    }
}
