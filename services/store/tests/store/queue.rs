//! The queue: quiet period, leases, retries, dead letters.

use std::time::Duration;

use hilum_store::{JobState, MAX_ATTEMPTS, StoreError};

use crate::sample::{Bench, LEASE, QUIET, uid};

const SECOND: Duration = Duration::from_secs(1);
/// A second less than `QUIET`, and than `LEASE`.
const ALMOST_QUIET: Duration = Duration::from_secs(29);
const ALMOST_A_LEASE: Duration = Duration::from_secs(59);

async fn state(bench: &Bench, series: &str) -> Option<JobState> {
    bench.store.series(&uid(series)).await.unwrap().unwrap().analysis
}

#[tokio::test]
async fn a_series_waits_until_it_is_quiet() {
    let bench = Bench::new().await;
    bench.send(&["1.1.1"]).await;
    bench.clock.turn(ALMOST_QUIET);
    assert_eq!(bench.store.claim(LEASE).await.unwrap(), None);

    bench.send(&["1.1.2"]).await;
    bench.clock.turn(ALMOST_QUIET);
    assert_eq!(
        bench.store.claim(LEASE).await.unwrap(),
        None,
        "the second instance begins the wait anew"
    );

    bench.send(&["1.1.2"]).await;
    bench.clock.turn(SECOND);
    let job = bench
        .store
        .claim(LEASE)
        .await
        .unwrap()
        .expect("the same bytes again do not");
    assert_eq!(
        (job.series_instance_uid.as_str(), job.revision, job.attempt),
        ("1.1", 2, 1)
    );
    assert_eq!(state(&bench, "1.1").await, Some(JobState::Running));
    assert_eq!(
        bench.store.claim(LEASE).await.unwrap(),
        None,
        "one job for both requests"
    );

    bench.store.complete(&job).await.unwrap();
    assert_eq!(state(&bench, "1.1").await, Some(JobState::Done));
}

#[tokio::test]
async fn instances_that_come_during_analysis_ask_for_another() {
    let bench = Bench::new().await;
    bench.send(&["1.1.1"]).await;
    bench.clock.turn(QUIET);
    let first = bench.store.claim(Duration::from_mins(10)).await.unwrap().unwrap();
    bench.send(&["1.1.2"]).await;
    bench.clock.turn(QUIET);
    assert_eq!(
        bench.store.claim(LEASE).await.unwrap(),
        None,
        "jobs of a series run one at a time"
    );
    bench.store.complete(&first).await.unwrap();
    let second = bench.store.claim(LEASE).await.unwrap().unwrap();
    assert_eq!((first.revision, second.revision), (1, 2));
}

#[tokio::test]
async fn a_lost_lease_is_taken_over_and_its_holder_is_told() {
    let bench = Bench::new().await;
    bench.send(&["1.1.1"]).await;
    bench.clock.turn(QUIET);
    let mut first = bench.store.claim(LEASE).await.unwrap().unwrap();
    bench.clock.turn(ALMOST_A_LEASE);
    bench.store.heartbeat(&mut first, LEASE).await.unwrap();
    bench.clock.turn(ALMOST_A_LEASE);
    assert_eq!(
        bench.store.claim(LEASE).await.unwrap(),
        None,
        "the heartbeat keeps it"
    );

    bench.clock.turn(SECOND);
    let second = bench.store.claim(LEASE).await.unwrap().unwrap();
    assert_eq!((second.id, second.attempt), (first.id, 2));
    for lost in [
        bench.store.complete(&first).await,
        bench.store.heartbeat(&mut first, LEASE).await,
        bench.store.fail(&first, "late", None).await.map(|_| ()),
    ] {
        assert!(
            matches!(lost, Err(StoreError::LeaseLost { job }) if job == first.id),
            "{lost:?}"
        );
    }
    bench.store.complete(&second).await.unwrap();
}

#[tokio::test]
async fn a_failure_waits_and_a_last_failure_is_told() {
    let bench = Bench::new().await;
    bench.send(&["1.1.1"]).await;
    bench.clock.turn(QUIET);
    let mut waits = Vec::new();
    for attempt in 1..=MAX_ATTEMPTS {
        let job = bench.store.claim(LEASE).await.unwrap().unwrap();
        assert_eq!(job.attempt, attempt);
        let retry_at = job.lease_until - LEASE + job.backoff();
        let left = bench.store.fail(&job, "disk full", Some(retry_at)).await.unwrap();
        let last = attempt == MAX_ATTEMPTS;
        assert_eq!(
            left,
            if last {
                JobState::Failed("disk full".into())
            } else {
                JobState::Queued
            }
        );
        assert_eq!(bench.store.claim(LEASE).await.unwrap(), None);
        waits.push(job.backoff().as_secs());
        bench.clock.turn(job.backoff());
    }
    assert_eq!(waits, [5, 10, 20, 40, 80]);
    assert_eq!(bench.store.claim(LEASE).await.unwrap(), None);
    assert_eq!(
        state(&bench, "1.1").await,
        Some(JobState::Failed("disk full".into()))
    );
    assert_eq!(bench.store.study(&uid("1")).await.unwrap().unwrap().failed, 1);

    bench.store.request_analysis(&uid("1.1")).await.unwrap();
    assert_eq!(bench.store.claim(LEASE).await.unwrap().unwrap().attempt, 1);
}

#[tokio::test]
async fn an_input_that_kills_its_worker_is_given_up() {
    let bench = Bench::new().await;
    bench.send(&["1.1.1"]).await;
    bench.clock.turn(QUIET);
    for _ in 0..MAX_ATTEMPTS {
        bench.store.claim(LEASE).await.unwrap().unwrap();
        bench.clock.turn(LEASE);
    }
    assert_eq!(bench.store.claim(LEASE).await.unwrap(), None);
    let reason = "lease ran out on the last attempt".into();
    assert_eq!(state(&bench, "1.1").await, Some(JobState::Failed(reason)));
}

#[tokio::test]
async fn a_newer_revision_supersedes_a_failed_or_dead_attempt() {
    let bench = Bench::new().await;
    for dies in [true, false] {
        let (first, second) = if dies {
            ("1.1.1", "1.1.2")
        } else {
            ("1.2.1", "1.2.2")
        };
        bench.send(&[first]).await;
        bench.clock.turn(QUIET);
        let old = bench.store.claim(LEASE).await.unwrap().unwrap();
        bench.send(&[second]).await;
        bench.clock.turn(LEASE);
        if !dies {
            let left = bench
                .store
                .fail(&old, "broken", Some(old.lease_until))
                .await
                .unwrap();
            assert_eq!(left, JobState::Failed("broken".into()));
        }
        let new = bench.store.claim(LEASE).await.unwrap().unwrap();
        assert_eq!((new.revision, new.attempt), (2, 1));
        bench.store.complete(&new).await.unwrap();
        assert_eq!(bench.store.claim(LEASE).await.unwrap(), None);
    }
}

#[tokio::test]
async fn two_workers_never_hold_the_same_job() {
    let bench = Bench::new().await;
    let sops: Vec<String> = (1..=20).map(|series| format!("1.{series}.1")).collect();
    bench
        .send(&sops.iter().map(String::as_str).collect::<Vec<_>>())
        .await;
    bench.clock.turn(QUIET);
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let store = crate::sample::open(bench.folder.path(), bench.clock.clone()).await;
        running.spawn(async move {
            let mut held = Vec::new();
            while let Some(job) = store.claim(LEASE).await.unwrap() {
                held.push(job.id);
            }
            held
        });
    }
    let mut held = running.join_all().await.concat();
    held.sort_unstable();
    held.dedup();
    assert_eq!(held.len(), 20);
}

#[tokio::test]
async fn an_unknown_series_is_named() {
    let bench = Bench::new().await;
    let error = bench.store.request_analysis(&uid("9.9")).await.unwrap_err();
    assert_eq!(error.to_string(), "no series 9.9");
}
