//! Training of one member.

use hilum_cohort::Nodule;
use hilum_domain::Progress;
use hilum_imaging::{CtBatch, NoduleCrop};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use tch::nn::{AdamW, OptimizerConfig};
use tch::{Device, Tensor, no_grad};

use crate::member::Member;
use crate::target::{loss, targets, weight};
use crate::{FusionError, TrainConfig};

/// A nodule with its crop.
pub(crate) struct Sample<'a> {
    pub(crate) nodule: &'a Nodule,
    pub(crate) crop: &'a NoduleCrop,
}

/// A member trained on `samples`, on the processor and in f32; `seed` decides initial weights, order and views. What is returned is the running
/// average of the weights.
pub(crate) fn train_member(
    config: &TrainConfig,
    samples: &[Sample],
    seed: u64,
    progress: &dyn Progress,
) -> Result<Member, FusionError> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    tch::manual_seed(seed as i64);
    let member = Member::new(config.ct, config.fusion()?, Device::Cpu)?;
    let mut average = Average::of(&member);
    let mut optimizer = AdamW {
        wd: config.weight_decay,
        ..AdamW::default()
    }
    .build(member.weights(), config.learning_rate)?;

    // Samples without a reading teach nothing.
    let mut order: Vec<(&Sample, Vec<f32>)> = samples
        .iter()
        .filter_map(|sample| Some((sample, targets(sample.nodule)?)))
        .collect();
    order.shuffle(&mut rng);
    if config.max_train > 0 {
        order.truncate(config.max_train);
    }
    let steps = config.epochs * order.len().div_ceil(config.batch);
    let mut step = 0;
    for _ in 0..config.epochs {
        order.shuffle(&mut rng);
        for batch in order.chunks(config.batch) {
            optimizer.set_lr(config.learning_rate * schedule(step, steps));
            let loss = batch_loss(&member, config, batch, &mut rng)?;
            let value = loss.f_double_value(&[])?;
            if !value.is_finite() {
                return Err(FusionError::NonFiniteOutput {
                    what: format!("loss of step {step}"),
                });
            }
            optimizer.backward_step_clip_norm(&loss, 1.0);
            average.follow(&member, config.ema_decay, step)?;
            step += 1;
        }
        progress.advance(1);
    }
    average.put_into(&member)?;
    Ok(member)
}

fn batch_loss(
    member: &Member,
    config: &TrainConfig,
    batch: &[(&Sample, Vec<f32>)],
    rng: &mut ChaCha8Rng,
) -> Result<Tensor, FusionError> {
    let augmentation = &config.augmentation;
    let views: Vec<_> = batch
        .iter()
        .map(|_| {
            let view = augmentation.view(config.ct.slices as usize, rng);
            (view, !augmentation.withholds_diameter(rng))
        })
        .collect();
    let samples: Vec<_> = batch
        .iter()
        .zip(&views)
        .map(|((sample, _), (view, with_diameter))| (sample.crop, view, *with_diameter))
        .collect();
    let input = CtBatch::new(&config.ct, &samples)?;
    let answers: Vec<f32> = batch.iter().flat_map(|(_, targets)| targets.clone()).collect();
    let answers = Tensor::f_from_slice(&answers)?.f_view([batch.len() as i64, -1])?;
    let weights: Vec<f32> = batch.iter().map(|(sample, _)| weight(sample.nodule)).collect();
    let fused = member.forward(&input, config.dropout)?;
    loss(
        &fused.logits,
        &answers,
        &Tensor::f_from_slice(&weights)?,
        config.characteristics_weight,
    )
}

/// Share of the highest learning rate at a step: up over the first tenth, then down as half a cosine.
fn schedule(step: usize, steps: usize) -> f64 {
    let (at, warmup) = (step as f64 / steps as f64, 0.1);
    if at < warmup {
        (step + 1) as f64 / (warmup * steps as f64).ceil()
    } else {
        let rest = (at - warmup) / (1.0 - warmup);
        0.5 * (1.0 + (std::f64::consts::PI * rest).cos())
    }
}

/// Exponential moving average of weights (Polyak averaging).
struct Average(Vec<Tensor>);

impl Average {
    fn of(member: &Member) -> Self {
        Self(no_grad(|| {
            member
                .tensors()
                .values()
                .map(|weight| weight.detach().copy())
                .collect()
        }))
    }

    /// Early on the average follows closely, so that it does not keep the initial weights.
    fn follow(&mut self, member: &Member, decay: f64, step: usize) -> Result<(), FusionError> {
        let decay = decay.min((1 + step) as f64 / (10 + step) as f64);
        no_grad(|| {
            for (average, weight) in self.0.iter_mut().zip(member.tensors().values()) {
                let _ = average.f_lerp_(weight, 1.0 - decay)?;
            }
            Ok(())
        })
    }

    fn put_into(&self, member: &Member) -> Result<(), FusionError> {
        no_grad(|| {
            for (average, weight) in self.0.iter().zip(member.tensors().values_mut()) {
                weight.f_copy_(average)?;
            }
            Ok(())
        })
    }
}
