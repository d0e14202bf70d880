//! Who decodes: handed to those who read pixels, so that they need not know where it happens.

use std::fmt::Debug;

use crate::{Decoded, FrameFormat, decode};

/// Decodes frames, wherever that happens. Called from several threads at once.
pub trait FrameDecoder: Debug + Send + Sync {
    /// Decodes one frame; see [`decode`].
    fn decode(
        &self,
        frame: &[u8],
        transfer_syntax: &str,
        format: &FrameFormat,
    ) -> Result<Decoded, DecodeFailure>;
}

/// Why a frame was not decoded: what the codec said, or what became of the process that ran it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct DecodeFailure(pub String);

/// Decodes in this process, which a hostile frame may then take down: for tests and fuzzing.
#[derive(Debug, Clone, Copy, Default)]
pub struct InProcess;

impl FrameDecoder for InProcess {
    fn decode(
        &self,
        frame: &[u8],
        transfer_syntax: &str,
        format: &FrameFormat,
    ) -> Result<Decoded, DecodeFailure> {
        decode(frame, transfer_syntax, format).map_err(|error| DecodeFailure(error.to_string()))
    }
}
