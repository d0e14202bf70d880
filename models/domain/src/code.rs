//! Coded concepts.

use serde::{Deserialize, Serialize};

/// A concept of a terminology, written as DICOM does: scheme designator, value, meaning.
///
/// `system` is the DICOM coding scheme designator (PS3.16 section 8: `DCM`, `SCT`, `RADLEX`, `UCUM`, ...).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Code {
    /// Coding scheme designator.
    pub system: String,
    /// Code value.
    pub code: String,
    /// Code meaning in English.
    pub display: String,
}

impl Code {
    /// A code from its three parts.
    pub fn new(system: &str, code: &str, display: &str) -> Self {
        Self {
            system: system.into(),
            code: code.into(),
            display: display.into(),
        }
    }
}
