//! Which file format bytes are in, by their first bytes. Names what is not read, so that the answer is no riddle.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::AudioError;

/// A file format that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Container {
    /// RIFF WAVE.
    Wav,
    /// MPEG audio, with or without ID3 in front.
    Mp3,
    /// AAC in ADTS frames.
    Adts,
    /// FLAC of its own.
    Flac,
    /// ISO base media: m4a, mp4, 3gp.
    Mp4,
    /// Ogg: Vorbis, Opus, FLAC.
    Ogg,
    /// Matroska and webm.
    Webm,
}

/// Formats that are known by name and not read: bytes at an offset, name.
const REFUSED: &[(usize, &[u8], &str)] = &[
    (0, b"#!AMR", "AMR"),
    (28, b"Speex   ", "Speex in Ogg"),
    (0, b"FORM", "AIFF"),
    (0, b"caff", "Core Audio (caf)"),
    (0, b".snd", "Sun audio (au)"),
    (0, b"MThd", "MIDI"),
    (0, b"MAC ", "Monkey's Audio"),
    (0, b"wvpk", "WavPack"),
    (0, b"\x30\x26\xB2\x75\x8E\x66\xCF\x11", "Windows Media (wma)"),
    (0, b"RF64", "RF64"),
    (0, b"riff\x2E\x91\xCF\x11", "Wave64"),
];

impl fmt::Display for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Wav => "wav",
            Self::Mp3 => "mp3",
            Self::Adts => "aac",
            Self::Flac => "flac",
            Self::Mp4 => "m4a",
            Self::Ogg => "ogg",
            Self::Webm => "webm",
        })
    }
}

impl Container {
    /// The format of a file, by its magic. An ID3 tag in front is to be stepped over first.
    pub fn of(bytes: &[u8]) -> Result<Self, AudioError> {
        if bytes.is_empty() {
            return Err(AudioError::Empty);
        }
        let at =
            |offset: usize, magic: &[u8]| bytes.get(offset..).is_some_and(|rest| rest.starts_with(magic));
        if let Some((_, _, what)) = REFUSED.iter().find(|(offset, magic, _)| at(*offset, magic)) {
            return Err(AudioError::Unsupported {
                what: (*what).to_owned(),
            });
        }
        if at(0, b"RIFF") && at(8, b"WAVE") {
            Ok(Self::Wav)
        } else if at(0, b"OggS") {
            Ok(Self::Ogg)
        } else if at(0, b"fLaC") {
            Ok(Self::Flac)
        } else if at(0, b"\x1A\x45\xDF\xA3") {
            Ok(Self::Webm)
        } else if at(4, b"ftyp") {
            Ok(Self::Mp4)
        } else {
            Self::of_frames(bytes)
        }
    }

    /// Formats without a magic of their own: the sync word of the first frame.
    fn of_frames(bytes: &[u8]) -> Result<Self, AudioError> {
        match bytes {
            // 12 sync bits; layer bits 00 are ADTS, of MPEG audio only layer III is read.
            [0xFF, second, ..] if second & 0xF6 == 0xF0 => Ok(Self::Adts),
            [0xFF, second, ..] if second & 0xE6 == 0xE2 => Ok(Self::Mp3),
            _ => Err(AudioError::UnknownFormat),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_their_first_bytes() {
        let rows: &[(&[u8], Container)] = &[
            (b"RIFF\x24\0\0\0WAVEfmt ", Container::Wav),
            (b"RIFF\xFF\xFF\xFF\xFFWAVE", Container::Wav),
            (b"\xFF\xFB\x90", Container::Mp3),
            (b"\xFF\xF3\x40", Container::Mp3),
            (b"\xFF\xF1\x50", Container::Adts),
            (b"fLaC", Container::Flac),
            (b"\0\0\0\x1Cftypisom", Container::Mp4),
            (b"OggS\0", Container::Ogg),
            (b"\x1A\x45\xDF\xA3", Container::Webm),
        ];
        for (bytes, expected) in rows {
            assert_eq!(Container::of(bytes).as_ref(), Ok(expected), "{bytes:?}");
        }
    }

    #[test]
    fn what_is_not_read_is_named() {
        let speex = [&b"OggS"[..], &[0; 24], b"Speex   1.2"].concat();
        let rows: &[(&[u8], &str)] = &[
            (b"#!AMR\n", "AMR is not read"),
            (&speex, "Speex in Ogg is not read"),
            (b"", "is empty"),
            (b"hello", "no format of sound"),
            (b"RIFF\x24\0\0\0AVI ", "no format of sound"),
            (b"\xFF", "no format of sound"),
            (b"\xFF\xFF\xFF", "no format of sound"),
        ];
        for (bytes, expected) in rows {
            let error = Container::of(bytes).unwrap_err().to_string();
            assert!(error.contains(expected), "{bytes:?}: {error}");
        }
    }
}
