//! A model and a gate, ready to hear recordings.

use hilum_domain::{Reason, ReasonCode};

use crate::{
    SpeechError, TranscriptModel, Vad, VadKind,
    session::Session,
    whisper::{Recogniser, WhisperModel},
};

/// A model and a gate. One at a time; see [`crate::SpeechWorker`] for several recordings.
#[derive(Debug)]
pub struct Transcriber {
    pub(crate) recogniser: Recogniser,
    pub(crate) vad: Vad,
}

impl Transcriber {
    /// Takes a loaded model and a gate.
    pub fn new(model: WhisperModel, vad: Vad) -> Result<Self, SpeechError> {
        Ok(Self {
            recogniser: Recogniser::new(model)?,
            vad,
        })
    }

    /// Name and digest of the model.
    pub const fn model(&self) -> &TranscriptModel {
        self.recogniser.identity()
    }

    /// Warnings that every transcript of this one has.
    pub(crate) fn warnings(&self) -> Vec<Reason> {
        let fallback = self.vad.kind() == VadKind::Energy;
        let warning = || {
            Reason::new(
                ReasonCode::VadFallback,
                "speech was told from silence by loudness alone, because the Silero model was not added",
            )
        };
        fallback.then(warning).into_iter().collect()
    }

    /// Hears a recording to its end on this thread.
    pub fn transcribe(
        &mut self,
        samples: Vec<f32>,
        options: crate::Options,
        threads: usize,
    ) -> Result<crate::Transcript, SpeechError> {
        let stop = crate::whisper::Stop::default();
        let mut session = Session::new(samples, options);
        loop {
            if let Some(transcript) = session.step(self, threads, &stop)? {
                return Ok(transcript);
            }
        }
    }
}
