//! Which models hear a recording: the one that was named, the newest one that was added, the one that ships.

use std::{fs, path::Path};

use anyhow::{Context as _, bail, ensure};
use hilum_domain::Sha256;
use hilum_speech::{Vad, whisper::WhisperModel};

use crate::{
    added_models::{Added, AddedModels, Kind, LARGEST_FILE},
    settings::Settings,
};

/// Name of the model that ships, in `models/weights/registry.toml`.
const SHIPPED: &str = "dictation";

/// A Whisper model, and whether it is our own one. `wanted` is a file, or the name of an added model.
pub(crate) fn whisper(settings: &Settings, wanted: Option<&str>) -> anyhow::Result<(WhisperModel, bool)> {
    let added = AddedModels::open(settings)?;
    let of_kind = |model: &&Added| model.kind == Kind::Whisper;
    let model = match wanted {
        Some(file) if Path::new(file).is_file() => return Ok((from_file(Path::new(file))?, false)),
        Some(SHIPPED) => None,
        Some(name) => {
            let model = added
                .models
                .iter()
                .filter(of_kind)
                .find(|model| model.name == name);
            Some(model.with_context(|| {
                format!("model_unavailable: {name} is neither a file nor a model that was added (hilum models list)")
            })?)
        }
        None => added.newest(Kind::Whisper),
    };
    if let Some(model) = model {
        let loaded = WhisperModel::load(&model.name, &added.read(model)?, Some(&model.sha256))?;
        return Ok((loaded, false));
    }
    let Ok(shipped) = hilum_weights::load(SHIPPED) else {
        bail!(
            "model_unavailable: there is no speech model; add a ggml Whisper model with `hilum models add FILE --sha256 \
             HEX`, or name one with --model FILE"
        );
    };
    let loaded = WhisperModel::load(SHIPPED, shipped.bytes, Some(&shipped.entry.sha256))?;
    Ok((loaded, true))
}

/// The Silero network where it was added, loudness alone otherwise; the transcript says which.
pub(crate) fn vad(settings: &Settings) -> anyhow::Result<Vad> {
    let added = AddedModels::open(settings)?;
    match added.newest(Kind::Vad) {
        Some(model) => Ok(Vad::silero(&added.path(model), &model.sha256)?),
        None => Ok(Vad::Energy),
    }
}

/// The Silero network from a file that the caller vouches for.
pub(crate) fn vad_file(file: &Path) -> anyhow::Result<Vad> {
    let bytes = read(file)?;
    ensure!(
        Kind::of(&bytes)? == Kind::Vad,
        "{}: no Silero VAD in ggml form",
        file.display()
    );
    Ok(Vad::silero(file, &Sha256::of(&bytes))?)
}

fn from_file(file: &Path) -> anyhow::Result<WhisperModel> {
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    Ok(WhisperModel::load(&name, &read(file)?, None)?)
}

/// A model file, up to the size of the largest one.
pub(crate) fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    let bytes = fs::metadata(file)
        .with_context(|| format!("{}", file.display()))?
        .len();
    ensure!(
        bytes <= LARGEST_FILE,
        "{}: {bytes} bytes; a model has at most {LARGEST_FILE}",
        file.display()
    );
    fs::read(file).with_context(|| format!("{}", file.display()))
}
