//! DICOM unique identifiers.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::digest::Sha256;

/// A DICOM UID (PS3.5 section 9): digits and dots, at most 64 characters, no empty component.
///
/// A leading zero in a component is forbidden by the standard but met in practice; it is let through.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Uid(String);

/// Why a text is not a UID. The text itself is not repeated: it came from outside.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UidError {
    /// Nothing there.
    #[error("uid is empty")]
    Empty,
    /// Longer than 64 characters.
    #[error("uid has {0} characters, at most 64 are allowed")]
    TooLong(usize),
    /// Something other than digits and dots.
    #[error("uid has a character other than digit or dot at position {0}")]
    BadCharacter(usize),
    /// Two dots in a row, or a dot at an end.
    #[error("uid has an empty component")]
    EmptyComponent,
}

impl Uid {
    /// Reads a UID, ignoring the padding (NUL or space) that DICOM adds to reach an even length.
    pub fn parse(text: &str) -> Result<Self, UidError> {
        let text = text.trim_matches(['\0', ' ']);
        if text.is_empty() {
            return Err(UidError::Empty);
        }
        if text.len() > 64 {
            return Err(UidError::TooLong(text.len()));
        }
        if let Some(at) = text.bytes().position(|b| !b.is_ascii_digit() && b != b'.') {
            return Err(UidError::BadCharacter(at));
        }
        if text.split('.').any(str::is_empty) {
            return Err(UidError::EmptyComponent);
        }
        Ok(Self(text.to_owned()))
    }

    /// A UID below `2.25` made from a digest, so that the same inputs get the same UID (PS3.5 annex B.2).
    ///
    /// The first 16 bytes of the digest stand in for the UUID.
    pub fn derived(digest: &Sha256) -> Self {
        let number = u128::from_str_radix(&digest.as_str()[..32], 16).unwrap_or_default();
        Self(format!("2.25.{number}"))
    }

    /// The UID without padding.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Uid {
    type Error = UidError;
    fn try_from(text: String) -> Result<Self, UidError> {
        Self::parse(&text)
    }
}

impl From<Uid> for String {
    fn from(uid: Uid) -> Self {
        uid.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table() {
        let long = "1.".repeat(40) + "1";
        let rows: &[(&str, Result<&str, UidError>)] = &[
            ("1.2.840.10008.1.2\0", Ok("1.2.840.10008.1.2")),
            ("2.25.0 ", Ok("2.25.0")),
            ("", Err(UidError::Empty)),
            ("1..2", Err(UidError::EmptyComponent)),
            (".1", Err(UidError::EmptyComponent)),
            ("1.2/../3", Err(UidError::BadCharacter(3))),
            (&long, Err(UidError::TooLong(81))),
        ];
        for (text, want) in rows {
            let got = Uid::parse(text);
            assert_eq!(
                got.as_ref().map(Uid::as_str),
                want.as_ref().map(|s| *s),
                "{text:?}"
            );
        }
    }

    #[test]
    fn derived_is_a_uid() {
        let uid = Uid::derived(&Sha256::of(b"nodule"));
        assert_eq!(Uid::parse(uid.as_str()).as_ref(), Ok(&uid));
    }
}
