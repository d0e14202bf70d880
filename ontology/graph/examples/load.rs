//! Time and memory of the graph at size: `cargo run -p hilum-graph --example load`.

use std::time::Instant;

use hilum_domain::{EdgeKind, Fact, NewFact, NodeId, NodeKind, Provenance, Sha256, Statement};
use hilum_graph::Graph;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

/// Nodes are 2 000 results of 50: a series, 8 nodules with their scores, and 33 observations.
const RESULTS: usize = 2_000;
const NODES_EACH: usize = 50;
const EDGES_EACH: usize = 200;

#[expect(clippy::print_stdout, reason = "the numbers are what it is for")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let facts = facts();
    let before = resident_kib()?;
    let started = Instant::now();
    let graph = Graph::from_facts(&facts)?;
    println!(
        "{} nodes and {} edges loaded in {:.2} s, {:.0} MiB",
        graph.node_count(),
        graph.edge_count(),
        started.elapsed().as_secs_f64(),
        (resident_kib()? - before) / 1024.0
    );
    let started = Instant::now();
    graph.canonical_hash();
    println!("canonical hash in {:.2} s", started.elapsed().as_secs_f64());

    let started = Instant::now();
    let mut nodes = 0;
    for result in 0..RESULTS {
        let score = NodeId::new(NodeKind::Score, &format!("{result}.1"));
        nodes += graph.why(&score).ok_or("no such score")?.nodes.len();
    }
    let each_us = started.elapsed().as_secs_f64() * 1e6 / RESULTS as f64;
    println!(
        "why: {each_us:.0} us each, {:.1} nodes on average",
        nodes as f64 / RESULTS as f64
    );
    Ok(())
}

fn facts() -> Vec<Fact> {
    let mut statements = Vec::with_capacity(RESULTS * (NODES_EACH + EDGES_EACH));
    for result in 0..RESULTS {
        let input = Sha256::of(&result.to_le_bytes());
        let kind = |i: usize| match i {
            0 => NodeKind::Series,
            1..=8 => NodeKind::Score,
            9..=16 => NodeKind::Nodule,
            _ => NodeKind::Observation,
        };
        let id = |i: usize| NodeId::new(kind(i), &format!("{result}.{i}"));
        for i in 0..NODES_EACH {
            let attributes = attributes(i);
            let statement = Statement::Node {
                id: id(i),
                kind: kind(i),
                attributes,
            };
            statements.push((input.clone(), statement));
        }
        // From node i to the nodes after it, nodules to the series, observations to a score.
        for e in 0..EDGES_EACH {
            let (from, to, kind) = match e {
                0..8 => (9 + e, 0, EdgeKind::PartOf),
                8..16 => (e - 7, e + 1, EdgeKind::DerivedFrom),
                16..49 => (e + 1, 1 + e % 8, EdgeKind::Supports),
                _ => (17 + e % 33, 9 + (e / 33) % 8, EdgeKind::DerivedFrom),
            };
            let kind = if e >= 49 + 132 { EdgeKind::MapsTo } else { kind };
            let statement = Statement::Edge {
                from: id(from),
                to: id(to),
                kind,
                attributes: Map::new(),
            };
            statements.push((input.clone(), statement));
        }
    }
    let provenance = |input_sha256| Provenance::Model {
        model_sha256: Sha256::of(b"model"),
        input_sha256,
    };
    let numbered = (1..).zip(statements);
    numbered
        .map(|(seq, (input, statement))| Fact {
            seq,
            recorded_at: OffsetDateTime::UNIX_EPOCH,
            fact: NewFact {
                statement,
                provenance: provenance(input),
                valid_from: OffsetDateTime::UNIX_EPOCH,
            },
        })
        .collect()
}

fn attributes(i: usize) -> Map<String, Value> {
    let pairs = [
        ("probability", json!(0.25)),
        ("long_axis_mm", json!(i as f64 + 0.5)),
        ("type", json!("part_solid")),
        ("band", json!("intermediate")),
        (
            "tracking_uid",
            json!("2.25.329800735698586629295641978511506172918"),
        ),
    ];
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// Resident memory of this process, from `/proc/self/statm` (pages of 4 KiB).
fn resident_kib() -> Result<f64, Box<dyn std::error::Error>> {
    let statm = std::fs::read_to_string("/proc/self/statm")?;
    let pages: f64 = statm
        .split_whitespace()
        .nth(1)
        .ok_or("no resident size")?
        .parse()?;
    Ok(pages * 4.0)
}
