//! Random histories against a naive model, and the canonical hash against order.

use std::collections::BTreeMap;

use hilum_domain::{EdgeKind, Fact, NewFact, NodeId, NodeKind, Provenance, Statement};
use hilum_graph::Graph;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use time::{Duration, OffsetDateTime};

const KINDS: [NodeKind; 3] = [NodeKind::Study, NodeKind::Nodule, NodeKind::Score];
const EDGES: [EdgeKind; 2] = [EdgeKind::PartOf, EdgeKind::Supports];

/// One attempt at a statement, on a day; many will be refused.
#[derive(Debug, Clone)]
enum Op {
    Node(usize, i64),
    Edge(usize, usize, usize, i64),
    Close(usize),
}

/// The naive model: `(valid_from, valid_to, attribute, seq)` of nodes and edges.
type Held = (i64, Option<i64>, i64, i64);

#[derive(Debug, Clone, Default, PartialEq)]
struct Model {
    nodes: BTreeMap<String, Held>,
    edges: BTreeMap<(String, String, &'static str), Held>,
}

impl Model {
    /// What the documentation of `Graph::apply` says, in other words; false when refused.
    fn apply(&mut self, op: &Op, day: i64, seq: i64) -> bool {
        let restated = |held: Option<&Held>, value| match held {
            Some(&(from, None, ..)) => (from, None, value, seq),
            _ => (day, None, value, seq),
        };
        match *op {
            Op::Node(n, value) => {
                let held = restated(self.nodes.get(&name(n)), value);
                self.nodes.insert(name(n), held);
            }
            Op::Edge(a, b, kind, value) => {
                let is_open = |n| matches!(self.nodes.get(&name(n)), Some((_, None, ..)));
                if !is_open(a) || !is_open(b) {
                    return false;
                }
                let key = (name(a), name(b), EDGES[kind].as_str());
                let held = restated(self.edges.get(&key), value);
                self.edges.insert(key, held);
            }
            Op::Close(n) => match self.nodes.get_mut(&name(n)) {
                None => return false,
                Some((_, Some(_), ..)) => {}
                Some((from, ..)) if *from > day => return false,
                Some((_, end, ..)) => {
                    *end = Some(day);
                    let ends = |key: &(String, String, _)| key.0 == name(n) || key.1 == name(n);
                    for (_, edge) in self.edges.iter_mut().filter(|(key, _)| ends(key)) {
                        edge.1.get_or_insert(day.max(edge.0));
                    }
                }
            },
        }
        true
    }

    /// Edges that still hold: the others cannot be asked for one by one.
    fn open_edges(mut self) -> Self {
        self.edges.retain(|_, (_, to, ..)| to.is_none());
        self
    }

    fn of(graph: &Graph) -> Self {
        let held = |from, to: Option<OffsetDateTime>, attributes: &Map<String, Value>, seq| {
            (
                day_of(from),
                to.map(day_of),
                attributes["value"].as_i64().unwrap(),
                seq,
            )
        };
        let mut model = Self::default();
        for n in 0..12 {
            let Some(around) = graph.neighbours(&node_id(n), 1, &KINDS, 100) else {
                continue;
            };
            for v in &around.nodes {
                let node = held(v.valid_from, v.valid_to, &v.attributes, v.provenance.seq);
                model.nodes.insert(v.id.as_str().to_owned(), node);
            }
            for e in &around.edges {
                let key = (
                    e.from.as_str().to_owned(),
                    e.to.as_str().to_owned(),
                    e.kind.as_str(),
                );
                let edge = held(e.valid_from, e.valid_to, &e.attributes, e.provenance.seq);
                model.edges.insert(key, edge);
            }
        }
        model
    }
}

fn node_id(n: usize) -> NodeId {
    NodeId::new(KINDS[n % KINDS.len()], &format!("{n}"))
}

fn name(n: usize) -> String {
    node_id(n).as_str().to_owned()
}

fn instant(day: i64) -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH + Duration::days(day)
}

fn day_of(time: OffsetDateTime) -> i64 {
    (time - OffsetDateTime::UNIX_EPOCH).whole_days()
}

fn attributes(value: i64) -> Map<String, Value> {
    // The order of keys follows the value: it must not matter.
    let pairs = [
        ("value", json!(value)),
        ("nested", json!({"b_mm": 1.5, "a_mm": [value]})),
    ];
    let order: Vec<usize> = if value % 2 == 0 { vec![0, 1] } else { vec![1, 0] };
    order
        .into_iter()
        .map(|i| (pairs[i].0.to_owned(), pairs[i].1.clone()))
        .collect()
}

fn fact(op: &Op, day: i64, seq: i64) -> Fact {
    let statement = match *op {
        Op::Node(n, value) => Statement::Node {
            id: node_id(n),
            kind: KINDS[n % KINDS.len()],
            attributes: attributes(value),
        },
        Op::Edge(a, b, kind, value) => Statement::Edge {
            from: node_id(a),
            to: node_id(b),
            kind: EDGES[kind],
            attributes: attributes(value),
        },
        Op::Close(n) => Statement::Close { id: node_id(n) },
    };
    let provenance = Provenance::Rule {
        name: format!("rule {}", day % 2),
    };
    Fact {
        seq,
        recorded_at: instant(1000 + seq),
        fact: NewFact {
            statement,
            provenance,
            valid_from: instant(day),
        },
    }
}

fn renumbered(facts: impl IntoIterator<Item = Fact>) -> Vec<Fact> {
    (1..).zip(facts).map(|(seq, fact)| Fact { seq, ..fact }).collect()
}

fn ops(nodes: std::ops::Range<usize>) -> impl Strategy<Value = Vec<(Op, i64)>> {
    let op = prop_oneof![
        4 => (nodes.clone(), 0..9_i64).prop_map(|(n, v)| Op::Node(n, v)),
        5 => (nodes.clone(), nodes.clone(), 0..2_usize, 0..9_i64).prop_map(|(a, b, k, v)| Op::Edge(a, b, k, v)),
        1 => nodes.prop_map(Op::Close),
    ];
    prop::collection::vec((op, 0..30_i64), 0..60)
}

/// The facts of a history that the graph takes.
fn accepted(history: &[(Op, i64)]) -> Vec<Fact> {
    let mut graph = Graph::default();
    let mut facts = Vec::new();
    for (op, day) in history {
        let fact = fact(op, *day, graph.last_seq() + 1);
        if graph.apply(&fact).is_ok() {
            facts.push(fact);
        }
    }
    facts
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_the_model_and_with_its_rebuild(history in ops(0..12)) {
        let mut graph = Graph::default();
        let mut model = Model::default();
        let mut facts = Vec::new();
        for (op, day) in &history {
            let seq = graph.last_seq() + 1;
            let fact = fact(op, *day, seq);
            let before = graph.canonical_hash();
            let is_taken = model.apply(op, *day, seq);
            prop_assert_eq!(graph.apply(&fact).is_ok(), is_taken, "{:?} on day {}", op, day);
            if is_taken {
                facts.push(fact);
            } else {
                prop_assert_eq!(graph.canonical_hash(), before, "a refused fact left a trace");
                prop_assert_eq!(graph.last_seq(), seq - 1);
            }
            prop_assert_eq!(graph.edge_count(), model.edges.len());
            prop_assert_eq!(Model::of(&graph), model.clone().open_edges());
        }
        let rebuilt = Graph::from_facts(&facts).unwrap();
        prop_assert_eq!(rebuilt.canonical_hash(), graph.canonical_hash());
    }

    #[test]
    fn order_of_unrelated_histories_does_not_matter(
        left in ops(0..6),
        right in ops(6..12),
        turns in prop::collection::vec(any::<bool>(), 120),
    ) {
        let (left, right) = (accepted(&left), accepted(&right));
        let one_after_the_other = renumbered(left.iter().chain(&right).cloned());
        let (mut left, mut right) = (left.into_iter(), right.into_iter());
        let mut mixed = Vec::new();
        for from_left in turns {
            mixed.extend(if from_left { left.next() } else { right.next() });
        }
        mixed.extend(left.chain(right));
        prop_assert_eq!(
            Graph::from_facts(&one_after_the_other).unwrap().canonical_hash(),
            Graph::from_facts(&renumbered(mixed)).unwrap().canonical_hash()
        );
    }

    #[test]
    fn any_change_changes_the_hash(history in ops(0..12), at in any::<prop::sample::Index>()) {
        let facts = accepted(&history);
        prop_assume!(!facts.is_empty());
        let hash = Graph::from_facts(&facts).unwrap().canonical_hash();
        let mut extended = facts.clone();
        let target = at.index(12);
        let addition = fact(&Op::Node(target, 77), 3, facts.len() as i64 + 1);
        extended.push(addition);
        prop_assert_ne!(Graph::from_facts(&extended).unwrap().canonical_hash(), hash);
    }
}
