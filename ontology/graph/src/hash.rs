//! One digest for the whole graph.

use hilum_domain::{EdgeKind, NodeId, NodeKind, Provenance, Sha256};
use petgraph::visit::{EdgeRef as _, IntoEdgeReferences as _};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::Graph;
use crate::graph::Claim;

impl Graph {
    /// The digest over all nodes and edges with attributes, validity and provenance.
    ///
    /// Recipe: each item as JSON with sorted keys, its SHA-256, the digests sorted, the SHA-256 over them
    /// (each preceded by its length). Fact numbers and recording times take no part, so the order of
    /// unrelated facts does not matter. Time is O(n log n) in nodes and edges.
    pub fn canonical_hash(&self) -> Sha256 {
        let nodes = self.inner.node_weights().map(|node| {
            digest(&Item::Node {
                id: &node.id,
                kind: node.kind,
                claim: content(&node.claim),
            })
        });
        let edges = self.inner.edge_references().map(|edge| {
            digest(&Item::Edge {
                from: &self.inner[edge.source()].id,
                to: &self.inner[edge.target()].id,
                kind: edge.weight().kind,
                claim: content(&edge.weight().claim),
            })
        });
        let mut digests: Vec<Sha256> = nodes.chain(edges).collect();
        digests.sort_unstable();
        Sha256::of_parts(digests.iter().map(|digest| digest.as_str().as_bytes()))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Item<'g> {
    Node {
        id: &'g NodeId,
        kind: NodeKind,
        claim: Content<'g>,
    },
    Edge {
        from: &'g NodeId,
        to: &'g NodeId,
        kind: EdgeKind,
        claim: Content<'g>,
    },
}

#[derive(Serialize)]
struct Content<'g> {
    attributes: &'g Map<String, Value>,
    /// Nanoseconds since 1970: the same instant in another offset is the same.
    valid_from_ns: i128,
    valid_to_ns: Option<i128>,
    provenance: &'g Provenance,
}

fn content(claim: &Claim) -> Content<'_> {
    Content {
        attributes: &claim.attributes,
        valid_from_ns: claim.valid_from.unix_timestamp_nanos(),
        valid_to_ns: claim.valid_to.map(time::OffsetDateTime::unix_timestamp_nanos),
        provenance: &claim.provenance,
    }
}

fn digest(item: &Item<'_>) -> Sha256 {
    let text = serde_json::to_vec(item).expect("string keys, and no part of an item refuses to be written");
    Sha256::of(&text)
}
