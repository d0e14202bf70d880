//! Training of a small BERT from nothing, as a masked language model on notes that the caller makes.

mod config;
mod masking;
mod run;
mod vocabulary;

pub use config::TrainConfig;
pub use run::{LanguageRecord, StepRecord, train};
