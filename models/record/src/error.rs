//! Errors of record intake.

use crate::MAX_BYTES;

/// Why a document is no record. No variant holds a value of the document.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// Larger than the limit.
    #[error("the record has {bytes} bytes, more than the {MAX_BYTES} that are read")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// Bytes that are no text in the encoding that the document is in.
    #[error("the record is not {encoding} text: byte {at} belongs to no character")]
    Encoding {
        /// What was expected.
        encoding: &'static str,
        /// Offset of the first wrong byte.
        at: usize,
    },
    /// A character set that is not read.
    #[error("{place} names a character set that is not read")]
    CharacterSet {
        /// Where it is named.
        place: &'static str,
    },
    /// Not JSON, or no FHIR resource.
    #[error("FHIR: {0}")]
    Fhir(String),
    /// Not an HL7 v2 message.
    #[error("HL7 v2: {0}")]
    Hl7V2(String),
    /// Not XML, or no clinical document.
    #[error("C-CDA: {0}")]
    Ccda(String),
    /// More than one patient in one document.
    #[error("the record names more than one patient: {first} and {second}")]
    SeveralPatients {
        /// Path of the first.
        first: String,
        /// Path of another.
        second: String,
    },
}
