//! Recordings through the worker.

use hilum_speech::{
    Language, Options, Prompt, SpeechError, SpeechWorker, Status, Transcriber, Transcript, Vad, VadKind,
    whisper::WhisperModel,
};

use crate::{
    sound::{SECOND, babble},
    tiny::{TINY, model},
};

fn worker() -> SpeechWorker {
    let whisper = WhisperModel::load("tiny", &model(TINY), None).unwrap();
    SpeechWorker::start(Transcriber::new(whisper, Vad::Energy).unwrap(), || 1).unwrap()
}

fn heard(worker: &SpeechWorker, samples: Vec<f32>, options: Options) -> Transcript {
    worker.submit(samples, options).unwrap().wait().unwrap()
}

#[test]
fn a_transcript_is_a_draft_with_times_and_probabilities() {
    let worker = worker();
    let english = Options {
        language: Some(Language::English),
        prompt: Prompt::None,
    };
    let transcript = heard(&worker, babble(34), english.clone());
    assert_eq!(
        (transcript.status, transcript.language),
        (Status::Draft, Some(Language::English))
    );
    assert_eq!(
        (transcript.duration_ms, transcript.vad),
        (34_000, VadKind::Energy)
    );
    assert_eq!(
        transcript.segments.len(),
        3,
        "three stretches between pauses of two seconds"
    );
    assert_eq!(transcript.warnings.len(), 1);
    let mut before = 0;
    for segment in &transcript.segments {
        assert!(
            before <= segment.start_ms && segment.start_ms < segment.end_ms,
            "{segment:?}"
        );
        before = segment.end_ms;
        assert!((0.0..=1.0).contains(&segment.probability) && !segment.words.is_empty());
        assert!(
            segment
                .words
                .iter()
                .all(|word| (0.0..=1.0).contains(&word.probability))
        );
    }
    assert!(before <= 34_000);
    assert!(transcript.segments[1].start_ms.abs_diff(12_000) < 300);
    let json = serde_json::to_value(&transcript).unwrap();
    assert_eq!(
        (&json["status"], &json["language"]),
        (&"draft".into(), &"en".into())
    );
    assert_eq!(json["model"]["sha256"].as_str().map(str::len), Some(64));
    // Nothing of one recording is left for the next.
    assert_eq!(heard(&worker, babble(34), english), transcript);
}

#[test]
fn language_and_prompt_are_chosen_or_found_out() {
    let worker = worker();
    for language in [None, Some(Language::English), Some(Language::Chinese)] {
        for prompt in [Prompt::None, Prompt::Vocabulary] {
            let options = Options { language, prompt };
            let transcript = heard(&worker, babble(5), options);
            assert!(transcript.language.is_some());
            assert!(language.is_none() || transcript.language == language);
        }
    }
}

#[test]
fn silence_is_no_speech() {
    let transcript = heard(&worker(), vec![0.0; 3 * SECOND], Options::default());
    assert_eq!((transcript.status, transcript.language), (Status::NoSpeech, None));
    assert_eq!((transcript.text.as_str(), transcript.speech_ms), ("", 0));
    assert!(transcript.segments.is_empty());
}

#[test]
fn a_short_note_does_not_wait_for_a_long_one() {
    let worker = worker();
    let long = worker.submit(babble(240), Options::default()).unwrap();
    let short = worker.submit(babble(2), Options::default()).unwrap();
    short.wait().unwrap();
    assert!(
        long.poll().is_none(),
        "the long one still has nineteen windows before it"
    );
    long.cancel();
    assert_eq!(long.wait(), Err(SpeechError::Cancelled));
    // The worker goes on with the next.
    assert!(
        worker
            .submit(babble(2), Options::default())
            .unwrap()
            .wait()
            .is_ok()
    );
}

#[test]
fn one_window_is_stopped_within() {
    let worker = worker();
    let ticket = worker.submit(babble(10), Options::default()).unwrap();
    ticket.cancel();
    assert_eq!(ticket.wait(), Err(SpeechError::Cancelled));
}

#[test]
fn no_more_than_eight_wait() {
    let worker = worker();
    let tickets: Vec<_> = (0..8)
        .map(|_| worker.submit(babble(240), Options::default()).unwrap())
        .collect();
    let refused = worker.submit(babble(2), Options::default());
    assert!(
        matches!(refused, Err(SpeechError::Busy { waiting: 8 })),
        "{refused:?}"
    );
    drop(tickets);
}
