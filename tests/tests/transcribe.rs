//! `hilum transcribe` and `hilum models add`: refusals, a registry of one's own, and a transcript where a model is there.

use std::{fs, path::PathBuf};

use hilum_tests::server::hilum;
use serde_json::Value;

/// Exit code and first line of standard error.
fn refused(arguments: &[&str]) -> (i32, String) {
    let output = hilum(arguments);
    let error = String::from_utf8_lossy(&output.stderr);
    let line = error.lines().find(|line| line.starts_with("hilum: "));
    (output.status.code().unwrap(), line.unwrap_or_default().to_owned())
}

/// A wav of 16 kHz with so many seconds of silence.
fn silence(seconds: u32) -> Vec<u8> {
    let bytes = seconds * 32_000;
    let mut wav = b"RIFF".to_vec();
    wav.extend((36 + bytes).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x80\x3E\0\0\0\x7D\0\0\x02\0\x10\0data");
    wav.extend(bytes.to_le_bytes());
    wav.resize(wav.len() + bytes as usize, 0);
    wav
}

#[test]
fn what_is_no_recording_is_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.display().to_string()
    };
    let rows = [
        (
            write("note.amr", b"#!AMR\n\0"),
            "hilum: note.amr: AMR is not read",
        ),
        (
            write("empty", b""),
            "hilum: empty: the recording is empty (decode_failed)",
        ),
        (write("text", b"hello"), "hilum: text: no format of sound"),
        (
            write("long.wav", &silence(1801)),
            "hilum: long.wav: the recording is longer than 1800 s",
        ),
        (
            "/dev/zero".to_owned(),
            "hilum: zero: the recording has 268435457 bytes or more",
        ),
        ("/nowhere/note.wav".to_owned(), "hilum: note.wav: No such file"),
        (
            write("note.wav", &silence(1)),
            "hilum: model_unavailable: there is no speech model",
        ),
    ];
    for (file, expected) in rows {
        // A model that ships answers the last row.
        if expected.contains("model_unavailable") && ships_a_model() {
            continue;
        }
        let (code, line) = refused(&[
            "transcribe",
            &file,
            "--json",
            "--data-dir",
            data.to_str().unwrap(),
        ]);
        assert!(code == 1 && line.starts_with(expected), "{file}: {code} {line}");
    }
    assert_eq!(hilum(&["transcribe"]).status.code(), Some(2));
    assert_eq!(hilum(&["transcribe", "x", "--lang", "fr"]).status.code(), Some(2));
}

fn ships_a_model() -> bool {
    let listed = hilum(&["models", "list", "--json"]).stdout;
    let mut lines = listed
        .split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    lines.any(|model| model["name"] == "dictation")
}

/// The real Silero network beside the real data, or `None` after saying so.
fn silero() -> Option<PathBuf> {
    let file = hilum_tests::data::folder()?.join("../models/silero-vad-v6.2.0-ggml.bin");
    if !file.is_file() {
        eprintln!("SKIPPED: no {}", file.display());
        return None;
    }
    Some(file)
}

#[test]
fn models_are_added_by_their_digest() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let junk = folder.path().join("junk.bin");
    fs::write(&junk, "no model").unwrap();
    let junk = junk.to_str().unwrap();
    // sha256 of "no model" is asked for, then refused by content.
    let (code, line) = refused(&["models", "add", junk, "--data-dir", data]);
    assert!(code == 1 && line.contains("--sha256"), "{line}");
    let (code, line) = refused(&["models", "add", junk, "--sha256", "00", "--data-dir", data]);
    assert!(code == 1 && line.contains("model_digest_mismatch"), "{line}");
    let digest = hilum_domain::Sha256::of(b"no model");
    let (code, line) = refused(&[
        "models",
        "add",
        junk,
        "--sha256",
        digest.as_str(),
        "--data-dir",
        data,
    ]);
    assert!(
        code == 1 && line.contains("neither a ggml Whisper model nor Silero"),
        "{line}"
    );

    let Some(silero) = silero() else { return };
    let silero = silero.to_str().unwrap();
    // A published digest need not be given.
    assert!(
        hilum(&["models", "add", silero, "--name", "vad", "--data-dir", data])
            .status
            .success()
    );
    let listed = String::from_utf8(hilum(&["models", "list", "--json", "--data-dir", data]).stdout).unwrap();
    let last: Value = serde_json::from_str(listed.lines().last().unwrap()).unwrap();
    assert_eq!(
        (&last["name"], &last["kind"], &last["bytes"]),
        (&"vad".into(), &"vad".into(), &885_098.into())
    );
    assert!(hilum(&["models", "verify", "--data-dir", data]).status.success());
    let stored = folder.path().join("models/vad.bin");
    let mut bytes = fs::read(&stored).unwrap();
    bytes[1000] ^= 1;
    fs::write(&stored, bytes).unwrap();
    let (code, line) = refused(&["models", "verify", "--data-dir", data]);
    assert!(code == 1 && line.contains("model_digest_mismatch"), "{line}");
}
