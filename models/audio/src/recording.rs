//! What comes of a recording, and who makes it.

use std::fmt::Debug;

use hilum_domain::{Reason, ReasonCode};
use serde::{Deserialize, Serialize};

use crate::{AudioError, AudioLimits, Container, SAMPLE_RATE_HZ, decode};

/// A recording as samples.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    /// Mono, 16 kHz, within -1 and 1, finite.
    pub samples: Vec<f32>,
    /// Where they came from.
    pub summary: Summary,
}

/// What a recording was before it became samples.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The file format.
    pub container: Container,
    /// The codec's name, as the library calls it.
    pub codec: String,
    /// Samples per second of the file.
    pub source_rate_hz: u32,
    /// Channels of the file; they are averaged.
    pub channels: u16,
    /// What deserves a warning.
    pub warnings: Vec<AudioWarning>,
}

/// What deserves a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AudioWarning {
    /// The file ends in the middle of something, as live recordings do.
    Truncated,
    /// Packets that could not be decoded are silent by their absence.
    Gaps {
        /// How many.
        packets: u64,
    },
}

impl AudioWarning {
    /// Code and sentence.
    pub fn reason(self) -> Reason {
        match self {
            Self::Truncated => Reason::new(
                ReasonCode::AudioTruncated,
                "the recording ends in the middle, as a live recording does; what came before is used",
            ),
            Self::Gaps { packets } => Reason::new(
                ReasonCode::AudioGaps,
                format!(
                    "{packets} packets of the recording could not be decoded; times after them are early"
                ),
            ),
        }
    }
}

impl Recording {
    /// Length in milliseconds.
    pub fn duration_ms(&self) -> u64 {
        self.samples.len() as u64 * 1000 / u64::from(SAMPLE_RATE_HZ)
    }
}

/// Decodes recordings, wherever that happens. Called from several threads at once.
pub trait DecodeRecording: Debug + Send + Sync {
    /// Decodes one recording; see [`decode`].
    fn decode(&self, bytes: Vec<u8>, limits: &AudioLimits) -> Result<Recording, AudioError>;
}

/// Decodes in this process, which a hostile recording may then take down: for tests.
#[derive(Debug, Clone, Copy, Default)]
pub struct InProcess;

impl DecodeRecording for InProcess {
    fn decode(&self, bytes: Vec<u8>, limits: &AudioLimits) -> Result<Recording, AudioError> {
        let mut samples = Vec::new();
        let summary = decode(bytes, limits, |block| {
            samples.extend_from_slice(block);
            Ok(())
        })?;
        Ok(Recording { samples, summary })
    }
}
