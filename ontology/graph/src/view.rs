//! What answers are made of.

use std::collections::BTreeSet;

use hilum_domain::{EdgeKind, NodeId, NodeKind, Provenance};
use petgraph::Direction;
use petgraph::stable_graph::{EdgeReference, NodeIndex};
use petgraph::visit::EdgeRef as _;
use serde::Serialize;
use serde_json::{Map, Value};
use time::OffsetDateTime;

use crate::Graph;
use crate::graph::{Claim, Edge};

/// The fact that a node or edge rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Source {
    /// Number of the fact that stated it last.
    pub seq: i64,
    /// Who says so.
    #[serde(flatten)]
    pub provenance: Provenance,
}

/// A node.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NodeView {
    /// `kind/key`.
    pub id: NodeId,
    /// Its kind.
    pub kind: NodeKind,
    /// Attributes, sorted by name.
    pub attributes: Map<String, Value>,
    /// Where it comes from.
    pub provenance: Source,
    /// From when on it holds.
    #[serde(with = "time::serde::rfc3339")]
    pub valid_from: OffsetDateTime,
    /// The first instant at which it no longer holds; null while it does.
    #[serde(with = "time::serde::rfc3339::option")]
    pub valid_to: Option<OffsetDateTime>,
}

/// An edge.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EdgeView {
    /// From this node,
    pub from: NodeId,
    /// to this one,
    pub to: NodeId,
    /// in this sense.
    pub kind: EdgeKind,
    /// Attributes, sorted by name.
    pub attributes: Map<String, Value>,
    /// Where it comes from.
    pub provenance: Source,
    /// From when on it holds.
    #[serde(with = "time::serde::rfc3339")]
    pub valid_from: OffsetDateTime,
    /// The first instant at which it no longer holds; null while it does.
    #[serde(with = "time::serde::rfc3339::option")]
    pub valid_to: Option<OffsetDateTime>,
}

/// A part of the graph around one node.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Subgraph {
    /// The node that was asked about.
    pub root: NodeId,
    /// Nodes by identifier, the root among them.
    pub nodes: Vec<NodeView>,
    /// Edges between these nodes, by source, target and kind.
    pub edges: Vec<EdgeView>,
    /// Whether nodes were left out because there were too many.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
}

impl Graph {
    /// One node, open or closed.
    pub fn node(&self, id: &NodeId) -> Option<NodeView> {
        self.index.get(id).map(|&node| self.view(node))
    }

    /// The chosen nodes with the chosen edges among them.
    pub(crate) fn subgraph(
        &self,
        root: NodeIndex,
        members: &BTreeSet<NodeIndex>,
        chosen: impl Fn(&Edge) -> bool,
    ) -> Subgraph {
        let mut nodes: Vec<NodeView> = members.iter().map(|&node| self.view(node)).collect();
        nodes.sort_by(|a, b| a.id.cmp(&b.id));
        let mut edges: Vec<EdgeView> = members
            .iter()
            .flat_map(|&node| self.inner.edges_directed(node, Direction::Outgoing))
            .filter(|edge| members.contains(&edge.target()) && chosen(edge.weight()))
            .map(|edge| self.edge_view(edge))
            .collect();
        edges.sort_by(|a, b| (&a.from, &a.to, a.kind).cmp(&(&b.from, &b.to, b.kind)));
        Subgraph {
            root: self.inner[root].id.clone(),
            nodes,
            edges,
            truncated: false,
        }
    }

    fn view(&self, node: NodeIndex) -> NodeView {
        let node = &self.inner[node];
        NodeView {
            id: node.id.clone(),
            kind: node.kind,
            attributes: node.claim.attributes.clone(),
            provenance: source(&node.claim),
            valid_from: node.claim.valid_from,
            valid_to: node.claim.valid_to,
        }
    }

    fn edge_view(&self, edge: EdgeReference<'_, Edge>) -> EdgeView {
        let claim = &edge.weight().claim;
        EdgeView {
            from: self.inner[edge.source()].id.clone(),
            to: self.inner[edge.target()].id.clone(),
            kind: edge.weight().kind,
            attributes: claim.attributes.clone(),
            provenance: source(claim),
            valid_from: claim.valid_from,
            valid_to: claim.valid_to,
        }
    }
}

fn source(claim: &Claim) -> Source {
    Source {
        seq: claim.seq,
        provenance: (*claim.provenance).clone(),
    }
}
