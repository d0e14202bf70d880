//! Model files that are not what they should be.

use hilum_domain::{ReasonCode, Sha256};
use hilum_speech::{SpeechError, ggml, whisper::WhisperModel};

use crate::tiny::{TINY, model};

#[test]
fn the_digest_comes_first() {
    let bytes = model(TINY);
    let right = Sha256::of(&bytes);
    let loaded = WhisperModel::load("tiny", &bytes, Some(&right));
    assert!(loaded.is_ok(), "{loaded:?}");
    let mut flipped = bytes;
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    let error = WhisperModel::load("tiny", &flipped, Some(&right)).unwrap_err();
    assert!(matches!(error, SpeechError::DigestMismatch { .. }), "{error}");
    assert_eq!(error.code(), Some(ReasonCode::ModelDigestMismatch));
}

/// Without a digest to compare with, the layout still has to be right to the last byte.
#[test]
fn damaged_layouts_are_refused_before_whisper_sees_them() {
    let bytes = model(TINY);
    let header = ggml::check(&bytes).unwrap();
    assert_eq!(
        (header.vocabulary, header.width, header.audio_layers),
        (51_865, 32, 2)
    );
    let vocabulary = 48 + 8 + 80 * 201 * 4;
    for cut in [
        0,
        3,
        40,
        60,
        vocabulary - 1,
        vocabulary + 20_000,
        bytes.len() / 2,
        bytes.len() - 1,
    ] {
        let error = WhisperModel::load("cut", &bytes[..cut], None).unwrap_err();
        assert!(matches!(error, SpeechError::ModelDamaged(_)), "{cut}: {error}");
    }
    let changed: &[(usize, u32, &str)] = &[
        (0, 7, "magic"),
        (4, 1 << 30, "vocabulary size"),
        (8, u32::MAX, "audio positions"),
        (12, 48, "differ"),
        (16, 5, "heads"),
        (20, 3, "tensor"),
        (24, 1 << 20, "text positions"),
        (40, 1_000_000, "mel bands"),
        (44, 0, "weight type"),
        (52, 1 << 30, "spectrum"),
        (vocabulary, 1 << 30, "vocabulary entries"),
        (vocabulary + 4, 1 << 30, "has 1073741824 bytes"),
    ];
    for (at, number, expected) in changed {
        let mut bytes = bytes.clone();
        bytes[*at..at + 4].copy_from_slice(&number.to_le_bytes());
        let error = WhisperModel::load("changed", &bytes, None)
            .unwrap_err()
            .to_string();
        assert!(error.contains(expected), "{at}: {error}");
    }
    assert!(WhisperModel::load("longer", &[bytes, vec![0; 9]].concat(), None).is_err());
    assert!(WhisperModel::load("text", b"hello", None).is_err());
}
