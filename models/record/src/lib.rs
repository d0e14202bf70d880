//! Health records from outside: free text, FHIR R4, HL7 v2 and C-CDA become one [`ClinicalRecord`].
//!
//! Traps of the domain, settled here once:
//! - **Every field says where it stood.** A [`Source`] names the document and the path in it in the words of its own
//!   standard: `Bundle.entry[2].resource.valueQuantity`, `OBX[3]-5`, `/ClinicalDocument/...`.
//! - **Nothing is overwritten.** Two sources that differ stay two statements; what to make of them is decided later, and
//!   shown.
//! - **Entered in error is not there**, provisional is uncertain, refuted is negated, resolved is historical.
//! - **One patient.** A document that names two is refused; a resource about somebody else is set aside.
//! - **A file without identity has none.** Free text never says whose it is, so it can only be joined by a person.
//! - **What is not read is said**: attachments behind a link, pictures, PDF.

mod ccda;
mod detect;
mod error;
mod fhir;
mod hl7v2;
mod identity;
mod record;
mod source;
mod text;

pub use detect::Format;
pub use error::RecordError;
pub use identity::{Identifier, Identity};
pub use record::{ClinicalRecord, Coding, Narrative, RecordWarning, Statement, StatementKind, Value};
// How a fact is meant and whose it is: the same words for records and for texts.
pub use hilum_findings::{Assertion, Experiencer};
pub use source::Source;

/// Largest document that is read, in bytes. A decade of one patient's bundle has some megabytes.
pub const MAX_BYTES: usize = 32 << 20;

/// Reads a document. `name` is what sources call it; it should not identify the patient.
pub fn read(name: &str, bytes: &[u8]) -> Result<ClinicalRecord, RecordError> {
    if bytes.len() > MAX_BYTES {
        return Err(RecordError::TooLarge { bytes: bytes.len() });
    }
    match Format::of(bytes) {
        Format::Fhir => fhir::read(name, bytes),
        Format::Hl7V2 => hl7v2::read(name, bytes),
        Format::Ccda => ccda::read(name, bytes),
        Format::Text => text::read(name, bytes),
    }
}
