//! Where in a recording somebody speaks.

mod energy;
mod silero;

use std::{ops::Range, path::Path};

use hilum_domain::Sha256;
use serde::{Deserialize, Serialize};

use crate::SpeechError;

/// What tells speech from silence.
#[derive(Debug)]
pub enum Vad {
    /// The Silero network through whisper.cpp.
    Silero(SileroVad),
    /// Loudness alone: any sound that is not steady is taken for speech.
    Energy,
}

/// The Silero network; opaque.
#[derive(Debug)]
pub struct SileroVad(silero::Silero);

/// Which of them it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VadKind {
    /// The Silero network.
    Silero,
    /// Loudness alone.
    Energy,
}

impl Vad {
    /// The Silero network from its ggml file, after its digest was compared.
    pub fn silero(file: &Path, expected: &Sha256) -> Result<Self, SpeechError> {
        Ok(Self::Silero(SileroVad(silero::Silero::load(file, expected)?)))
    }

    /// Which of them this is.
    pub const fn kind(&self) -> VadKind {
        match self {
            Self::Silero(_) => VadKind::Silero,
            Self::Energy => VadKind::Energy,
        }
    }

    /// Stretches of speech as ascending ranges of samples (16 kHz, mono), each with a little of what surrounds it.
    pub(crate) fn speech(&mut self, samples: &[f32]) -> Result<Vec<Range<usize>>, SpeechError> {
        match self {
            Self::Silero(SileroVad(silero)) => silero.speech(samples),
            Self::Energy => Ok(energy::speech(samples)),
        }
    }
}
