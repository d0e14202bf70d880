//! Facts: the append-only statements that the knowledge graph is built from.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use time::OffsetDateTime;

use crate::Sha256;

/// Identifier of a graph node: `kind/key`, for example `study/1.2.3` or `score/9f2c...`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeId(String);

impl NodeId {
    /// The node of this kind with this key. Keys are UIDs or digests, never a patient's name or number.
    pub fn new(kind: NodeKind, key: &str) -> Self {
        Self(format!("{}/{key}", kind.as_str()))
    }

    /// An identifier as a client wrote it; whether such a node exists is the graph's business.
    pub fn from_text(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// `kind/key`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Kinds of nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeKind {
    /// A person, keyed by a digest of patient id and issuer.
    Patient,
    /// A DICOM study.
    Study,
    /// A DICOM series.
    Series,
    /// One nodule.
    Nodule,
    /// A measurement or a reading of one characteristic.
    Observation,
    /// A score.
    Score,
    /// A coded concept.
    Concept,
    /// A version of a model, keyed by its digest.
    ModelVersion,
}

impl NodeKind {
    /// The wire form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::Study => "study",
            Self::Series => "series",
            Self::Nodule => "nodule",
            Self::Observation => "observation",
            Self::Score => "score",
            Self::Concept => "concept",
            Self::ModelVersion => "model_version",
        }
    }
}

/// Kinds of edges, read from source to target: "nodule part-of series".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EdgeKind {
    /// Study of a patient, series of a study, nodule of a series.
    PartOf,
    /// A score or observation comes from this nodule or series.
    DerivedFrom,
    /// An observation speaks for a higher score.
    Supports,
    /// An observation speaks against it.
    Contradicts,
    /// A model version (or person) said it.
    AssertedBy,
    /// An observation means this concept.
    MapsTo,
    /// A nodule lies in this lobe.
    LocatedIn,
    /// A nodule lies beside this: pleura, fissure, vessel, another nodule; the attributes hold the distance.
    AdjacentTo,
    /// A nodule is the same as this one of an earlier CT; the attributes hold interval and change.
    SameAsOverTime,
}

impl EdgeKind {
    /// The wire form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PartOf => "part_of",
            Self::DerivedFrom => "derived_from",
            Self::Supports => "supports",
            Self::Contradicts => "contradicts",
            Self::AssertedBy => "asserted_by",
            Self::MapsTo => "maps_to",
            Self::LocatedIn => "located_in",
            Self::AdjacentTo => "adjacent_to",
            Self::SameAsOverTime => "same_as_over_time",
        }
    }
}

/// What a fact states.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Statement {
    /// There is this node with these attributes. Stating it again replaces the attributes.
    Node {
        /// Which node.
        id: NodeId,
        /// Its kind.
        kind: NodeKind,
        /// Attributes, units in their names.
        attributes: Map<String, Value>,
    },
    /// There is this edge. Stating it again replaces the attributes.
    Edge {
        /// From this node,
        from: NodeId,
        /// to this one,
        to: NodeId,
        /// in this sense.
        kind: EdgeKind,
        /// Attributes, units in their names.
        attributes: Map<String, Value>,
    },
    /// The node is valid no longer, nor are its edges. Nothing is deleted.
    Close {
        /// Which node.
        id: NodeId,
    },
}

/// Where a fact comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Provenance {
    /// Read from DICOM objects with this content digest.
    Dicom {
        /// Digest of the input.
        sha256: Sha256,
    },
    /// Computed by a model from an input.
    Model {
        /// Digest of the model set.
        model_sha256: Sha256,
        /// Digest of the input.
        input_sha256: Sha256,
    },
    /// Follows from a rule.
    Rule {
        /// Name of the rule.
        name: String,
    },
}

/// A fact that is about to be recorded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewFact {
    /// What it states.
    pub statement: Statement,
    /// Where it comes from.
    pub provenance: Provenance,
    /// From when on it holds in the world (a study's date; the time of scoring).
    #[serde(with = "time::serde::rfc3339")]
    pub valid_from: OffsetDateTime,
}

/// A recorded fact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// Position in the change feed: 1, 2, 3 ... without a gap.
    pub seq: i64,
    /// When it was recorded.
    #[serde(with = "time::serde::rfc3339")]
    pub recorded_at: OffsetDateTime,
    /// The fact itself.
    #[serde(flatten)]
    pub fact: NewFact,
}
