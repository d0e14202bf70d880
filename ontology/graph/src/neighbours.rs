//! What lies around a node.

use std::collections::{BTreeSet, VecDeque};

use hilum_domain::{NodeId, NodeKind};
use petgraph::Direction::{Incoming, Outgoing};
use petgraph::stable_graph::NodeIndex;
use petgraph::visit::EdgeRef as _;

use crate::{Graph, Subgraph};

impl Graph {
    /// Nodes within `depth` open edges of a node, followed either way, nearest first until there are `limit`.
    ///
    /// Only nodes of these `kinds` are entered; an empty list means every kind. A patient is entered only
    /// when the list names the kind. `None` when there is no such node.
    pub fn neighbours(
        &self,
        id: &NodeId,
        depth: usize,
        kinds: &[NodeKind],
        limit: usize,
    ) -> Option<Subgraph> {
        let root = *self.index.get(id)?;
        let may_enter = |node: NodeIndex| {
            let kind = self.inner[node].kind;
            kinds.contains(&kind) || (kinds.is_empty() && kind != NodeKind::Patient)
        };
        let mut members = BTreeSet::from([root]);
        let mut queue = VecDeque::from([(root, 0)]);
        let mut truncated = false;
        'search: while let Some((node, distance)) = queue.pop_front() {
            if distance == depth {
                break;
            }
            let outgoing = self
                .inner
                .edges_directed(node, Outgoing)
                .map(|e| (e.weight(), e.target()));
            let incoming = self
                .inner
                .edges_directed(node, Incoming)
                .map(|e| (e.weight(), e.source()));
            for (edge, other) in outgoing.chain(incoming) {
                if edge.claim.valid_to.is_some() || !may_enter(other) || members.contains(&other) {
                    continue;
                }
                if members.len() >= limit {
                    truncated = true;
                    break 'search;
                }
                members.insert(other);
                queue.push_back((other, distance + 1));
            }
        }
        let around = self.subgraph(root, &members, |edge| edge.claim.valid_to.is_none());
        Some(Subgraph { truncated, ..around })
    }
}
