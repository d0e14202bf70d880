//! Training.

mod batch;
mod checkpoint;
mod config;
mod fit;
mod optimizer;
mod picture;
mod run;

pub use checkpoint::CurvePoint;
pub(crate) use checkpoint::Header;
pub use config::TrainConfig;
pub use run::{RunRecord, train};
