//! Fusion: modalities in one shared space, cross-modal attention, the DMWA gate, heads, calibration, abstention.
//!
//! Traps of the domain, settled here once:
//! - **A missing modality is absent, never zeros.** Zeros would still get a weight.
//! - **The core knows no clinical noun.** [`FusionNet`] sees modality names, tokens and question names.
//! - **A score is the readers' suspicion, not a risk of cancer**: [`Scorer::target`] says so.
//! - **A member that saw a series in training does not score it**: [`Scorer::score`] leaves it out.
//! - **Whatever is calibrated or thresholded is so on nodules that the answering member did not learn from** and
//!   that are not the ones reported.
//!
//! ```no_run
//! use hilum_fusion::Scorer;
//! use hilum_imaging::NoduleCrop;
//!
//! # fn demo(volume: &hilum_volume::Volume, center: hilum_domain::Lps) -> Result<(), Box<dyn std::error::Error>> {
//! let scorer = Scorer::from_safetensors(&std::fs::read("scorer.safetensors")?, hilum_imaging::best_device())?;
//! let crop = NoduleCrop::from_volume(volume, center, 40..=47, Some(11.5))?;
//! let score = scorer.score(&crop, Some(volume.series_instance_uid()))?;
//! println!("{:.3} in [{:.3}, {:.3}]", score.probability, score.interval[0], score.interval[1]);
//! # Ok(())
//! # }
//! ```

mod calibration;
mod checkpoint;
mod config;
mod crossval;
mod distribution;
mod dmwa;
mod error;
mod gate;
mod member;
mod modality;
mod network;
mod record;
mod scorer;
mod target;
mod train;

pub use calibration::Platt;
pub use config::TrainConfig;
pub use crossval::train_ct;
pub use distribution::TrainingRange;
pub use dmwa::{DmwaError, DmwaResult, DmwaWeights, dmwa, dmwa_cases};
pub use error::FusionError;
pub use gate::DmwaGate;
pub use modality::{Modality, ModalityError};
pub use network::{Fused, FusionConfig, FusionNet};
pub use record::{AucRecord, Comparison, FoldRecord, PooledRecord, Prediction, RunRecord};
pub use scorer::{MemberCard, MemberScore, NoduleScore, Scorer, ScorerCard};
