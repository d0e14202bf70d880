//! What a training run is made of.

use serde::{Deserialize, Serialize};

use crate::{Activation, BertConfig};

/// Settings of a run; every member may be left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrainConfig {
    /// Seed of weights, notes and masks.
    pub seed: u64,
    /// Entries of the vocabulary.
    pub vocab_size: usize,
    /// Notes that the vocabulary is learned from.
    pub vocab_notes: u64,
    /// Width of a state.
    pub hidden_size: i64,
    /// Layers.
    pub layers: i64,
    /// Heads.
    pub heads: i64,
    /// Width within the perceptron.
    pub intermediate_size: i64,
    /// Longest window.
    pub positions: i64,
    /// Optimizer steps.
    pub steps: u64,
    /// Notes in a step.
    pub batch: usize,
    /// Tokens of a note that are looked at, special ones included.
    pub tokens: usize,
    /// Highest learning rate.
    pub learning_rate: f64,
    /// Weight decay.
    pub weight_decay: f64,
    /// Dropout.
    pub dropout: f64,
    /// Share of tokens that are to be guessed.
    pub masked: f64,
    /// Notes that are only measured on.
    pub held_out: u64,
    /// Steps between two looks at them.
    pub look_every: u64,
}

impl Default for TrainConfig {
    fn default() -> Self {
        Self {
            seed: 1,
            vocab_size: 4000,
            vocab_notes: 20_000,
            hidden_size: 192,
            layers: 4,
            heads: 3,
            intermediate_size: 768,
            positions: 256,
            steps: 5000,
            batch: 16,
            tokens: 96,
            learning_rate: 6e-4,
            weight_decay: 0.01,
            dropout: 0.05,
            masked: 0.15,
            held_out: 512,
            look_every: 500,
        }
    }
}

impl TrainConfig {
    /// The network for a vocabulary.
    pub(super) fn bert(&self, vocabulary: i64) -> BertConfig {
        BertConfig {
            vocab_size: vocabulary,
            hidden_size: self.hidden_size,
            num_hidden_layers: self.layers,
            num_attention_heads: self.heads,
            intermediate_size: self.intermediate_size,
            hidden_act: Activation::Gelu,
            max_position_embeddings: self.positions,
            type_vocab_size: 2,
            layer_norm_eps: 1e-12,
            position_embedding_type: "absolute".to_owned(),
            model_type: "bert".to_owned(),
        }
    }

    /// Learning rate of a step: up over the first twentieth, then straight down.
    pub(super) fn rate(&self, step: u64) -> f64 {
        let (at, warm) = (step as f64 / self.steps as f64, 0.05);
        let share = if at < warm {
            (at + 1.0 / self.steps as f64) / warm
        } else {
            (1.0 - at) / (1.0 - warm)
        };
        self.learning_rate * share.min(1.0)
    }
}
