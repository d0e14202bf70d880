//! Where a field stood.

use serde::Serialize;

use crate::Format;

/// A place in a document, in the words of the document's own standard.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Source {
    /// Name of the document.
    pub document: String,
    /// Its format.
    pub format: Format,
    /// Path: a FHIR path, `OBX[3]-5`, or the steps of an `XPath`. Empty for the whole of a text.
    pub path: String,
}
