//! Synthetic speech, and ffmpeg as an encoder.

use std::{
    path::PathBuf,
    process::{Command, Stdio},
};

use hilum_audio::SAMPLE_RATE_HZ;
use tempfile::TempDir;

/// A folder with `speech.wav`, a dictation spoken by espeak-ng at 22 050 Hz.
pub(crate) struct Studio {
    folder: TempDir,
}

impl Studio {
    /// `None`, after saying so, where a tool is absent.
    pub(crate) fn open() -> Option<Self> {
        let studio = Self {
            folder: TempDir::new().unwrap(),
        };
        let words = "Solid nodule in the right upper lobe, fourteen by eleven millimetres, unchanged.";
        let wav = studio.path("speech.wav");
        let spoken = run("espeak-ng", &["-v", "en-us", "-w", wav.to_str().unwrap(), words])?;
        assert!(spoken.is_empty());
        run("ffmpeg", &["-version"])?;
        Some(studio)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The speech through ffmpeg with these output options, into a file or, for a name that begins with `pipe`, into a
    /// pipe, where the writer cannot go back to fill in lengths.
    pub(crate) fn encode(&self, options: &str, name: &str) -> Vec<u8> {
        let input = self.path("speech.wav");
        let output = self.path(name);
        let piped = name.starts_with("pipe");
        let mut arguments = vec![
            "-hide_banner",
            "-loglevel",
            "error",
            "-y",
            "-i",
            input.to_str().unwrap(),
        ];
        arguments.extend(options.split_whitespace());
        arguments.push(if piped { "pipe:1" } else { output.to_str().unwrap() });
        let bytes = run("ffmpeg", &arguments).unwrap();
        if piped {
            bytes
        } else {
            std::fs::read(output).unwrap()
        }
    }

    /// The speech at 16 kHz, as ffmpeg resamples it.
    pub(crate) fn reference(&self) -> Vec<f32> {
        let options = format!("-ar {SAMPLE_RATE_HZ} -ac 1 -f f32le");
        let bytes = self.encode(&options, "pipe.f32");
        bytes
            .as_chunks()
            .0
            .iter()
            .copied()
            .map(f32::from_le_bytes)
            .collect()
    }
}

/// Standard output of a tool that must succeed; `None` where it is not installed.
fn run(program: &str, arguments: &[&str]) -> Option<Vec<u8>> {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output();
    let Ok(output) = output else {
        eprintln!("SKIPPED: {program} is not installed (scripts/setup.sh test)");
        return None;
    };
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {said}");
    Some(output.stdout)
}
