//! Why a recording is not read.

use hilum_domain::ReasonCode;
use serde::{Deserialize, Serialize};
use symphonia::core::errors::Error;

/// Why a recording is not read. Never holds anything out of it but numbers and names of formats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum AudioError {
    /// No byte.
    #[error("the recording is empty")]
    Empty,
    /// More bytes than are taken.
    #[error("the recording has {bytes} bytes or more; the limit is {limit}")]
    TooLarge {
        /// Bytes that were seen.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// More sound than is taken.
    #[error("the recording is longer than {limit_s} s, which is the limit{}", declared(*declared_s))]
    TooLong {
        /// The limit in seconds.
        limit_s: u32,
        /// What its header says, in seconds.
        declared_s: Option<u64>,
    },
    /// Not one of the formats.
    #[error("no format of sound that is read here (wav, mp3, flac, m4a, aac, ogg, opus, webm)")]
    UnknownFormat,
    /// A format that is known by name and not read.
    #[error("{what} is not read (wav, mp3, flac, m4a, aac, ogg, opus, webm are)")]
    Unsupported {
        /// Its name.
        what: String,
    },
    /// A format that is read, in a file that is not right.
    #[error("the recording is damaged: {why}")]
    Damaged {
        /// What the parser said.
        why: String,
    },
    /// Nothing audible in it: no track, or a track without a sample.
    #[error("the recording holds no sound")]
    NoSound,
    /// Whoever decodes failed, or was stopped.
    #[error("{0}")]
    Decoder(String),
}

impl AudioError {
    /// What symphonia says of a file. Its errors are made of fixed words, and hold nothing of the file.
    pub(crate) fn damaged(error: &Error) -> Self {
        match error {
            Error::Unsupported(what) => Self::Unsupported {
                what: (*what).to_owned(),
            },
            error => Self::Damaged {
                why: error.to_string(),
            },
        }
    }

    /// What a program branches on.
    pub fn code(&self) -> ReasonCode {
        match self {
            Self::TooLarge { .. } | Self::TooLong { .. } => ReasonCode::LimitExceeded,
            Self::UnknownFormat | Self::Unsupported { .. } => ReasonCode::UnsupportedAudio,
            Self::Empty | Self::Damaged { .. } | Self::NoSound | Self::Decoder(_) => ReasonCode::DecodeFailed,
        }
    }
}

fn declared(seconds: Option<u64>) -> String {
    seconds.map_or_else(String::new, |s| format!(" (its header says {s} s)"))
}
