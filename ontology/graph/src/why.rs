//! Why a score is what it is.

use std::collections::BTreeSet;

use hilum_domain::{EdgeKind, NodeId, NodeKind};
use petgraph::Direction::{Incoming, Outgoing};
use petgraph::stable_graph::NodeIndex;
use petgraph::visit::EdgeRef as _;

use crate::graph::Edge;
use crate::{Graph, Subgraph};

impl Graph {
    /// The evidence of a score: the score; the observations that support or contradict it; what they and the
    /// score are derived from (nodule, series), up to the study; who asserted it; what it means (concepts).
    /// Never the patient. `None` when there is no such node or it is not a score.
    ///
    /// Of an open score, what holds now; of a closed one, what held until it was closed. Time grows with the
    /// number of observations of this score, not with the graph.
    pub fn why(&self, score: &NodeId) -> Option<Subgraph> {
        let root = *self.index.get(score)?;
        let node = &self.inner[root];
        if node.kind != NodeKind::Score {
            return None;
        }
        let end = node.claim.valid_to;
        let holds = |edge: &Edge| match (edge.claim.valid_to, end) {
            (None, _) => true,
            (Some(edge_end), Some(score_end)) => edge_end >= score_end,
            (Some(_), None) => false,
        };

        let observations = self
            .inner
            .edges_directed(root, Incoming)
            .filter(|edge| matches!(edge.weight().kind, EdgeKind::Supports | EdgeKind::Contradicts))
            .filter(|edge| holds(edge.weight()))
            .map(|edge| edge.source());
        let mut members: BTreeSet<NodeIndex> = observations.chain([root]).collect();
        let mut open: Vec<NodeIndex> = members.iter().copied().collect();
        while let Some(node) = open.pop() {
            for edge in self.inner.edges_directed(node, Outgoing) {
                let leads_to_grounds =
                    !matches!(edge.weight().kind, EdgeKind::Supports | EdgeKind::Contradicts);
                let is_patient = self.inner[edge.target()].kind == NodeKind::Patient;
                if leads_to_grounds && !is_patient && holds(edge.weight()) && members.insert(edge.target()) {
                    open.push(edge.target());
                }
            }
        }
        Some(self.subgraph(root, &members, holds))
    }
}
