//! Settings of a run.

use serde::{Deserialize, Serialize};

use crate::network::Shape;
use crate::{CorpusPlan, DictationError};

/// Settings of a run; the defaults made the model that ships.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrainConfig {
    /// What is spoken.
    pub corpus: CorpusPlan,
    /// Size of the network.
    pub shape: Shape,
    /// Pieces of words beside bytes and characters.
    pub pieces: usize,
    /// Steps.
    pub steps: usize,
    /// Steps over which the learning rate rises.
    pub warm_up: usize,
    /// Highest learning rate; from there it falls along a cosine.
    pub learning_rate: f64,
    /// Decay of weights that are matrices.
    pub weight_decay: f64,
    /// Longest gradient.
    pub clip: f64,
    /// Seconds of audio in a batch.
    pub batch_s: f32,
    /// Share of the loss that connectionist temporal classification has.
    pub ctc: f64,
    /// Share of a batch that is replaced by sounds that are no speech.
    pub sounds: f64,
    /// Share of batches that have prompts.
    pub prompts: f64,
    /// Share of batches that hear up to 30 seconds with silence at their end.
    pub long: f64,
    /// Steps from one checkpoint to the next.
    pub checkpoint_every: usize,
    /// Seed of the network and of the order.
    pub seed: u64,
    /// Threads of libtorch.
    pub threads: i32,
}

impl Default for TrainConfig {
    fn default() -> Self {
        Self {
            corpus: CorpusPlan::default(),
            shape: Shape::default(),
            pieces: 620,
            steps: 4_000,
            warm_up: 250,
            learning_rate: 1.5e-3,
            weight_decay: 0.01,
            clip: 1.0,
            batch_s: 64.0,
            ctc: 0.4,
            sounds: 0.06,
            prompts: 0.12,
            long: 0.02,
            checkpoint_every: 100,
            seed: 1,
            threads: 1,
        }
    }
}

impl TrainConfig {
    /// Refuses settings that no run could have.
    pub(super) fn check(&self) -> Result<(), DictationError> {
        self.shape.check()?;
        let refuse = |what: String| Err(DictationError::Config(what));
        for (name, share) in [
            ("ctc", self.ctc),
            ("sounds", self.sounds),
            ("prompts", self.prompts),
            ("long", self.long),
        ] {
            if !(0.0..=1.0).contains(&share) {
                return refuse(format!("{name} {share} is no share"));
            }
        }
        if !(1.0..=3_600.0).contains(&self.batch_s) {
            return refuse(format!("batch_s {} is not between 1 and 3600", self.batch_s));
        }
        if self.steps == 0 || self.checkpoint_every == 0 || self.threads < 1 {
            return refuse("steps, checkpoint_every and threads must be 1 or more".to_owned());
        }
        Ok(())
    }

    /// Learning rate of a step.
    pub(super) fn rate(&self, step: usize) -> f64 {
        if step < self.warm_up {
            return self.learning_rate * (step + 1) as f64 / self.warm_up as f64;
        }
        let share = (step - self.warm_up) as f64 / (self.steps.max(self.warm_up + 1) - self.warm_up) as f64;
        self.learning_rate * (0.02 + 0.98 * 0.5 * (1.0 + (std::f64::consts::PI * share.min(1.0)).cos()))
    }
}
