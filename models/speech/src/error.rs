//! Why speech was not transcribed.

use hilum_domain::{ReasonCode, Sha256};

/// Why speech was not transcribed. Never holds what was said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpeechError {
    /// There is no model to do it with.
    #[error("{0}")]
    ModelUnavailable(String),
    /// The file is not the one that it should be.
    #[error("the model file has sha256 {found}, not {expected}")]
    DigestMismatch {
        /// Of the bytes.
        found: Sha256,
        /// As registered, or as given.
        expected: Sha256,
    },
    /// The file is no model, or a damaged one.
    #[error("the model file is no ggml Whisper model, or damaged: {0}")]
    ModelDamaged(String),
    /// The processor lacks instructions that the recogniser is built with.
    #[error("this processor lacks {0}, which speech recognition is built with")]
    Processor(&'static str),
    /// Whoever asked does not want it any more.
    #[error("cancelled")]
    Cancelled,
    /// Too many recordings are waiting.
    #[error("{waiting} recordings are waiting already; try again later")]
    Busy {
        /// How many.
        waiting: usize,
    },
    /// The recogniser failed.
    #[error("speech recognition failed: {0}")]
    Failed(String),
}

impl SpeechError {
    /// What a program branches on; `None` for what is no property of the input or the model.
    pub const fn code(&self) -> Option<ReasonCode> {
        match self {
            Self::ModelUnavailable(_) | Self::Processor(_) => Some(ReasonCode::ModelUnavailable),
            Self::DigestMismatch { .. } | Self::ModelDamaged(_) => Some(ReasonCode::ModelDigestMismatch),
            Self::Busy { .. } => Some(ReasonCode::LimitExceeded),
            Self::Cancelled | Self::Failed(_) => None,
        }
    }
}
