//! What can go wrong in training and scoring.

use std::path::PathBuf;

use hilum_cohort::SplitError;
use hilum_imaging::{CropError, EncoderError};
use hilum_validation::StatsError;
use tch::TchError;

use crate::Modality;

/// Why there is no trained model or no score.
#[derive(Debug, thiserror::Error)]
pub enum FusionError {
    /// Tokens of a modality that the network was not built for.
    #[error("modality {0} is not registered with this network")]
    UnknownModality(Modality),
    /// A sample without any modality.
    #[error("sample {0} of the batch has no modality at all")]
    NoModality(usize),
    /// Tokens of another shape than the network's.
    #[error("tokens of modality {modality} have shape {shape:?}, expected [batch, tokens, {width}]")]
    TokenShape {
        /// Which modality.
        modality: Modality,
        /// Shape found.
        shape: Vec<i64>,
        /// Width of the shared space.
        width: i64,
    },
    /// A configuration that describes no training.
    #[error("configuration: {field} is {value}, expected {expected}")]
    Config {
        /// Which field.
        field: &'static str,
        /// Its value.
        value: f64,
        /// What it should be.
        expected: &'static str,
    },
    /// NaN or infinity in training or scoring.
    #[error("{what} is not finite")]
    NonFiniteOutput {
        /// Which number.
        what: String,
    },
    /// A weight file lacks a tensor.
    #[error("weights have no tensor {0:?}")]
    MissingTensor(String),
    /// A tensor has another shape or type than the network's.
    #[error("tensor {name:?} is {found}, expected f32 {expected:?}")]
    TensorShape {
        /// Its key.
        name: String,
        /// Type and shape in the file.
        found: String,
        /// Shape of the network.
        expected: Vec<i64>,
    },
    /// A weight file holds a tensor that no network asks for.
    #[error("weights hold a tensor {0:?} that the network does not have")]
    SurplusTensor(String),
    /// A weight file does not say what it is.
    #[error("weights have no card under the metadata key {0:?}")]
    NoCard(&'static str),
    /// The card of a weight file cannot be read.
    #[error("the card of the weights cannot be read")]
    Card(#[source] serde_json::Error),
    /// The card contradicts itself.
    #[error("the card of the weights: {0}")]
    CardContent(&'static str),
    /// Not a safetensors file.
    #[error("not a readable safetensors file")]
    Safetensors(#[from] safetensors::SafeTensorError),
    /// A run folder was begun with other data or another configuration.
    #[error("{} belongs to a run with other data or configuration", .0.display())]
    StaleCheckpoint(PathBuf),
    /// A run folder holds results and resuming was not asked for.
    #[error("{} exists; resume the run or choose another folder", .0.display())]
    RunExists(PathBuf),
    /// A file cannot be read or written.
    #[error("cannot read or write {}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A record cannot be written.
    #[error("cannot write the run's record")]
    Record(#[source] serde_json::Error),
    /// The table of predictions cannot be written.
    #[error("cannot write the table of predictions")]
    Predictions(#[from] csv::Error),
    /// No crop of a nodule.
    #[error("no crop of the nodule")]
    Crop(#[from] CropError),
    /// The encoder failed.
    #[error("the encoder failed")]
    Encoder(#[from] EncoderError),
    /// A statistic cannot be computed.
    #[error("a statistic cannot be computed")]
    Stats(#[from] StatsError),
    /// The folds of the cohort allow no such split.
    #[error("the cohort cannot be split")]
    Split(#[from] SplitError),
    /// libtorch refused an operation.
    #[error("libtorch refused an operation")]
    Torch(#[from] TchError),
}
