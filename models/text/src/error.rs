//! Errors of the text encoder.

use std::path::PathBuf;

/// Why a text encoder cannot be had, or a text not be encoded. No variant holds any of the text.
#[derive(Debug, thiserror::Error)]
pub enum TextError {
    /// A file of the model cannot be read.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// `config.json` is no configuration of a BERT.
    #[error("config.json: {0}")]
    Config(String),
    /// Vocabulary or tokenizer file.
    #[error("{file}: {why}")]
    Vocabulary {
        /// `vocab.txt`, `tokenizer.json` or `tokenizer_config.json`.
        file: &'static str,
        /// What is wrong.
        why: String,
    },
    /// `model.safetensors` does not hold this network.
    #[error("model.safetensors: {0}")]
    Weights(String),
    /// The network gave a number that is none.
    #[error("the text encoder gave a value that is not finite")]
    NonFinite,
    /// libtorch refused an operation.
    #[error("tensor operation failed: {0}")]
    Torch(#[from] tch::TchError),
}
