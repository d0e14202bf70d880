//! Instances in, instances out.

use std::fs;

use hilum_domain::{Redacted, Sha256};
use hilum_store::{ConflictReason, InstanceRecord, Outcome, PatientKey, StoreError};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};

use crate::sample::{Bench, QUIET, headers, new_instance, staged, uid};

#[tokio::test]
async fn what_is_stored_comes_back() {
    let bench = Bench::new().await;
    assert_eq!(
        bench.send(&["1.1.2", "1.1.10", "1.2.1", "2.1.1"]).await,
        ["Stored"; 4]
    );

    let kept = bench.store.instances_of_series(&uid("1.1")).await.unwrap();
    let record = |sop: &str| InstanceRecord {
        headers: headers(sop, "p"),
        sha256: Sha256::of(sop.as_bytes()),
        size_bytes: sop.len() as u64,
        received_at: time::OffsetDateTime::UNIX_EPOCH,
    };
    assert_eq!(kept, [record("1.1.2"), record("1.1.10")]);
    let bytes = fs::read(bench.store.object_path(&kept[0].sha256)).unwrap();
    assert_eq!(bytes, b"1.1.2");
    assert_eq!(
        bench.store.instance(&uid("2.1.1")).await.unwrap(),
        Some(record("2.1.1"))
    );
    assert_eq!(bench.store.instance(&uid("9")).await.unwrap(), None);

    let study = bench.store.study(&uid("1")).await.unwrap().unwrap();
    assert_eq!(
        (study.series, study.instances, study.pending, study.with_result),
        (2, 3, 2, 0)
    );
    assert_eq!(
        bench.store.studies(1, 1).await.unwrap()[0].study_instance_uid,
        uid("2")
    );
    let series = bench.store.series_of_study(&uid("1")).await.unwrap();
    let lines = series
        .iter()
        .map(|s| (s.series_instance_uid.as_str(), s.instances, s.revision));
    assert_eq!(lines.collect::<Vec<_>>(), [("1.1", 2, 1), ("1.2", 1, 1)]);
}

#[tokio::test]
async fn the_same_again_and_the_same_name_with_other_content() {
    let bench = Bench::new().await;
    assert_eq!(bench.send(&["1.1.1"]).await, ["Stored"]);
    assert_eq!(
        bench.send(&["1.1.1", "1.1.2", "1.1.2"]).await,
        ["AlreadyThere", "Stored", "AlreadyThere"]
    );

    let other = new_instance(&bench.store, "1.1.1", "p", b"other content").await;
    let outcomes = bench.store.commit_many(vec![other], QUIET).await.unwrap();
    assert_eq!(outcomes, [Outcome::Conflict(ConflictReason::Content)]);

    let kept = bench.store.instance(&uid("1.1.1")).await.unwrap().unwrap();
    assert_eq!(kept.sha256, Sha256::of(b"1.1.1"));
    let conflicts = bench.store.conflicts(9).await.unwrap();
    assert_eq!(conflicts.len(), 1);
    assert_eq!(conflicts[0].kept_sha256, Some(Sha256::of(b"1.1.1")));
    assert_eq!(conflicts[0].offered_sha256, Sha256::of(b"other content"));
    assert!(!bench.store.object_path(&Sha256::of(b"other content")).exists());
}

#[tokio::test]
async fn a_study_has_one_patient_and_a_series_one_study() {
    let bench = Bench::new().await;
    bench.send(&["1.1.1"]).await;
    let named_by = |issuer: &str| {
        let mut headers = headers("1.1.2", "p");
        headers.patient.issuer = Some(Redacted::new(issuer.into()));
        headers
    };
    let mut elsewhere = headers("1.1.3", "p");
    elsewhere.study_instance_uid = uid("2");
    let rows = [
        (headers("1.1.2", "q"), Outcome::Conflict(ConflictReason::Patient)),
        (elsewhere, Outcome::Conflict(ConflictReason::Hierarchy)),
        (named_by("any"), Outcome::Stored),
    ];
    for (headers, expected) in rows {
        let object = staged(&bench.store, b"bytes").await;
        assert_eq!(
            bench.store.commit(object, headers, QUIET).await.unwrap(),
            expected
        );
    }
    let one = |issuer: Option<&str>| PatientKey {
        id: Redacted::new("p".into()),
        issuer: issuer.map(|i| Redacted::new(i.into())),
    };
    assert!(one(Some("a")).agrees_with(&one(None)));
    assert!(!one(Some("a")).agrees_with(&one(Some("b"))));
    assert!(bench.store.study(&uid("2")).await.unwrap().is_none());
}

#[tokio::test]
async fn a_lost_file_is_healed_by_sending_it_again() {
    let bench = Bench::new().await;
    bench.send(&["1.1.1"]).await;
    let path = bench.store.object_path(&Sha256::of(b"1.1.1"));
    fs::remove_file(&path).unwrap();
    assert_eq!(bench.send(&["1.1.1"]).await, ["AlreadyThere"]);
    assert_eq!(fs::read(path).unwrap(), b"1.1.1");
}

#[tokio::test]
async fn many_requests_at_once() {
    let bench = Bench::new().await;
    let mut running = tokio::task::JoinSet::new();
    for request in 0..8 {
        let store = bench.store.clone();
        running.spawn(async move {
            let mut instances = Vec::new();
            for i in 0..10 {
                let sop = format!("1.1.{}", (request % 4) * 10 + i);
                instances.push(new_instance(&store, &sop, "p", sop.as_bytes()).await);
            }
            store.commit_many(instances, QUIET).await.unwrap()
        });
    }
    let outcomes: Vec<Outcome> = running.join_all().await.concat();
    let stored = outcomes.iter().filter(|o| **o == Outcome::Stored).count();
    assert_eq!((outcomes.len(), stored), (80, 40));
    assert_eq!(
        bench.store.instances_of_series(&uid("1.1")).await.unwrap().len(),
        40
    );
}

/// Writes as a foreign program might, past the store.
async fn meddle(bench: &Bench, sql: &'static str) -> Result<(), sqlx::Error> {
    let file = bench.folder.path().join("hilum.sqlite");
    let mut connection = SqliteConnectOptions::new().filename(file).connect().await?;
    sqlx::query(sql).execute(&mut connection).await?;
    connection.close().await
}

#[tokio::test]
async fn an_impossible_row_is_named() {
    let rows = [
        (
            "UPDATE instances SET sha256 = 'ABC'",
            "table instances, row 1.1.1, column sha256: not a SHA-256",
        ),
        (
            "UPDATE instances SET size_bytes = -1",
            "table instances, row 1.1.1, column size_bytes: is negative",
        ),
        (
            "UPDATE studies SET study_date = 'May'",
            "table instances, row 1.1.1, column study_date: not YYYY-MM-DD",
        ),
        (
            "UPDATE instances SET transfer_syntax_uid = 'x'",
            "table instances, row 1.1.1, column transfer_syntax_uid: \
             uid has a character other than digit or dot at position 0",
        ),
        (
            "UPDATE instances SET received_ms = 9223372036854775807",
            "table instances, row 1.1.1, column received_ms: out of range",
        ),
    ];
    for (sql, expected) in rows {
        let bench = Bench::new().await;
        bench.send(&["1.1.1"]).await;
        meddle(&bench, sql).await.unwrap();
        let error = bench.store.instance(&uid("1.1.1")).await.unwrap_err();
        assert!(matches!(error, StoreError::ImpossibleRow { .. }));
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test]
async fn append_only_tables_refuse_change() {
    let bench = Bench::new().await;
    bench.send(&["1.1.1"]).await;
    let other = new_instance(&bench.store, "1.1.1", "p", b"other").await;
    bench.store.commit_many(vec![other], QUIET).await.unwrap();
    let result = crate::sample::result("1.1", b"inputs");
    let facts = crate::sample::facts("1.1", 1);
    bench.store.save_result(&result, &facts, None).await.unwrap();
    for sql in [
        "UPDATE facts SET body = '{}'",
        "DELETE FROM facts",
        "UPDATE results SET body = '{}'",
        "DELETE FROM results",
        "UPDATE conflicts SET reason = 'patient'",
        "DELETE FROM conflicts",
    ] {
        let error = meddle(&bench, sql).await.unwrap_err();
        assert!(error.to_string().contains("append-only"), "{sql}: {error}");
    }
}
