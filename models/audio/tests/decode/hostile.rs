//! Files that are none, that lie about themselves, or that have no end.

use hilum_audio::{AudioError, AudioLimits, DecodeRecording as _, InProcess};

use crate::tools::Studio;

fn said(bytes: Vec<u8>, limits: &AudioLimits) -> AudioError {
    InProcess.decode(bytes, limits).unwrap_err()
}

/// A wav of 16-bit silence whose header declares what it likes.
fn wav(rate_hz: u32, channels: u16, declared: u32, bytes: usize) -> Vec<u8> {
    let align = channels.wrapping_mul(2);
    let mut wav = b"RIFF".to_vec();
    wav.extend(declared.wrapping_add(36).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0");
    wav.extend(channels.to_le_bytes());
    wav.extend(rate_hz.to_le_bytes());
    wav.extend(rate_hz.wrapping_mul(u32::from(align)).to_le_bytes());
    wav.extend(align.to_le_bytes());
    wav.extend(b"\x10\0data");
    wav.extend(declared.to_le_bytes());
    wav.resize(wav.len() + bytes, 0);
    wav
}

/// Numbers that look like noise, the same each time.
fn noise(bytes: usize, seed: u64) -> Vec<u8> {
    let mut state = seed;
    let next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    std::iter::repeat_with(next).take(bytes).collect()
}

#[test]
fn what_is_too_much_is_refused_by_its_number() {
    let small = AudioLimits {
        input_bytes: 1000,
        seconds: 10,
    };
    assert_eq!(
        said(wav(16_000, 1, 2000, 2000), &small).to_string(),
        "the recording has 2044 bytes or more; the limit is 1000"
    );
    let ten = AudioLimits {
        seconds: 10,
        ..AudioLimits::default()
    };
    assert_eq!(
        said(wav(16_000, 1, 640_000, 640_000), &ten).to_string(),
        "the recording is longer than 10 s, which is the limit (its header says 20 s)"
    );
}

#[test]
fn what_is_no_recording_is_refused_by_name() {
    let limits = AudioLimits::default();
    let rows: &[(Vec<u8>, &str)] = &[
        (vec![], "is empty"),
        (b"ID3\x04\0\0\0\0\0\0".to_vec(), "is empty"),
        (noise(100_000, 1), "no format of sound"),
        (b"#!AMR\n\x3C\x91".to_vec(), "AMR is not read"),
        (wav(16_000, 1, 0, 0), "no sound"),
        (wav(0, 1, 100, 100), "damaged"),
        (wav(16_000, 0, 100, 100), "damaged"),
        (wav(1, 1, 100, 100), "1 samples per second"),
    ];
    for (bytes, expected) in rows {
        let error = said(bytes.clone(), &limits).to_string();
        assert!(error.contains(expected), "{expected}: {error}");
    }
}

/// Noise behind the magic of every format, and every format cut anywhere or with bytes changed: an answer or an error.
#[test]
fn damaged_files_are_answered() {
    let limits = AudioLimits::default();
    for magic in [
        &b"RIFF\xFF\xFF\xFF\x7FWAVE"[..],
        b"\xFF\xFB\x90\x00",
        b"\xFF\xF1\x50\x80",
        b"fLaC",
        b"\0\0\0\x1CftypM4A ",
        b"OggS\0",
        b"\x1A\x45\xDF\xA3",
    ] {
        for seed in 1..20 {
            let bytes = [magic, &noise(3000, seed)].concat();
            assert!(InProcess.decode(bytes, &limits).is_err(), "{magic:?} {seed}");
        }
    }
    let Some(studio) = Studio::open() else { return };
    for (name, options) in [
        ("a.mp3", ""),
        ("a.flac", ""),
        ("a.m4a", ""),
        ("a.ogg", "-c:a libvorbis"),
        ("a.opus", "-c:a libopus"),
        ("a.webm", "-c:a libopus"),
    ] {
        let whole = studio.encode(options, name);
        for seed in 0..30 {
            let mut bytes = whole.clone();
            for at in noise(16, seed).as_chunks::<4>().0 {
                let [a, b, c, d] = *at;
                // Headers are met as often as sound.
                let length = if seed.is_multiple_of(2) { 600 } else { bytes.len() };
                let place = usize::from(u16::from_le_bytes([a, b])) * usize::from(c) % length;
                bytes[place] ^= d | 1;
            }
            drop(InProcess.decode(bytes, &limits));
        }
    }
}

#[test]
fn a_codec_that_is_not_read_is_named() {
    let Some(studio) = Studio::open() else { return };
    let limits = AudioLimits::default();
    let speex = said(studio.encode("-c:a libspeex -ar 16000", "a.spx"), &limits);
    assert!(speex.to_string().contains("Speex in Ogg is not read"), "{speex}");
    let ac3 = said(studio.encode("-c:a ac3", "a.mp4"), &limits);
    assert!(ac3.to_string().contains("is not read"), "{ac3}");
    let picture = said(studio.encode("-vn -c:a alac", "a.m4a"), &limits);
    assert!(picture.to_string().contains("is not read"), "{picture}");
}
