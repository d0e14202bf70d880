//! Refusals, the evidence of a score, and neighbourhoods, on one small hand-made case.

use hilum_domain::{EdgeKind, Fact, NewFact, NodeId, NodeKind, Provenance, Sha256, Statement};
use hilum_graph::{Graph, GraphError, Subgraph};
use serde_json::{Map, json};
use time::OffsetDateTime;
use time::macros::datetime;

const MONDAY: OffsetDateTime = datetime!(2024-03-04 08:00 UTC);
const TUESDAY: OffsetDateTime = datetime!(2024-03-05 08:00 UTC);

/// A feed under construction.
#[derive(Default)]
struct Feed(Vec<Fact>);

impl Feed {
    fn push(mut self, statement: Statement, valid_from: OffsetDateTime) -> Self {
        let provenance = Provenance::Model {
            model_sha256: Sha256::of(b"model"),
            input_sha256: Sha256::of(b"input"),
        };
        self.0.push(Fact {
            seq: self.0.len() as i64 + 1,
            recorded_at: TUESDAY,
            fact: NewFact {
                statement,
                provenance,
                valid_from,
            },
        });
        self
    }

    fn node(self, kind: NodeKind, key: &str) -> Self {
        let attributes = json!({"z": 1, "a": 2}).as_object().unwrap().clone();
        let id = NodeId::new(kind, key);
        self.push(Statement::Node { id, kind, attributes }, MONDAY)
    }

    fn edge(self, from: &str, kind: EdgeKind, to: &str) -> Self {
        let (from, to) = (NodeId::from_text(from), NodeId::from_text(to));
        let attributes = Map::new();
        self.push(
            Statement::Edge {
                from,
                to,
                kind,
                attributes,
            },
            MONDAY,
        )
    }

    fn close(self, id: &str) -> Self {
        let id = NodeId::from_text(id);
        self.push(Statement::Close { id }, TUESDAY)
    }

    fn graph(&self) -> Result<Graph, GraphError> {
        Graph::from_facts(&self.0)
    }
}

/// Two studies of one patient; a nodule in each, scored; observations for, against, and of the other nodule.
fn case() -> Feed {
    Feed::default()
        .node(NodeKind::Patient, "p")
        .node(NodeKind::Study, "1")
        .node(NodeKind::Series, "1.1")
        .node(NodeKind::Nodule, "n")
        .node(NodeKind::Score, "s")
        .node(NodeKind::Observation, "spiculation")
        .node(NodeKind::Observation, "calcification")
        .node(NodeKind::Concept, "SCT-129742005")
        .node(NodeKind::ModelVersion, "m")
        .node(NodeKind::Study, "2")
        .node(NodeKind::Nodule, "other")
        .node(NodeKind::Score, "t")
        .node(NodeKind::Observation, "margin")
        .edge("study/1", EdgeKind::PartOf, "patient/p")
        .edge("study/2", EdgeKind::PartOf, "patient/p")
        .edge("series/1.1", EdgeKind::PartOf, "study/1")
        .edge("nodule/n", EdgeKind::PartOf, "series/1.1")
        .edge("score/s", EdgeKind::DerivedFrom, "nodule/n")
        .edge("score/s", EdgeKind::AssertedBy, "model_version/m")
        .edge("observation/spiculation", EdgeKind::Supports, "score/s")
        .edge("observation/spiculation", EdgeKind::DerivedFrom, "nodule/n")
        .edge(
            "observation/spiculation",
            EdgeKind::MapsTo,
            "concept/SCT-129742005",
        )
        .edge("observation/calcification", EdgeKind::Contradicts, "score/s")
        .edge("score/t", EdgeKind::DerivedFrom, "nodule/other")
        .edge("score/t", EdgeKind::AssertedBy, "model_version/m")
        .edge("observation/margin", EdgeKind::Supports, "score/t")
}

fn ids(part: &Subgraph) -> Vec<&str> {
    part.nodes.iter().map(|node| node.id.as_str()).collect()
}

fn id(text: &str) -> NodeId {
    NodeId::from_text(text)
}

#[test]
fn why_holds_the_evidence_and_nobody_else() {
    let why = case().graph().unwrap().why(&id("score/s")).unwrap();
    let expected = [
        "concept/SCT-129742005",
        "model_version/m",
        "nodule/n",
        "observation/calcification",
        "observation/spiculation",
        "score/s",
        "series/1.1",
        "study/1",
    ];
    assert_eq!(ids(&why), expected);
    assert_eq!(why.edges.len(), 8, "{:?}", why.edges);
}

#[test]
fn why_as_json() {
    let feed = Feed::default()
        .node(NodeKind::Score, "s")
        .node(NodeKind::Nodule, "n")
        .edge("score/s", EdgeKind::DerivedFrom, "nodule/n");
    let provenance = |seq: i64| {
        let (model, input) = (Sha256::of(b"model"), Sha256::of(b"input"));
        json!({"seq": seq, "by": "model", "model_sha256": model, "input_sha256": input})
    };
    let node = |id: &str, kind: &str, seq: i64| {
        json!({"id": id, "kind": kind, "attributes": {"a": 2, "z": 1}, "provenance": provenance(seq),
               "valid_from": "2024-03-04T08:00:00Z", "valid_to": null})
    };
    let expected = json!({
        "root": "score/s",
        "nodes": [node("nodule/n", "nodule", 2), node("score/s", "score", 1)],
        "edges": [{"from": "score/s", "to": "nodule/n", "kind": "derived_from", "attributes": {},
                   "provenance": provenance(3), "valid_from": "2024-03-04T08:00:00Z", "valid_to": null}],
    });
    let why = feed.graph().unwrap().why(&id("score/s")).unwrap();
    assert_eq!(serde_json::to_value(why).unwrap(), expected);
}

#[test]
fn why_answers_for_scores_only() {
    let graph = case().graph().unwrap();
    assert_eq!(graph.why(&id("nodule/n")), None);
    assert_eq!(graph.why(&id("score/none")), None);
}

#[test]
fn withdrawn_evidence_is_gone_and_a_closed_score_keeps_its_own() {
    let withdrawn = case().close("observation/spiculation").graph().unwrap();
    let why = withdrawn.why(&id("score/s")).unwrap();
    assert!(!ids(&why).contains(&"observation/spiculation"));

    let closed = case()
        .close("score/s")
        .close("observation/spiculation")
        .graph()
        .unwrap();
    let why = closed.why(&id("score/s")).unwrap();
    assert!(ids(&why).contains(&"observation/spiculation"));
    let root = why.nodes.iter().find(|node| node.id == why.root).unwrap();
    assert_eq!((root.valid_from, root.valid_to), (MONDAY, Some(TUESDAY)));
}

/// Root, depth, kinds, limit; the nodes that are found, and whether some were left out.
type Row<'r> = (&'r str, usize, &'r [NodeKind], usize, &'r [&'r str], bool);

#[test]
fn neighbours_by_depth_kind_and_limit() {
    let graph = case().graph().unwrap();
    let rows: &[Row<'_>] = &[
        ("series/1.1", 0, &[], 9, &["series/1.1"], false),
        (
            "series/1.1",
            1,
            &[],
            9,
            &["nodule/n", "series/1.1", "study/1"],
            false,
        ),
        (
            "series/1.1",
            1,
            &[NodeKind::Study],
            9,
            &["series/1.1", "study/1"],
            false,
        ),
        ("series/1.1", 1, &[], 2, &["series/1.1", "study/1"], true),
        ("study/1", 1, &[], 9, &["series/1.1", "study/1"], false),
        (
            "study/1",
            2,
            &[NodeKind::Patient, NodeKind::Study],
            9,
            &["patient/p", "study/1", "study/2"],
            false,
        ),
    ];
    for (root, depth, kinds, limit, expected, truncated) in rows {
        let around = graph.neighbours(&id(root), *depth, kinds, *limit).unwrap();
        assert_eq!(
            (ids(&around).as_slice(), around.truncated),
            (*expected, *truncated),
            "{root} {depth}"
        );
    }
    assert_eq!(graph.neighbours(&id("study/none"), 1, &[], 9), None);
}

#[test]
fn refusals_are_named() {
    let base = || Feed::default().node(NodeKind::Study, "1");
    let attributes = Map::new();
    let other_kind = Statement::Node {
        id: id("study/1"),
        kind: NodeKind::Series,
        attributes,
    };
    let mut with_gap = base().node(NodeKind::Study, "2");
    with_gap.0[1].seq = 3;
    let rows = [
        (
            base().edge("study/1", EdgeKind::PartOf, "patient/p"),
            GraphError::UnknownNode {
                seq: 2,
                node: id("patient/p"),
            },
        ),
        (
            base().close("study/2"),
            GraphError::UnknownNode {
                seq: 2,
                node: id("study/2"),
            },
        ),
        (
            base()
                .close("study/1")
                .edge("study/1", EdgeKind::PartOf, "study/1"),
            GraphError::ClosedNode {
                seq: 3,
                node: id("study/1"),
            },
        ),
        (
            base().push(other_kind, MONDAY),
            GraphError::WrongKind {
                seq: 2,
                node: id("study/1"),
                kind: NodeKind::Series,
            },
        ),
        (
            base().push(
                Statement::Close { id: id("study/1") },
                MONDAY - time::Duration::DAY,
            ),
            GraphError::EndsBeforeItBegins {
                seq: 2,
                node: id("study/1"),
                begin: MONDAY,
                end: MONDAY - time::Duration::DAY,
            },
        ),
        (
            with_gap,
            GraphError::OutOfOrder {
                expected: 2,
                found: 3,
            },
        ),
    ];
    for (feed, expected) in rows {
        assert_eq!(feed.graph().unwrap_err(), expected);
    }
}
