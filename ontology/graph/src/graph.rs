//! Building the graph from facts.

use std::collections::HashMap;
use std::sync::Arc;

use hilum_domain::{EdgeKind, Fact, NodeId, NodeKind, Provenance, Statement};
use petgraph::Direction;
use petgraph::stable_graph::{EdgeIndex, NodeIndex, StableDiGraph};
use petgraph::visit::EdgeRef as _;
use serde_json::{Map, Value};
use time::OffsetDateTime;

use crate::GraphError;

/// The graph after fact number [`Graph::last_seq`].
#[derive(Debug, Clone, Default)]
pub struct Graph {
    pub(crate) inner: StableDiGraph<Node, Edge>,
    pub(crate) index: HashMap<NodeId, NodeIndex>,
    last_seq: i64,
    /// Of the fact before: the facts of one result follow each other and share one allocation.
    newest_provenance: Option<Arc<Provenance>>,
}

#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) id: NodeId,
    pub(crate) kind: NodeKind,
    pub(crate) claim: Claim,
}

#[derive(Debug, Clone)]
pub(crate) struct Edge {
    pub(crate) kind: EdgeKind,
    pub(crate) claim: Claim,
}

/// What the newest statement says, and over which time it holds.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    /// Keys sorted at every level, so that equal attributes are equal text.
    pub(crate) attributes: Map<String, Value>,
    pub(crate) valid_from: OffsetDateTime,
    /// The first instant at which it no longer holds.
    pub(crate) valid_to: Option<OffsetDateTime>,
    pub(crate) seq: i64,
    pub(crate) provenance: Arc<Provenance>,
}

impl Graph {
    /// The graph of a feed from its first fact on.
    pub fn from_facts<'f>(facts: impl IntoIterator<Item = &'f Fact>) -> Result<Self, GraphError> {
        let mut graph = Self::default();
        for fact in facts {
            graph.apply(fact)?;
        }
        Ok(graph)
    }

    /// Applies the next fact. On an error the graph is as it was.
    ///
    /// Stating an open node or edge again replaces attributes and provenance, and keeps its beginning.
    /// Stating a closed one opens it anew from the fact's `valid_from`. Closing a closed node changes nothing.
    pub fn apply(&mut self, fact: &Fact) -> Result<(), GraphError> {
        let expected = self.last_seq + 1;
        if fact.seq != expected {
            let found = fact.seq;
            return Err(GraphError::OutOfOrder { expected, found });
        }
        match &fact.fact.statement {
            Statement::Node { id, kind, attributes } => self.state_node(fact, id, *kind, attributes)?,
            Statement::Edge {
                from,
                to,
                kind,
                attributes,
            } => self.state_edge(fact, from, to, *kind, attributes)?,
            Statement::Close { id } => self.close(fact, id)?,
        }
        self.last_seq = fact.seq;
        Ok(())
    }

    /// Number of the last fact applied, 0 for the empty graph.
    pub fn last_seq(&self) -> i64 {
        self.last_seq
    }

    /// Nodes, closed ones too.
    pub fn node_count(&self) -> usize {
        self.inner.node_count()
    }

    /// Edges, closed ones too.
    pub fn edge_count(&self) -> usize {
        self.inner.edge_count()
    }

    fn state_node(
        &mut self,
        fact: &Fact,
        id: &NodeId,
        kind: NodeKind,
        attributes: &Map<String, Value>,
    ) -> Result<(), GraphError> {
        let known = self.index.get(id).copied();
        let begins_with_kind = id
            .as_str()
            .split_once('/')
            .is_some_and(|(k, key)| k == kind.as_str() && !key.is_empty());
        if !begins_with_kind || known.is_some_and(|node| self.inner[node].kind != kind) {
            return Err(GraphError::WrongKind {
                seq: fact.seq,
                node: id.clone(),
                kind,
            });
        }
        let provenance = self.share(&fact.fact.provenance);
        if let Some(node) = known {
            self.inner[node].claim.restate(fact, attributes, provenance);
        } else {
            let claim = Claim::new(fact, attributes, provenance);
            let node = self.inner.add_node(Node {
                id: id.clone(),
                kind,
                claim,
            });
            self.index.insert(id.clone(), node);
        }
        Ok(())
    }

    fn state_edge(
        &mut self,
        fact: &Fact,
        from: &NodeId,
        to: &NodeId,
        kind: EdgeKind,
        attributes: &Map<String, Value>,
    ) -> Result<(), GraphError> {
        let (source, target) = (self.open_node(fact, from)?, self.open_node(fact, to)?);
        let provenance = self.share(&fact.fact.provenance);
        let known = self
            .inner
            .edges_connecting(source, target)
            .find(|edge| edge.weight().kind == kind)
            .map(|edge| edge.id());
        if let Some(edge) = known {
            self.inner[edge].claim.restate(fact, attributes, provenance);
        } else {
            let claim = Claim::new(fact, attributes, provenance);
            self.inner.add_edge(source, target, Edge { kind, claim });
        }
        Ok(())
    }

    fn close(&mut self, fact: &Fact, id: &NodeId) -> Result<(), GraphError> {
        let node = self.known_node(fact, id)?;
        let end = fact.fact.valid_from;
        let claim = &self.inner[node].claim;
        if claim.valid_to.is_some() {
            return Ok(());
        }
        if end < claim.valid_from {
            return Err(GraphError::EndsBeforeItBegins {
                seq: fact.seq,
                node: id.clone(),
                begin: claim.valid_from,
                end,
            });
        }
        self.inner[node].claim.valid_to = Some(end);
        let edges: Vec<EdgeIndex> = [Direction::Outgoing, Direction::Incoming]
            .into_iter()
            .flat_map(|direction| self.inner.edges_directed(node, direction))
            .map(|edge| edge.id())
            .collect();
        for edge in edges {
            let claim = &mut self.inner[edge].claim;
            // An edge that would have begun later has an empty interval, not a negative one.
            claim.valid_to.get_or_insert(end.max(claim.valid_from));
        }
        Ok(())
    }

    fn known_node(&self, fact: &Fact, id: &NodeId) -> Result<NodeIndex, GraphError> {
        self.index
            .get(id)
            .copied()
            .ok_or_else(|| GraphError::UnknownNode {
                seq: fact.seq,
                node: id.clone(),
            })
    }

    fn open_node(&self, fact: &Fact, id: &NodeId) -> Result<NodeIndex, GraphError> {
        let node = self.known_node(fact, id)?;
        if self.inner[node].claim.valid_to.is_some() {
            return Err(GraphError::ClosedNode {
                seq: fact.seq,
                node: id.clone(),
            });
        }
        Ok(node)
    }

    fn share(&mut self, provenance: &Provenance) -> Arc<Provenance> {
        match &self.newest_provenance {
            Some(newest) if **newest == *provenance => Arc::clone(newest),
            _ => Arc::clone(self.newest_provenance.insert(Arc::new(provenance.clone()))),
        }
    }
}

impl Claim {
    fn new(fact: &Fact, attributes: &Map<String, Value>, provenance: Arc<Provenance>) -> Self {
        Self {
            attributes: sorted(attributes),
            valid_from: fact.fact.valid_from,
            valid_to: None,
            seq: fact.seq,
            provenance,
        }
    }

    fn restate(&mut self, fact: &Fact, attributes: &Map<String, Value>, provenance: Arc<Provenance>) {
        let begin = if self.valid_to.is_some() {
            fact.fact.valid_from
        } else {
            self.valid_from
        };
        *self = Self {
            valid_from: begin,
            ..Self::new(fact, attributes, provenance)
        };
    }
}

fn sorted(attributes: &Map<String, Value>) -> Map<String, Value> {
    let mut sorted = attributes.clone();
    sorted.sort_keys();
    sorted.values_mut().for_each(Value::sort_all_objects);
    sorted
}
