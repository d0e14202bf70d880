//! A process that is killed at any moment: what it acknowledged is there.
//!
//! This proves the order of things and the recovery; that a sync reaches the disk is the kernel's promise.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use hilum_domain::{Sha256, SystemClock};
use hilum_store::Outcome;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

use crate::sample::{LEASE, facts, new_instance, open, result, uid};

const FOLDER: &str = "HILUM_STORE_CRASH_FOLDER";
const ROUND: &str = "HILUM_STORE_CRASH_ROUND";
const ROUNDS: u64 = 8;

/// The process that gets killed; as a test on its own it does nothing.
#[tokio::test]
async fn child() {
    let (Ok(folder), Ok(round)) = (std::env::var(FOLDER), std::env::var(ROUND)) else {
        return;
    };
    let store = open(Path::new(&folder), Arc::new(SystemClock)).await;
    let mut out = std::io::stdout();
    // The test harness has begun a line.
    writeln!(out).unwrap();
    for turn in 1.. {
        let series = format!("{round}.{turn}");
        let mut instances = Vec::new();
        for i in 1..=3 {
            let sop = format!("{series}.{i}");
            instances.push(new_instance(&store, &sop, "p", sop.repeat(1000).as_bytes()).await);
        }
        let outcomes = store.commit_many(instances, Duration::ZERO).await.unwrap();
        assert_eq!(outcomes, [Outcome::Stored; 3]);
        writeln!(out, "instances {series}").unwrap();

        // Jobs that an earlier process left behind come first.
        while let Some(job) = store.claim(LEASE).await.unwrap() {
            let series = job.series_instance_uid.as_str();
            let offered = result(series, b"inputs");
            store
                .save_result(&offered, &facts(series, 4), Some(&job))
                .await
                .unwrap();
            writeln!(out, "result {series}").unwrap();
        }
    }
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut acknowledged: Vec<String> = Vec::new();
    for round in 1..=ROUNDS {
        let new = run_and_kill(folder.path(), round, &mut random);
        assert!(!new.is_empty(), "round {round} acknowledged nothing");
        acknowledged.extend(new);
        check(folder.path(), &acknowledged).await;
    }
}

/// Runs the child for a few acknowledgements and a random moment more, and returns what it acknowledged.
fn run_and_kill(folder: &Path, round: u64, random: &mut ChaCha8Rng) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::child", "--nocapture"])
        .env(FOLDER, folder)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let mut lines = output
        .lines()
        .map(Result::unwrap)
        .filter(|l| l.starts_with("instances ") || l.starts_with("result "));
    let enough = 1 + (random.next_u32() % 12) as usize;
    let mut acknowledged: Vec<String> = lines.by_ref().take(enough).collect();
    std::thread::sleep(Duration::from_micros(u64::from(random.next_u32() % 15_000)));
    child.kill().unwrap();
    child.wait().unwrap();
    // What it wrote before it died was acknowledged too.
    acknowledged.extend(lines);
    acknowledged
}

async fn check(folder: &Path, acknowledged: &[String]) {
    let store = open(folder, Arc::new(SystemClock)).await;
    let incoming = std::fs::read_dir(folder.join("objects/incoming")).unwrap();
    assert_eq!(incoming.count(), 0, "leftovers remain");
    let mut results = 0;
    for line in acknowledged {
        let (what, series) = line.split_once(' ').unwrap();
        if what == "result" {
            let kept = store.latest_result(&uid(series)).await.unwrap();
            assert!(
                kept.is_some_and(|kept| kept.result == result(series, b"inputs")),
                "{line}"
            );
            results += 1;
            continue;
        }
        let kept = store.instances_of_series(&uid(series)).await.unwrap();
        assert_eq!(kept.len(), 3, "{line}");
        for instance in kept {
            let bytes = std::fs::read(store.object_path(&instance.sha256)).unwrap();
            assert_eq!(Sha256::of(&bytes), instance.sha256, "{line}");
        }
    }
    // Facts come with results and have no gap; a result that was not acknowledged may have been recorded.
    let facts = store.facts_after(0, 1_000_000).await.unwrap();
    assert!(facts.iter().map(|fact| fact.seq).eq(1..=facts.len() as i64));
    assert!(
        facts.len() % 4 == 0 && facts.len() >= results * 4,
        "{} facts, {results} results",
        facts.len()
    );
    store.close().await;
}
