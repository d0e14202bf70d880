//! The registry of model weights and the weights that ship inside the program.
//!
//! `registry.toml` names each file with its SHA-256, source, licence and card. [`load`] checks the digest
//! of the embedded bytes before anybody sees them: a file that was exchanged is refused by name.

use std::sync::LazyLock;

use hilum_domain::Sha256;
use serde::Deserialize;

mod embedded;

/// One entry of the registry.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Name by which code asks for it.
    pub name: String,
    /// Version, changed with every retraining.
    pub version: String,
    /// File below `models/weights/`.
    pub file: String,
    /// Digest of the file.
    pub sha256: Sha256,
    /// Where the numbers come from.
    pub source: String,
    /// Licence of the weights.
    pub licence: String,
    /// Model card below `models/weights/`.
    pub card: String,
}

/// Verified bytes of one weight file.
#[derive(Debug, Clone, Copy)]
pub struct Weights {
    /// The registry's entry.
    pub entry: &'static Entry,
    /// The safetensors file.
    pub bytes: &'static [u8],
}

/// Why weights cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    /// No such name in the registry.
    #[error("no model named {0:?} in the registry")]
    Unknown(String),
    /// The file is registered but not part of this program.
    #[error("model {0:?} is registered, but its file is not part of this program")]
    NotEmbedded(String),
    /// The file is not the registered one.
    #[error("model {name:?}: file has sha256 {found}, the registry says {registered}")]
    DigestMismatch {
        /// Which model.
        name: String,
        /// Digest of the bytes.
        found: Sha256,
        /// Digest in the registry.
        registered: Sha256,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Registry {
    #[serde(default)]
    model: Vec<Entry>,
}

static REGISTRY: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let registry: Registry = toml::from_str(include_str!("../registry.toml"))
        .expect("registry.toml is part of the program and checked by a test");
    registry.model
});

/// All registered models.
pub fn registry() -> &'static [Entry] {
    &REGISTRY
}

/// The verified bytes of a model.
pub fn load(name: &str) -> Result<Weights, WeightsError> {
    let entry = REGISTRY
        .iter()
        .find(|entry| entry.name == name)
        .ok_or_else(|| WeightsError::Unknown(name.to_owned()))?;
    let bytes = embedded::FILES
        .iter()
        .find(|(file, _)| *file == entry.file)
        .map(|(_, bytes)| *bytes)
        .ok_or_else(|| WeightsError::NotEmbedded(name.to_owned()))?;
    let found = Sha256::of(bytes);
    if found != entry.sha256 {
        return Err(WeightsError::DigestMismatch {
            name: name.to_owned(),
            found,
            registered: entry.sha256.clone(),
        });
    }
    Ok(Weights { entry, bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_registered_model_loads_and_has_a_card() {
        for entry in registry() {
            load(&entry.name).unwrap();
            let card = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(&entry.card);
            assert!(card.is_file(), "{} has no card at {}", entry.name, card.display());
        }
    }

    #[test]
    fn unknown_name_is_named() {
        assert_eq!(
            load("nobody").unwrap_err().to_string(),
            "no model named \"nobody\" in the registry"
        );
    }
}
