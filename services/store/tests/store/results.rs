//! Results and facts.

use hilum_store::{JobState, SavedResult, StoreError};

use crate::sample::{Bench, LEASE, QUIET, facts, result, uid};

#[tokio::test]
async fn a_result_its_facts_and_its_job_are_one() {
    let bench = Bench::new().await;
    bench.send(&["1.1.1", "1.2.1"]).await;
    bench.clock.turn(QUIET);
    let mut feed = bench.store.subscribe_facts();
    let job = bench.store.claim(LEASE).await.unwrap().unwrap();
    let offered = result("1.1", b"inputs");
    let saved = bench
        .store
        .save_result(&offered, &facts("1.1", 3), Some(&job))
        .await
        .unwrap();
    assert_eq!(saved, SavedResult::Recorded { id: 1, last_seq: 3 });
    assert_eq!(*feed.borrow_and_update(), 3);

    let kept = bench.store.latest_result(&uid("1.1")).await.unwrap().unwrap();
    assert_eq!((kept.id, kept.result), (1, offered));
    let analysis = bench.store.series(&uid("1.1")).await.unwrap().unwrap().analysis;
    assert_eq!(analysis, Some(JobState::Done));
    let read = bench.store.facts_after(1, 10).await.unwrap();
    assert_eq!(read.iter().map(|f| f.seq).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(read[1].fact, facts("1.1", 3)[2], "to the last bit and nanosecond");
    assert_eq!(bench.store.facts_after(0, 2).await.unwrap().len(), 2);
    assert_eq!(
        bench.store.study(&uid("1")).await.unwrap().unwrap().with_result,
        1
    );
}

#[tokio::test]
async fn the_same_answer_is_recorded_once_and_a_new_one_beside_it() {
    let bench = Bench::new().await;
    bench.send(&["1.1.1", "1.2.1"]).await;
    let offer = async |series: &str, inputs: &[u8]| {
        let facts = facts(series, 2);
        bench
            .store
            .save_result(&result(series, inputs), &facts, None)
            .await
            .unwrap()
    };
    assert_eq!(
        offer("1.1", b"a").await,
        SavedResult::Recorded { id: 1, last_seq: 2 }
    );
    assert_eq!(offer("1.1", b"a").await, SavedResult::AlreadyThere { id: 1 });
    assert_eq!(
        offer("1.1", b"b").await,
        SavedResult::Recorded { id: 2, last_seq: 4 }
    );
    assert_eq!(
        offer("1.2", b"a").await,
        SavedResult::Recorded { id: 3, last_seq: 6 }
    );
    let latest = bench.store.latest_results_of_study(&uid("1")).await.unwrap();
    assert_eq!(latest.iter().map(|r| r.id).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(bench.store.latest_result(&uid("1.9")).await.unwrap(), None);
}

#[tokio::test]
async fn a_refused_result_leaves_nothing() {
    let bench = Bench::new().await;
    bench.send(&["1.1.1"]).await;
    bench.clock.turn(QUIET);
    let lost = bench.store.claim(LEASE).await.unwrap().unwrap();
    bench.clock.turn(LEASE);
    let held = bench.store.claim(LEASE).await.unwrap().unwrap();

    let save = async |series: &str, job| {
        bench
            .store
            .save_result(&result(series, b"a"), &facts("x", 2), job)
            .await
    };
    assert!(matches!(
        save("1.1", Some(&lost)).await,
        Err(StoreError::LeaseLost { .. })
    ));
    assert!(matches!(
        save("1.2", Some(&held)).await,
        Err(StoreError::OtherSeries { .. })
    ));
    assert!(matches!(
        save("1.2", None).await,
        Err(StoreError::UnknownSeries(_))
    ));

    assert_eq!(bench.store.last_seq().await.unwrap(), 0);
    assert_eq!(bench.store.latest_result(&uid("1.1")).await.unwrap(), None);
    bench.store.complete(&held).await.unwrap();
}

#[tokio::test]
async fn numbers_have_no_gap_when_many_append() {
    let bench = Bench::new().await;
    let mut running = tokio::task::JoinSet::new();
    for writer in 0..6 {
        let store = crate::sample::open(bench.folder.path(), bench.clock.clone()).await;
        running.spawn(async move {
            for turn in 0..5 {
                store
                    .append_facts(&facts(&format!("{writer}.{turn}"), turn))
                    .await
                    .unwrap();
            }
        });
    }
    running.join_all().await;
    let read = bench.store.facts_after(0, 1000).await.unwrap();
    let numbers: Vec<i64> = read.iter().map(|fact| fact.seq).collect();
    assert_eq!(numbers, (1..=60).collect::<Vec<_>>());
    assert_eq!(bench.store.last_seq().await.unwrap(), 60);
}
