//! A model file that was checked before whisper.cpp sees it.

use hilum_domain::Sha256;
use whisper_rs::{WhisperContext, WhisperContextParameters};

use crate::{SpeechError, TranscriptModel, ggml, processor, whisper::logging};

/// A loaded model.
#[derive(Debug)]
pub struct WhisperModel {
    pub(super) context: WhisperContext,
    pub(super) identity: TranscriptModel,
    pub(super) multilingual: bool,
}

impl WhisperModel {
    /// Loads a model from the bytes of its ggml file. `expected` is its digest as registered, where it is.
    pub fn load(name: &str, bytes: &[u8], expected: Option<&Sha256>) -> Result<Self, SpeechError> {
        let sha256 = Sha256::of(bytes);
        if let Some(expected) = expected
            && sha256 != *expected
        {
            return Err(SpeechError::DigestMismatch {
                found: sha256,
                expected: expected.clone(),
            });
        }
        ggml::check(bytes).map_err(SpeechError::ModelDamaged)?;
        processor::check()?;
        logging::quiet();
        let mut parameters = WhisperContextParameters::new();
        parameters.use_gpu(false);
        let context = WhisperContext::new_from_buffer_with_params(bytes, parameters)
            .map_err(|error| SpeechError::ModelDamaged(error.to_string()))?;
        Ok(Self {
            multilingual: context.is_multilingual(),
            context,
            identity: TranscriptModel {
                name: name.to_owned(),
                sha256,
            },
        })
    }
}
