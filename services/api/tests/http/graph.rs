//! The knowledge graph and the change feed.

use hilum_domain::{EdgeKind, NewFact, NodeId, NodeKind, Provenance, Statement};
use serde_json::{Map, json};
use time::OffsetDateTime;

use crate::server::Server;

fn fact(statement: Statement) -> NewFact {
    NewFact {
        statement,
        provenance: Provenance::Rule { name: "test".into() },
        valid_from: OffsetDateTime::from_unix_timestamp(1_700_000_000).unwrap(),
    }
}

fn node(kind: NodeKind, key: &str) -> NewFact {
    let attributes = Map::from_iter([("size_mm".to_owned(), json!(8.5))]);
    fact(Statement::Node {
        id: NodeId::new(kind, key),
        kind,
        attributes,
    })
}

fn edge(from: (NodeKind, &str), kind: EdgeKind, to: (NodeKind, &str)) -> NewFact {
    let (from, to) = (NodeId::new(from.0, from.1), NodeId::new(to.0, to.1));
    fact(Statement::Edge {
        from,
        to,
        kind,
        attributes: Map::new(),
    })
}

fn seeded() -> Server {
    use NodeKind::{Nodule, Observation, Patient, Score, Series, Study};
    let server = Server::start();
    server.append_facts(&[
        node(Patient, "p"),
        node(Study, "1.2"),
        node(Series, "1.2.3"),
        node(Nodule, "n"),
        node(Score, "s"),
        node(Observation, "o"),
        edge((Study, "1.2"), EdgeKind::PartOf, (Patient, "p")),
        edge((Series, "1.2.3"), EdgeKind::PartOf, (Study, "1.2")),
        edge((Nodule, "n"), EdgeKind::PartOf, (Series, "1.2.3")),
        edge((Score, "s"), EdgeKind::DerivedFrom, (Nodule, "n")),
        edge((Observation, "o"), EdgeKind::Supports, (Score, "s")),
    ]);
    server
}

#[test]
fn nodes_and_their_neighbours() {
    let server = seeded();
    let get = |path: &str| {
        server
            .client
            .get(&format!("/api/v1/graph/{path}"), Some(&server.radiologist))
    };
    let node = get("nodes/series/1.2.3").assert_status(200).json();
    assert_eq!(
        (&node["kind"], &node["attributes"]["size_mm"]),
        (&json!("series"), &json!(8.5))
    );
    assert_eq!(get("nodes/series%2F1.2.3").status, 200);
    get("nodes/series/1.2.4").assert_problem(404);

    let ids = |path: &str| -> Vec<String> {
        let around = get(path).assert_status(200).json();
        around["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|n| n["id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(ids("neighbours?id=study/1.2"), ["series/1.2.3", "study/1.2"]);
    assert_eq!(
        ids("neighbours?id=study/1.2&depth=2"),
        ["nodule/n", "series/1.2.3", "study/1.2"]
    );
    assert_eq!(
        ids("neighbours?id=study/1.2&kinds=patient"),
        ["patient/p", "study/1.2"]
    );
    for (path, status) in [
        ("neighbours", 400),
        ("neighbours?id=study/9", 404),
        ("neighbours?id=study/1.2&depth=0", 400),
        ("neighbours?id=study/1.2&depth=7", 400),
        ("neighbours?id=study/1.2&kinds=series,person", 400),
    ] {
        get(path).assert_problem(status);
    }
}

#[test]
fn why_this_score() {
    let server = seeded();
    let get = |path: &str| {
        server
            .client
            .get(&format!("/api/v1/graph/why/{path}"), Some(&server.radiologist))
    };
    let why = get("score/s").assert_status(200).json();
    let ids: Vec<&str> = why["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| n["id"].as_str().unwrap())
        .collect();
    assert!(
        ids.contains(&"observation/o") && ids.contains(&"nodule/n"),
        "{ids:?}"
    );
    assert!(!ids.iter().any(|id| id.starts_with("patient/")), "{ids:?}");
    assert_eq!(get("s").json(), why);
    get("score/t").assert_problem(404);
    get("nodule/n").assert_problem(404);
}

#[test]
fn hash_equals_a_rebuild_until_the_graph_is_touched() {
    let server = seeded();
    let get = |query: &str| {
        let path = format!("/api/v1/graph/hash{query}");
        server
            .client
            .get(&path, Some(&server.auditor))
            .assert_status(200)
            .json()
    };
    let plain = get("");
    assert_eq!(
        (&plain["last_seq"], &plain["verified"]),
        (&json!(11), &json!(null))
    );
    let verified = get("?verify=true");
    assert_eq!(
        (&verified["verified"], &verified["rebuilt_hash"]),
        (&json!(true), &plain["canonical_hash"])
    );

    // Somebody writes into the read model behind the feed's back.
    let facts = server
        .runtime
        .block_on(server.state.store.facts_after(0, 100))
        .unwrap();
    let mut forged = facts.last().unwrap().clone();
    forged.fact = node(NodeKind::Nodule, "forged");
    forged.seq = 12;
    server.state.graph.write().unwrap().apply(&forged).unwrap();
    server
        .runtime
        .block_on(server.state.store.append_facts(&[node(NodeKind::Nodule, "real")]))
        .unwrap();
    let touched = get("?verify=true");
    assert_eq!(
        (&touched["last_seq"], &touched["verified"]),
        (&json!(12), &json!(false))
    );
}

#[test]
fn change_feed_pages_without_a_gap() {
    let server = seeded();
    let get = |query: &str| {
        server
            .client
            .get(&format!("/api/v1/changes{query}"), Some(&server.auditor))
    };
    let (mut after, mut seen) = (0, Vec::new());
    loop {
        let page = get(&format!("?after={after}&limit=4")).assert_status(200).json();
        let changes = page["changes"].as_array().unwrap();
        assert_eq!(page["last_seq"], 11);
        if changes.is_empty() {
            break;
        }
        seen.extend(changes.iter().map(|change| change["seq"].as_i64().unwrap()));
        after = page["next_after"].as_i64().unwrap();
    }
    assert_eq!(seen, (1..=11).collect::<Vec<_>>());
    get("?after=-1").assert_problem(400);
    get("?after=x").assert_problem(400);
}
