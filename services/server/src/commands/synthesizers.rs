//! Speech synthesizers of the system, started as child processes.

use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};
use hilum_dictation::{Language, Speech, Synthesizer, Voice};

/// Reads a text in a voice, and names its sounds as espeak-ng hears them in that accent.
pub(crate) fn speak(language: Language, voice: &Voice, text: &str) -> anyhow::Result<Speech> {
    let file = tempfile::NamedTempFile::new()?;
    let path = file.path();
    let mut command = match voice.synthesizer {
        Synthesizer::Espeak => {
            let mut command = Command::new("espeak-ng");
            command
                .args(["-v", &voice.name, "-m"])
                .args(["-s", &format!("{:.0}", 170.0 * voice.speed)])
                .args(["-p", &voice.pitch.to_string()])
                .arg("-w")
                .arg(path)
                .arg(marked_up(language, text));
            command
        }
        Synthesizer::Flite => {
            let mut command = Command::new("flite");
            command
                .args(["-voice", &voice.name])
                .args(["--setf", &format!("duration_stretch={:.2}", 1.0 / voice.speed)])
                .args(["-t", &letters_apart(text)])
                .arg("-o")
                .arg(path);
            command
        }
        Synthesizer::Festival => {
            let mut command = Command::new("sh");
            command
                .args([
                    "-c",
                    "printf %s \"$1\" | text2wave -eval \"(voice_$2)\" -o \"$3\"",
                    "sh",
                ])
                .args([&letters_apart(text), &voice.name])
                .arg(path);
            command
        }
    };
    let output = command.stdin(Stdio::null()).output().with_context(|| {
        format!(
            "{}; scripts/setup.sh speech installs it",
            command.get_program().display()
        )
    })?;
    let wav = std::fs::read(path)?;
    if !output.status.success() || wav.len() < 44 {
        bail!("{command:?}: {}, {} bytes", output.status, wav.len());
    }
    let (rate, samples) = pcm(&wav).with_context(|| format!("{command:?}"))?;
    let samples = hilum_dictation::resample(&samples, f64::from(rate) / 16_000.0)
        .into_iter()
        .map(|sample| (sample * 32_767.0).clamp(-32_768.0, 32_767.0) as i16)
        .collect();
    Ok(Speech {
        samples,
        phonemes: phonemes(language, voice, text)?,
    })
}

/// Sounds of a text in the international alphabet, without stress, length and pauses.
fn phonemes(language: Language, voice: &Voice, text: &str) -> anyhow::Result<String> {
    let accent = match voice.synthesizer {
        Synthesizer::Espeak => voice.name.split('+').next().unwrap_or(&voice.name),
        Synthesizer::Flite | Synthesizer::Festival => "en-us",
    };
    let output = Command::new("espeak-ng")
        .args(["-v", accent, "-m", "-q", "--ipa"])
        .arg(marked_up(language, text))
        .output()
        .context("espeak-ng; scripts/setup.sh installs it")?;
    let mut sounds = String::from_utf8_lossy(&output.stdout).into_owned();
    for change in ["(en)", "(cmn)"] {
        sounds = sounds.replace(change, "");
    }
    sounds.retain(|c| !c.is_whitespace() && !"ˈˌː‖_-.,\u{200d}\u{361}".contains(c));
    Ok(sounds)
}

/// Abbreviations as synthesizers read them right.
fn letters_apart(text: &str) -> String {
    [
        ("Lung-RADS", "lung rads"),
        ("PET", "pet"),
        ("CT", "C T"),
        ("HU", "H U"),
    ]
    .iter()
    .fold(text.to_owned(), |text, (written, read)| {
        text.replace(written, read)
    })
}

/// The same for espeak-ng, whose Mandarin voice must change language for an English name.
fn marked_up(language: Language, text: &str) -> String {
    match language {
        Language::English => letters_apart(text),
        Language::Mandarin => text.replace("Lung-RADS", "<voice xml:lang=\"en-us\">lung rads</voice>"),
    }
}

/// Rate and samples of a 16-bit mono WAV file.
fn pcm(wav: &[u8]) -> anyhow::Result<(u32, Vec<f32>)> {
    let at = |offset: usize| {
        wav.get(offset..offset + 4)
            .context("the WAV file ends in its header")
    };
    let number = |bytes: &[u8]| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    let rate = number(at(24)?);
    let mut chunk = 12;
    while at(chunk)? != b"data" {
        chunk += 8 + number(at(chunk + 4)?) as usize;
    }
    let samples = wav[chunk + 8..]
        .chunks_exact(2)
        .map(|pair| f32::from(i16::from_le_bytes([pair[0], pair[1]])) / 32_768.0)
        .collect();
    Ok((rate, samples))
}
