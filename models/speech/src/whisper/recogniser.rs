//! One window of speech at a time through one state of whisper.cpp.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use whisper_rs::{FullParams, SamplingStrategy, WhisperError, WhisperState};

use super::{WhisperModel, words::Token};
use crate::{Language, SpeechError, TranscriptModel, vocabulary};

/// Samples of one position of the encoder: 20 ms.
const SAMPLES_PER_POSITION: usize = 320;
/// Positions beyond the sound, so that its end is not the end of what the encoder sees.
const POSITIONS_BEYOND: usize = 50;
/// Positions are rounded up to a multiple of this.
const POSITIONS_STEP: usize = 64;
/// Whisper hears at least one second; what is shorter ends in silence.
const SHORTEST: usize = 16_000;
/// Tokens that a prompt may have (whisper.cpp takes the last half of the text context of 448).
const LONGEST_PROMPT: usize = 223;

/// Set to stop the window that is being heard.
pub(crate) type Stop = Arc<AtomicBool>;

/// What is to be heard, and how.
pub(crate) struct Turn<'a> {
    /// Mono, 16 kHz, at most 30 s.
    pub(crate) samples: &'a [f32],
    pub(crate) vocabulary: bool,
    pub(crate) threads: usize,
    pub(crate) stop: &'a Stop,
}

/// What was heard in one window.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Heard {
    pub(crate) tokens: Vec<Token>,
    /// What the model itself thinks of there being no speech.
    pub(crate) no_speech_probability: f32,
}

/// A model with its working memory. The memory, the settings and the prompts are made once: whisper-rs leaks them.
pub(crate) struct Recogniser {
    model: WhisperModel,
    state: WhisperState,
    /// In the order of [`Language::ALL`].
    settings: [FullParams<'static, 'static>; 2],
    prompts: [Vec<i32>; 2],
    /// What the abort callback of every setting looks at. A mutex, because whisper.cpp asks from within a computation
    /// what the worker sets before it.
    current: Arc<Mutex<Option<Stop>>>,
}

impl Recogniser {
    pub(crate) fn new(model: WhisperModel) -> Result<Self, SpeechError> {
        let state = model.context.create_state().map_err(failed)?;
        let current = Arc::new(Mutex::new(None));
        let settings = Language::ALL.map(|language| settings(language, &current));
        let prompts = Language::ALL.map(|language| tokens_of(&model, vocabulary::prompt(language)));
        Ok(Self {
            model,
            state,
            settings,
            prompts,
            current,
        })
    }

    pub(crate) const fn identity(&self) -> &TranscriptModel {
        &self.model.identity
    }

    /// What is said in a window.
    pub(crate) fn hear(&mut self, turn: &Turn, language: Language) -> Result<Heard, SpeechError> {
        self.run(turn, language, 0)?;
        let Some(segment) = self.state.get_segment(0) else {
            return Ok(Heard {
                tokens: Vec::new(),
                no_speech_probability: 1.0,
            });
        };
        let end_of_text = self.model.context.token_eot();
        let tokens = (0..segment.n_tokens()).filter_map(|index| segment.get_token(index));
        let tokens = tokens.filter(|token| token.token_id() < end_of_text);
        let tokens = tokens.map(|token| {
            Ok(Token {
                bytes: token.to_bytes()?.to_vec(),
                probability: token.token_probability(),
            })
        });
        Ok(Heard {
            tokens: tokens.collect::<Result<_, WhisperError>>().map_err(failed)?,
            no_speech_probability: segment.no_speech_probability(),
        })
    }

    /// The language that a window is more probably in. `whisper_full` has this built in, but neither stops when asked to
    /// nor looks at less than 30 s then.
    pub(crate) fn language(&mut self, turn: &Turn) -> Result<Language, SpeechError> {
        if !self.model.multilingual {
            return Ok(Language::English);
        }
        // One token, for the sake of what the encoder leaves behind.
        self.run(turn, Language::English, 1)?;
        let start = self.model.context.token_sot();
        self.state.decode(&[start], 0, turn.threads).map_err(failed)?;
        let logits = self.state.get_logits().map_err(failed)?;
        let logit = |language: Language| {
            let token = start + 1 + language.token_index();
            logits.get(token as usize).copied().unwrap_or(f32::NEG_INFINITY)
        };
        Ok(Language::ALL
            .into_iter()
            .max_by(|a, b| logit(*a).total_cmp(&logit(*b)))
            .unwrap_or(Language::English))
    }

    /// One window, up to so many tokens (0: as many as it takes).
    fn run(&mut self, turn: &Turn, language: Language, most_tokens: i32) -> Result<(), SpeechError> {
        let index = usize::from(language == Language::Chinese);
        let mut params = self.settings[index].clone();
        params.set_n_threads(turn.threads.max(1) as i32);
        params.set_max_tokens(most_tokens);
        let mut padded = turn.samples.to_vec();
        padded.resize(padded.len().max(SHORTEST), 0.0);
        params.set_audio_ctx(positions(padded.len(), self.model.context.n_audio_ctx()));
        if turn.vocabulary {
            params.set_tokens(&self.prompts[index]);
        }
        self.set_current(Some(Arc::clone(turn.stop)));
        let outcome = self.state.full(params, &padded);
        self.set_current(None);
        if turn.stop.load(Ordering::Relaxed) {
            return Err(SpeechError::Cancelled);
        }
        outcome.map_err(failed)
    }

    fn set_current(&self, stop: Option<Stop>) {
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = stop;
    }
}

impl std::fmt::Debug for Recogniser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recogniser")
            .field("model", &self.model)
            .finish_non_exhaustive()
    }
}

/// Settings that are the same for every window in a language.
fn settings(language: Language, current: &Arc<Mutex<Option<Stop>>>) -> FullParams<'static, 'static> {
    let mut params = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
    params.set_language(Some(language.code()));
    params.set_translate(false);
    // Windows do not know of each other: what was misheard once would be repeated.
    params.set_no_context(true);
    params.set_single_segment(true);
    // Times come from the pauses. A model with two decoder layers is given no timestamps anyhow.
    params.set_no_timestamps(true);
    // One answer for one recording: no second try at a higher temperature.
    params.set_temperature(0.0);
    params.set_temperature_inc(0.0);
    // Ending at once is how a model says that there is nothing; and the blank token is looked up in the vocabulary
    // without asking whether it is there.
    params.set_suppress_blank(false);
    // Brackets and slashes are said in dictations.
    params.set_suppress_nst(false);
    params.set_print_progress(false);
    params.set_print_realtime(false);
    params.set_print_special(false);
    params.set_print_timestamps(false);
    let current = Arc::clone(current);
    // The box is spelled out: with any other closure the callback of whisper-rs 0.16 reads a wrong pointer.
    let aborted: Box<dyn FnMut() -> bool> = Box::new(move || {
        let current = current.lock().unwrap_or_else(PoisonError::into_inner);
        current.as_ref().is_some_and(|stop| stop.load(Ordering::Relaxed))
    });
    params.set_abort_callback_safe::<_, Box<dyn FnMut() -> bool>>(aborted);
    params
}

/// A prompt in the model's own vocabulary; what has no token there is left out, and so is all of it where that fails.
fn tokens_of(model: &WhisperModel, prompt: &str) -> Vec<i32> {
    let mut tokens = model
        .context
        .tokenize(prompt, 2 * prompt.len())
        .unwrap_or_default();
    tokens.truncate(LONGEST_PROMPT);
    tokens
}

/// Positions of the encoder for so many samples.
fn positions(samples: usize, most: i32) -> i32 {
    let needed = samples.div_ceil(SAMPLES_PER_POSITION) + POSITIONS_BEYOND;
    (needed.next_multiple_of(POSITIONS_STEP) as i32).min(most)
}

fn failed(error: WhisperError) -> SpeechError {
    SpeechError::Failed(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoder_looks_at_what_there_is() {
        assert_eq!(positions(16_000, 1500), 128);
        assert_eq!(positions(10 * 16_000, 1500), 576);
        assert_eq!(positions(28 * 16_000, 1500), 1472);
        assert_eq!(positions(30 * 16_000, 1500), 1500);
        assert_eq!(positions(30 * 16_000, 400), 400);
    }
}
