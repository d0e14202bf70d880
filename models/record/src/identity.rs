//! Whose record it is.

use hilum_domain::Redacted;

use crate::Source;

/// A patient's number and who gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identifier {
    /// The number.
    pub value: Redacted<String>,
    /// Issuer: a FHIR system, an HL7 assigning authority, the root of an instance identifier.
    pub issuer: Option<String>,
    /// Where it stood.
    pub source: Source,
}

/// What a document says of its patient. Empty for free text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// Numbers; a hospital gives several.
    pub identifiers: Vec<Identifier>,
    /// Accession numbers of the imaging orders that the document is about.
    pub accession_numbers: Vec<Identifier>,
    /// Birth date as YYYYMMDD, where the day is known.
    pub birth_date: Option<Redacted<String>>,
    /// Sex as DICOM writes it: `M`, `F`; anything else is not held against a CT.
    pub sex: Option<Redacted<String>>,
}
