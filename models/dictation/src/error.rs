//! What can go wrong.

use std::path::PathBuf;

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
pub enum DictationError {
    /// A grammar that does not parse.
    #[error("grammar, line {line}: {what}")]
    Grammar {
        /// Line, from 1; 0 for the file as a whole.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// A file that cannot be read or written.
    #[error("{}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A corpus that does not hold together.
    #[error("corpus {}: {what}", path.display())]
    Corpus {
        /// Its folder.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// A checkpoint that is none of this run.
    #[error("checkpoint {}: {what}", path.display())]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// Settings that cannot be trained with.
    #[error("configuration: {0}")]
    Config(String),
    /// An error of libtorch.
    #[error("tensor computation failed")]
    Tensor(#[from] tch::TchError),
    /// An error of the safetensors format.
    #[error("weight file")]
    Safetensors(#[from] safetensors::SafeTensorError),
    /// JSON that cannot be read or written.
    #[error("json")]
    Json(#[from] serde_json::Error),
    /// A picture that could not be drawn.
    #[error("loss curve: {0}")]
    Picture(String),
    /// The caller stopped the run.
    #[error("stopped")]
    Stopped,
}
