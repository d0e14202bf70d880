//! The nouns that every other crate speaks: identifiers, coordinates, codes, findings, facts.
//!
//! Traps of the domain, settled here once:
//! - Coordinates are **LPS millimetres** (left, posterior, superior positive), as DICOM writes them.
//!   NIfTI and many research tools use RAS: convert at the border, never inside.
//! - Voxel indices are **(column i, row j, slice k)**; arrays in memory are `[k][j][i]` (C order).
//! - A score says what it was trained to predict ([`Target`]); a reader-consensus score is not a
//!   probability of cancer.
//! - Patient data travels in [`Redacted`]; showing it is a named method that one can grep for.

pub mod change;
pub mod clock;
pub mod code;
pub mod digest;
pub mod fact;
pub mod geometry;
pub mod growth;
pub mod lobe;
pub mod progress;
pub mod reason;
pub mod redacted;
pub mod result;
pub mod uid;

pub use change::{
    Change, ChangeCounts, ChangeState, ComparedBy, PriorComparison, PriorNodule, ResolvedNodule,
};
pub use clock::{Clock, FixedClock, SystemClock};
pub use code::Code;
pub use digest::Sha256;
pub use fact::{EdgeKind, Fact, NewFact, NodeId, NodeKind, Provenance, Statement};
pub use geometry::{Affine, GeometryError, Lps, VoxelIndex};
pub use lobe::Lobe;
pub use progress::{NoProgress, Progress};
pub use reason::{Reason, ReasonCode};
pub use redacted::Redacted;
pub use result::{
    Abstention, Band, Characteristics, ElapsedMs, Evidence, EvidenceKind, Exam, Malignancy, Modalities,
    ModalityShare, ModelIdentity, Neighbour, NeighbourKind, Nodule, NoduleType, Status, StudyResult, Target,
};
pub use uid::{Uid, UidError};
