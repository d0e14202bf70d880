//! Names of modalities.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The name of a modality: lower-case letters, digits and underscores, beginning with a letter.
///
/// A name is all that fusion knows of a modality; the encoder behind it is registered by whoever builds the network.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Modality(String);

/// Why a text names no modality.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no modality name: lower-case letters, digits and underscores, a letter first, at most 32")]
pub struct ModalityError(String);

impl Modality {
    /// A checked name.
    pub fn new(name: &str) -> Result<Self, ModalityError> {
        let fits = name.len() <= 32
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if fits {
            Ok(Self(name.to_owned()))
        } else {
            Err(ModalityError(name.chars().take(40).collect()))
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Modality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Modality {
    type Error = ModalityError;
    fn try_from(name: String) -> Result<Self, ModalityError> {
        Self::new(&name)
    }
}

impl From<Modality> for String {
    fn from(modality: Modality) -> Self {
        modality.0
    }
}
