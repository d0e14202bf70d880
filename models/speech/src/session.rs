//! One recording on its way to a transcript, a step at a time: so that recordings can take turns and be stopped between.

use std::{mem, ops::Range, vec};

use hilum_audio::SAMPLE_RATE_HZ;

use crate::{
    Language, Options, Prompt, Segment, SpeechError, Status, Transcriber, Transcript,
    whisper::{Heard, Stop, Turn, words},
    windows::windows,
};

/// Speech is looked for in so many seconds at once: the Silero network takes a second for five minutes, and cannot be
/// stopped.
const VAD_PIECE: usize = 300 * SAMPLE_RATE_HZ as usize;
/// A window is dropped when the model itself is this sure that nobody speaks in it.
const NO_SPEECH: f32 = 0.8;

/// A recording and how far it was heard.
#[derive(Debug)]
pub(crate) struct Session {
    samples: Vec<f32>,
    options: Options,
    language: Option<Language>,
    stage: Stage,
    speech: Vec<Range<usize>>,
    segments: Vec<Segment>,
    /// Samples of speech that were heard.
    heard: usize,
}

#[derive(Debug)]
enum Stage {
    /// Looking for speech from this sample on.
    Vad(usize),
    /// Listening to what is left of the windows.
    Windows(vec::IntoIter<Range<usize>>),
}

impl Session {
    pub(crate) fn new(samples: Vec<f32>, options: Options) -> Self {
        Self {
            samples,
            language: options.language,
            options,
            stage: Stage::Vad(0),
            speech: Vec::new(),
            segments: Vec::new(),
            heard: 0,
        }
    }

    /// How much of the speech was heard, 0 to 100.
    pub(crate) fn percent(&self) -> u8 {
        match self.stage {
            Stage::Vad(_) => 0,
            Stage::Windows(_) => (self.heard * 100 / self.speech_samples().max(1)).min(100) as u8,
        }
    }

    /// The next step; the transcript after the last one.
    pub(crate) fn step(
        &mut self,
        transcriber: &mut Transcriber,
        threads: usize,
        stop: &Stop,
    ) -> Result<Option<Transcript>, SpeechError> {
        match &mut self.stage {
            Stage::Vad(at) => {
                let start = *at;
                let end = (start + VAD_PIECE).min(self.samples.len());
                let found = transcriber.vad.speech(&self.samples[start..end])?;
                self.speech
                    .extend(found.into_iter().map(|span| span.start + start..span.end + start));
                self.stage = if end < self.samples.len() {
                    Stage::Vad(end)
                } else {
                    Stage::Windows(windows(&self.samples, &self.speech).into_iter())
                };
                Ok(None)
            }
            Stage::Windows(left) => match left.next() {
                Some(window) => self.listen(transcriber, window, threads, stop).map(|()| None),
                None => Ok(Some(self.finish(transcriber))),
            },
        }
    }

    fn listen(
        &mut self,
        transcriber: &mut Transcriber,
        window: Range<usize>,
        threads: usize,
        stop: &Stop,
    ) -> Result<(), SpeechError> {
        let turn = Turn {
            samples: &self.samples[window.clone()],
            vocabulary: self.options.prompt == Prompt::Vocabulary,
            threads,
            stop,
        };
        let language = match self.language {
            Some(language) => language,
            None => *self.language.insert(transcriber.recogniser.language(&turn)?),
        };
        let heard = transcriber.recogniser.hear(&turn, language)?;
        self.segments.extend(segment(&heard, &window));
        self.heard += window.len();
        Ok(())
    }

    fn finish(&mut self, transcriber: &Transcriber) -> Transcript {
        let segments = mem::take(&mut self.segments);
        let status = if segments.is_empty() {
            Status::NoSpeech
        } else {
            Status::Draft
        };
        Transcript {
            language: self.language,
            text: joined(&segments, self.language),
            segments,
            speech_ms: milliseconds(self.speech_samples()),
            duration_ms: milliseconds(self.samples.len()),
            status,
            model: transcriber.model().clone(),
            vad: transcriber.vad.kind(),
            warnings: transcriber.warnings(),
        }
    }

    fn speech_samples(&self) -> usize {
        self.speech.iter().map(ExactSizeIterator::len).sum()
    }
}

/// What was heard in a window; `None` where that is nothing.
fn segment(heard: &Heard, window: &Range<usize>) -> Option<Segment> {
    let text = words::text(&heard.tokens);
    let spoken = text.chars().any(char::is_alphanumeric) && heard.no_speech_probability < NO_SPEECH;
    spoken.then(|| Segment {
        start_ms: milliseconds(window.start),
        end_ms: milliseconds(window.end),
        probability: words::probability(&heard.tokens),
        words: words::words(&heard.tokens),
        text,
    })
}

/// Chinese is written without spaces between sentences.
fn joined(segments: &[Segment], language: Option<Language>) -> String {
    let texts: Vec<&str> = segments.iter().map(|segment| segment.text.as_str()).collect();
    texts.join(if language == Some(Language::Chinese) {
        ""
    } else {
        " "
    })
}

const fn milliseconds(samples: usize) -> u64 {
    samples as u64 * 1000 / SAMPLE_RATE_HZ as u64
}
