//! Facts that cannot be applied.

use hilum_domain::{NodeId, NodeKind};
use time::OffsetDateTime;

/// Why a fact was refused. The graph is as it was before; `seq` names the fact.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    /// The feed has a gap, or a fact came twice.
    #[error("fact {found} came where fact {expected} was due")]
    OutOfOrder {
        /// Number that was due.
        expected: i64,
        /// Number of the fact.
        found: i64,
    },
    /// An edge or a close names a node that no fact has stated.
    #[error("fact {seq}: no node {node}")]
    UnknownNode {
        /// Number of the fact.
        seq: i64,
        /// The missing node.
        node: NodeId,
    },
    /// An edge was stated at a node that is closed.
    #[error("fact {seq}: node {node} is closed")]
    ClosedNode {
        /// Number of the fact.
        seq: i64,
        /// The closed node.
        node: NodeId,
    },
    /// The identifier does not begin with the kind, or the node was stated with another kind before.
    #[error("fact {seq}: node {node} is not of kind {}", kind.as_str())]
    WrongKind {
        /// Number of the fact.
        seq: i64,
        /// The node.
        node: NodeId,
        /// The kind that the fact gives.
        kind: NodeKind,
    },
    /// A close that lies before the beginning.
    #[error("fact {seq}: node {node} would end at {end}, before it begins at {begin}")]
    EndsBeforeItBegins {
        /// Number of the fact.
        seq: i64,
        /// The node.
        node: NodeId,
        /// Its beginning.
        begin: OffsetDateTime,
        /// The end that was stated.
        end: OffsetDateTime,
    },
}
