//! The Silero network, where the folder of shared models has it.

use std::path::{Path, PathBuf};

use hilum_domain::Sha256;
use hilum_speech::{Options, SpeechError, Transcriber, Vad, VadKind, whisper::WhisperModel};

use crate::{
    sound::{SECOND, noise},
    tiny::{TINY, model},
};

fn silero() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/models");
    let folder = std::env::var_os("HILUM_DATA").map_or(beside, |data| Path::new(&data).join("../models"));
    let file = folder.join("silero-vad-v6.2.0-ggml.bin");
    if !file.is_file() {
        eprintln!("SKIPPED: no {}", file.display());
        return None;
    }
    Some(file)
}

#[test]
fn silero_hears_nobody_in_noise_and_silence() {
    let Some(file) = silero() else { return };
    let digest = Sha256::of(&std::fs::read(&file).unwrap());
    let whisper = WhisperModel::load("tiny", &model(TINY), None).unwrap();
    let vad = Vad::silero(&file, &digest).unwrap();
    let mut transcriber = Transcriber::new(whisper, vad).unwrap();
    for samples in [vec![], vec![0.0; 5 * SECOND], noise(5 * SECOND, 0.3)] {
        let transcript = transcriber.transcribe(samples, Options::default(), 1).unwrap();
        assert_eq!((transcript.speech_ms, transcript.vad), (0, VadKind::Silero));
        assert!(transcript.warnings.is_empty());
    }
    let error = Vad::silero(&file, &Sha256::of(b"other")).unwrap_err();
    assert!(matches!(error, SpeechError::DigestMismatch { .. }), "{error}");
    assert!(Vad::silero(Path::new("/nowhere/silero.bin"), &digest).is_err());
}
