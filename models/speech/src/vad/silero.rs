//! The Silero network (snakers4/silero-vad, MIT) through whisper.cpp.

use std::{fs, ops::Range, path::Path};

use hilum_audio::SAMPLE_RATE_HZ;
use hilum_domain::Sha256;
use whisper_rs::{WhisperVadContext, WhisperVadContextParams, WhisperVadParams};

use crate::{SpeechError, processor, whisper::logging};

/// Bytes of the largest file that is read: the network has under one megabyte.
const LARGEST_FILE: u64 = 16 << 20;
/// Samples of a centisecond, which is what whisper.cpp counts in.
const CENTISECOND: f32 = SAMPLE_RATE_HZ as f32 / 100.0;

#[derive(Debug)]
pub(super) struct Silero {
    context: WhisperVadContext,
}

impl Silero {
    pub(super) fn load(file: &Path, expected: &Sha256) -> Result<Self, SpeechError> {
        processor::check()?;
        logging::quiet();
        let unreadable =
            |error: std::io::Error| SpeechError::ModelUnavailable(format!("Silero VAD: {error}"));
        let bytes = fs::metadata(file).map_err(unreadable)?.len();
        if bytes > LARGEST_FILE {
            return Err(SpeechError::ModelDamaged(format!("{bytes} bytes of Silero VAD")));
        }
        let found = Sha256::of(&fs::read(file).map_err(unreadable)?);
        if found != *expected {
            return Err(SpeechError::DigestMismatch {
                found,
                expected: expected.clone(),
            });
        }
        let path = file.to_str().filter(|path| !path.contains('\0'));
        let path =
            path.ok_or_else(|| SpeechError::ModelUnavailable("Silero VAD: its path is no text".to_owned()))?;
        let mut params = WhisperVadContextParams::new();
        // The network is so small that threads would wait for each other.
        params.set_n_threads(1);
        let context = WhisperVadContext::new(path, params)
            .map_err(|error| SpeechError::ModelDamaged(format!("Silero VAD: {error}")))?;
        Ok(Self { context })
    }

    pub(super) fn speech(&mut self, samples: &[f32]) -> Result<Vec<Range<usize>>, SpeechError> {
        if samples.is_empty() {
            return Ok(Vec::new());
        }
        let mut params = WhisperVadParams::new();
        params.set_min_silence_duration(300);
        params.set_speech_pad(120);
        let segments = self
            .context
            .segments_from_samples(params, samples)
            .map_err(|error| SpeechError::Failed(format!("Silero VAD: {error}")))?;
        let place = |centiseconds: f32| ((centiseconds * CENTISECOND).max(0.0) as usize).min(samples.len());
        let ranges = segments.map(|segment| place(segment.start)..place(segment.end));
        Ok(ranges.filter(|range| !range.is_empty()).collect())
    }
}
