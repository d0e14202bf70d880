//! Models that an operator added: files below `data.dir/models`, listed in `models.toml` beside them.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail, ensure};
use hilum_domain::Sha256;
use serde::{Deserialize, Serialize};

use crate::settings::Settings;

/// Largest model file: Whisper large-v3 has 3.1 GB.
pub(crate) const LARGEST_FILE: u64 = 4 << 30;

/// Official files by their digest, as published beside them (whisper.cpp model hub, Git LFS object ids).
const PUBLISHED: &[(&str, &str)] = &[
    (
        "ggml-tiny.bin",
        "be07e048e1e599ad46341c8d2a135645097a538221678b7acdd1b1919c6e1b21",
    ),
    (
        "ggml-base.bin",
        "60ed5bc3dd14eea856493d334349b405782ddcaf0028d4b5df4088345fba2efe",
    ),
    (
        "ggml-small.bin",
        "1be3a9b2063867b937e64e2ec7483364a79917e157fa98c5d94b5c1fffea987b",
    ),
    (
        "ggml-silero-v6.2.0.bin",
        "2aa269b785eeb53a82983a20501ddf7c1d9c48e33ab63a41391ac6c9f7fb6987",
    ),
];

/// One added model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Added {
    /// Name by which it is asked for.
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// File name within the folder.
    pub(crate) file: String,
    pub(crate) sha256: Sha256,
    pub(crate) bytes: u64,
}

/// What a model is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// Whisper in ggml form.
    Whisper,
    /// Silero VAD in ggml form.
    Vad,
}

impl Kind {
    /// By the beginning of the file, and for Whisper by its whole layout.
    pub(crate) fn of(bytes: &[u8]) -> anyhow::Result<Self> {
        // The name of the network follows the magic and its own length.
        if bytes.get(8..).is_some_and(|rest| rest.starts_with(b"silero")) {
            return Ok(Self::Vad);
        }
        match hilum_speech::ggml::check(bytes) {
            Ok(_) => Ok(Self::Whisper),
            Err(why) => bail!("neither a ggml Whisper model nor Silero VAD: {why}"),
        }
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Whisper => "whisper",
            Self::Vad => "vad",
        }
    }
}

/// The folder and what is listed in it.
#[derive(Debug)]
pub(crate) struct AddedModels {
    folder: PathBuf,
    /// In the order in which they were added.
    pub(crate) models: Vec<Added>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    #[serde(default)]
    model: Vec<Added>,
}

impl AddedModels {
    /// Reads the list; an absent one is empty.
    pub(crate) fn open(settings: &Settings) -> anyhow::Result<Self> {
        let folder = settings.data.dir.join("models");
        let list = folder.join("models.toml");
        let models = match fs::read_to_string(&list) {
            Ok(text) => {
                toml::from_str::<List>(&text)
                    .with_context(|| format!("{}", list.display()))?
                    .model
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error).with_context(|| format!("{}", list.display())),
        };
        Ok(Self { folder, models })
    }

    /// The newest of a kind.
    pub(crate) fn newest(&self, kind: Kind) -> Option<&Added> {
        self.models.iter().rev().find(|model| model.kind == kind)
    }

    /// Where its file is.
    pub(crate) fn path(&self, model: &Added) -> PathBuf {
        self.folder.join(&model.file)
    }

    /// Bytes of a model as they were when it was added.
    pub(crate) fn read(&self, model: &Added) -> anyhow::Result<Vec<u8>> {
        let path = self.path(model);
        let bytes = fs::read(&path).with_context(|| format!("model {}", model.name))?;
        let found = Sha256::of(&bytes);
        ensure!(
            found == model.sha256,
            "model_digest_mismatch: model {} has sha256 {found}, it was added with {}",
            model.name,
            model.sha256
        );
        Ok(bytes)
    }

    /// Adds a model, or replaces the one of that name. Its digest must be `expected`, or a published one.
    pub(crate) fn add(&mut self, name: &str, bytes: &[u8], expected: Option<&str>) -> anyhow::Result<&Added> {
        check_name(name)?;
        let sha256 = Sha256::of(bytes);
        check_digest(&sha256, expected)?;
        let kind = Kind::of(bytes)?;
        let added = Added {
            name: name.to_owned(),
            kind,
            file: format!("{name}.bin"),
            sha256,
            bytes: bytes.len() as u64,
        };
        fs::create_dir_all(&self.folder).with_context(|| format!("{}", self.folder.display()))?;
        write_whole(&self.path(&added), bytes)?;
        self.models.retain(|model| model.name != added.name);
        self.models.push(added);
        let list = List {
            model: self.models.clone(),
        };
        write_whole(
            &self.folder.join("models.toml"),
            toml::to_string_pretty(&list)?.as_bytes(),
        )?;
        self.models.last().context("the model that was added")
    }
}

fn check_name(name: &str) -> anyhow::Result<()> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    ensure!(
        !name.is_empty() && name.len() <= 64 && name.chars().all(plain) && !name.starts_with('.'),
        "the name {name:?} may have letters, digits, -, _ and . only"
    );
    Ok(())
}

fn check_digest(found: &Sha256, expected: Option<&str>) -> anyhow::Result<()> {
    match expected {
        Some(expected) => ensure!(
            found.as_str().eq_ignore_ascii_case(expected),
            "model_digest_mismatch: the file has sha256 {found}, not {expected}"
        ),
        None => ensure!(
            PUBLISHED.iter().any(|(_, digest)| *digest == found.as_str()),
            "the file has sha256 {found}, which is no published model that is known here: compare it with what its \
             publisher says, then give it as --sha256"
        ),
    }
    Ok(())
}

/// Writes beside the place, makes it durable, then puts it there: nobody meets half a file.
fn write_whole(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let folder = path.parent().context("a folder")?;
    let write = || {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        fs::File::open(folder)?.sync_all()
    };
    write().with_context(|| format!("{}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_within_the_folder() {
        for bad in ["", "../x", "a/b", ".hidden", "ä", &"x".repeat(65)] {
            assert!(check_name(bad).is_err(), "{bad:?}");
        }
        check_name("ggml-base.en-q5_1").unwrap();
    }

    #[test]
    fn a_digest_is_published_or_given() {
        let found = Sha256::of(b"abc");
        assert!(
            check_digest(&found, None)
                .unwrap_err()
                .to_string()
                .contains("--sha256")
        );
        assert!(
            check_digest(&found, Some("00"))
                .unwrap_err()
                .to_string()
                .contains("mismatch")
        );
        check_digest(&found, Some(&found.as_str().to_uppercase())).unwrap();
        for (name, digest) in PUBLISHED {
            assert!(
                digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit()),
                "{name}"
            );
        }
    }
}
