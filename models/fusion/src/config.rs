//! Configuration of a training run.

use hilum_cohort::Characteristic;
use hilum_imaging::{Augmentation, CtConfig};
use serde::{Deserialize, Serialize};

use crate::{FusionConfig, FusionError, Modality};

/// Name of the CT modality.
pub(crate) const CT: &str = "ct";
/// Name of the question whose answer is the score.
pub(crate) const MALIGNANCY: &str = "malignancy";

/// Everything that decides what comes out of a run, besides the data. As TOML every field may be left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrainConfig {
    /// Version that the trained model will carry.
    pub version: String,
    /// Seed of initial weights, order and views.
    pub seed: u64,
    /// Passes over the training folds.
    pub epochs: usize,
    /// Samples per step.
    pub batch: usize,
    /// Highest learning rate of `AdamW`; it rises linearly over the first tenth and falls as a cosine to zero.
    pub learning_rate: f64,
    /// Decoupled weight decay.
    pub weight_decay: f64,
    /// Dropout of residual branches.
    pub dropout: f64,
    /// Decay of the running average of the weights, which is what is kept.
    pub ema_decay: f64,
    /// Weight of the mean loss of the eight characteristics beside malignancy.
    pub characteristics_weight: f64,
    /// Cross-modal attention blocks.
    pub fusion_layers: i64,
    /// Shape of the CT encoder.
    pub ct: CtConfig,
    /// Strength of the random views.
    pub augmentation: Augmentation,
    /// At most this many training nodules per member; 0 takes all. For quick runs only.
    pub max_train: usize,
}

impl Default for TrainConfig {
    fn default() -> Self {
        Self {
            version: "1.0.0".to_owned(),
            seed: 1,
            epochs: 24,
            batch: 32,
            learning_rate: 1e-3,
            weight_decay: 0.05,
            dropout: 0.1,
            ema_decay: 0.99,
            characteristics_weight: 0.5,
            fusion_layers: 1,
            ct: CtConfig::default(),
            augmentation: Augmentation::default(),
            max_train: 0,
        }
    }
}

impl TrainConfig {
    /// A run that is over in a minute and proves that everything is wired: a tiny network, little data, few passes.
    pub fn smoke() -> Self {
        Self {
            version: "0.0.0-smoke".to_owned(),
            epochs: 6,
            learning_rate: 3e-3,
            ema_decay: 0.9,
            ct: CtConfig {
                side: 32,
                slices: 3,
                width: 16,
                layers: 1,
                heads: 2,
                ..CtConfig::default()
            },
            max_train: 160,
            ..Self::default()
        }
    }

    /// The fusion network of this run: the CT alone, asked for malignancy and the characteristics.
    pub fn fusion(&self) -> Result<FusionConfig, FusionError> {
        let modality = Modality::new(CT).map_err(|_| FusionError::CardContent("modality name"))?;
        let questions = std::iter::once(MALIGNANCY).chain(Characteristic::ALL.map(Characteristic::column));
        Ok(FusionConfig {
            width: self.ct.width,
            layers: self.fusion_layers,
            heads: self.ct.heads,
            modalities: vec![modality],
            questions: questions.map(str::to_owned).collect(),
        })
    }

    /// Refuses what describes no training.
    pub fn check(&self) -> Result<(), FusionError> {
        let refuse = |field, value: f64, expected| {
            Err(FusionError::Config {
                field,
                value,
                expected,
            })
        };
        if !(1..=10_000).contains(&self.epochs) {
            return refuse("epochs", self.epochs as f64, "1 to 10000");
        }
        if !(1..=4096).contains(&self.batch) {
            return refuse("batch", self.batch as f64, "1 to 4096");
        }
        if !(self.learning_rate > 0.0 && self.learning_rate < 1.0) {
            return refuse("learning_rate", self.learning_rate, "above 0, below 1");
        }
        for (field, value) in [
            ("weight_decay", self.weight_decay),
            ("dropout", self.dropout),
            ("ema_decay", self.ema_decay),
        ] {
            if !(0.0..1.0).contains(&value) {
                return refuse(field, value, "0 to below 1");
            }
        }
        if !(self.characteristics_weight >= 0.0 && self.characteristics_weight.is_finite()) {
            return refuse("characteristics_weight", self.characteristics_weight, "0 or more");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toml_fills_in_what_is_left_out_and_refuses_what_is_unknown() {
        let config: TrainConfig = toml::from_str("seed = 9\nct.side = 64\nct.slices = 3\nct.width = 64\nct.layers = 2\nct.heads = 4\nct.stem = \"patch\"").unwrap();
        assert_eq!(
            (config.seed, config.ct.side, config.epochs),
            (9, 64, TrainConfig::default().epochs)
        );
        assert!(toml::from_str::<TrainConfig>("sead = 9").is_err());
    }

    #[test]
    fn impossible_runs_are_refused() {
        let fine = TrainConfig::default();
        fine.check().unwrap();
        TrainConfig::smoke().check().unwrap();
        for (config, want) in [
            (
                TrainConfig {
                    epochs: 0,
                    ..fine.clone()
                },
                "epochs is 0",
            ),
            (
                TrainConfig {
                    batch: 0,
                    ..fine.clone()
                },
                "batch is 0",
            ),
            (
                TrainConfig {
                    learning_rate: f64::NAN,
                    ..fine.clone()
                },
                "learning_rate is NaN",
            ),
            (
                TrainConfig {
                    ema_decay: 1.0,
                    ..fine.clone()
                },
                "ema_decay is 1",
            ),
            (
                TrainConfig {
                    characteristics_weight: -1.0,
                    ..fine
                },
                "characteristics_weight is -1",
            ),
        ] {
            let error = config.check().unwrap_err().to_string();
            assert!(error.contains(want), "{error} should say {want}");
        }
    }
}
