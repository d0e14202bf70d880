//! Reading a corpus.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::{DictationError, Language, Voice};

/// Name of the index within the folder.
pub(super) const INDEX: &str = "index.jsonl";
/// Name of the samples within the folder.
pub(super) const AUDIO: &str = "audio.i16";

/// What a recording is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// To learn from.
    Train,
    /// Sentence and voice unseen in training.
    Test,
    /// The clinical reference dictations in unseen voices.
    Reference,
}

/// One recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recording {
    /// What a transcript should say; empty for speech that is no dictation.
    pub text: String,
    /// How it was pronounced, a symbol per sound as the synthesizer names them; empty where nobody knows.
    pub phonemes: String,
    /// Language that is spoken; of foreign speech the language whose text was read.
    pub language: Language,
    /// Who speaks.
    pub voice: Voice,
    /// What it is for.
    pub split: Split,
    /// First sample in the file.
    pub offset: u64,
    /// Number of samples.
    pub samples: u64,
}

/// An open corpus.
#[derive(Debug)]
pub struct Corpus {
    /// Its recordings in the order of the index.
    pub recordings: Vec<Recording>,
    audio: File,
    path: PathBuf,
}

impl Corpus {
    /// Opens a folder; every recording of the index must lie within the file of samples.
    pub fn open(folder: &Path) -> Result<Self, DictationError> {
        let recordings = read_index(folder)?;
        let path = folder.join(AUDIO);
        let io = |source| DictationError::Io {
            path: path.clone(),
            source,
        };
        let audio = File::open(&path).map_err(io)?;
        let samples = audio.metadata().map_err(io)?.len() / 2;
        let outside = recordings
            .iter()
            .position(|r| r.offset.checked_add(r.samples).is_none_or(|end| end > samples));
        if let Some(row) = outside {
            return Err(DictationError::Corpus {
                path: folder.to_owned(),
                what: format!("recording {row} ends beyond the {samples} samples of {AUDIO}"),
            });
        }
        Ok(Self {
            recordings,
            audio,
            path,
        })
    }

    /// Samples of a recording, from -1 to 1, 16 kHz.
    pub fn samples(&self, recording: &Recording) -> Result<Vec<f32>, DictationError> {
        let mut bytes = vec![0; recording.samples as usize * 2];
        self.audio
            .read_exact_at(&mut bytes, recording.offset * 2)
            .map_err(|source| DictationError::Io {
                path: self.path.clone(),
                source,
            })?;
        Ok(bytes
            .chunks_exact(2)
            .map(|pair| f32::from(i16::from_le_bytes([pair[0], pair[1]])) / 32_768.0)
            .collect())
    }
}

/// The rows of a folder's index; none where there is no index yet.
pub(super) fn read_index(folder: &Path) -> Result<Vec<Recording>, DictationError> {
    let path = folder.join(INDEX);
    let io = |source| DictationError::Io {
        path: path.clone(),
        source,
    };
    let file = match File::open(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        file => file.map_err(io)?,
    };
    BufReader::new(file)
        .lines()
        .enumerate()
        .map(|(row, line)| {
            let line = line.map_err(io)?;
            serde_json::from_str(&line).map_err(|error| DictationError::Corpus {
                path: folder.to_owned(),
                what: format!("row {row} of {INDEX}: {error}"),
            })
        })
        .collect()
}
