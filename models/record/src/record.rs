//! The canonical record.

use hilum_domain::Redacted;
use hilum_findings::{Assertion, Experiencer};
use serde::Serialize;

use crate::{Identity, Source};

/// A document as statements and narratives, each with its source.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ClinicalRecord {
    /// Whose it is.
    pub identity: Identity,
    /// Coded or structured facts.
    pub statements: Vec<Statement>,
    /// Texts.
    pub narratives: Vec<Narrative>,
    /// What was set aside, and why.
    pub warnings: Vec<RecordWarning>,
}

/// What kind of fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StatementKind {
    /// A disease or problem.
    Condition,
    /// A measurement or answer.
    Observation,
    /// A disease of a relative.
    FamilyHistory,
}

/// A code as the source wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Coding {
    /// System: a URI, an OID or the short name of an HL7 table.
    pub system: Option<String>,
    /// Code.
    pub code: String,
    /// What the source calls it.
    pub display: Option<String>,
}

/// A value.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// A number with its unit; `comparator` is `<`, `<=`, `>` or `>=` where the source gives a bound.
    Quantity {
        /// Number.
        value: f64,
        /// Bound.
        comparator: Option<String>,
        /// Unit as written, UCUM where the source says so.
        unit: Option<String>,
    },
    /// A coded answer.
    Coded(Vec<Coding>),
    /// Yes or no.
    Boolean(bool),
    /// A date, as precise as it was given.
    Date(String),
    /// Words.
    Text(#[serde(skip)] Redacted<String>),
}

/// One fact.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// Kind.
    pub kind: StatementKind,
    /// What it is about, in every code that the source gives.
    pub codings: Vec<Coding>,
    /// What it is about, in words.
    pub words: Option<Redacted<String>>,
    /// How it is meant.
    pub assertion: Assertion,
    /// Whose it is.
    pub experiencer: Experiencer,
    /// Relation of a relative to the patient.
    pub relationship: Option<Coding>,
    /// Value.
    pub value: Option<Value>,
    /// Reference range, in the value's unit.
    pub reference_range: Option<(Option<f64>, Option<f64>)>,
    /// When it was so: a date of FHIR's precision (`2019`, `2019-05`, `2019-05-13`).
    pub date: Option<String>,
    /// Where it stood.
    pub source: Source,
}

/// A text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Narrative {
    /// Heading or title.
    pub title: Option<String>,
    /// The text.
    pub text: Redacted<String>,
    /// When it was written.
    pub date: Option<String>,
    /// Where it stood; offsets of findings count from its beginning.
    pub source: Source,
}

/// Something that was not taken over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordWarning {
    /// What a program branches on.
    pub code: &'static str,
    /// What a person reads; no value of the document.
    pub text: String,
    /// Where it stood.
    pub source: Source,
}
