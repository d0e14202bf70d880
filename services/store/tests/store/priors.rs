//! Which CT a CT is compared with, and which one again.

use hilum_domain::{ChangeCounts, PriorComparison, Redacted, Sha256, Status, StudyResult};
use time::{Date, macros::date};

use crate::sample::{Bench, QUIET, new_instance, result, uid};

/// Commits instances of one patient on a day, and the result of their series.
async fn scored(bench: &Bench, sops: &[&str], patient: (&str, Option<&str>), day: Date) -> StudyResult {
    let mut instances = Vec::new();
    for sop in sops {
        let mut new = new_instance(&bench.store, sop, patient.0, sop.as_bytes()).await;
        new.headers.study_date = Some(day);
        new.headers.patient.issuer = patient.1.map(|issuer| Redacted::new(issuer.into()));
        instances.push(new);
    }
    bench.store.commit_many(instances, QUIET).await.unwrap();
    let series = sops[0].rsplit_once('.').unwrap().0;
    let answer = result(series, series.as_bytes());
    bench.store.save_result(&answer, &[], None).await.unwrap();
    answer
}

async fn prior(bench: &Bench, series: &str) -> Option<String> {
    let prior = bench.store.prior_of_series(&uid(series)).await.unwrap();
    prior.map(|prior| prior.result.series_instance_uid.to_string())
}

#[tokio::test]
async fn the_newest_earlier_study_of_the_patient() {
    let bench = Bench::new().await;
    let p = ("p", Some("A"));
    scored(&bench, &["1.1.1"], p, date!(2020 - 01 - 01)).await;
    // Of two series, the one of more slices.
    scored(&bench, &["2.1.1"], p, date!(2021 - 01 - 01)).await;
    scored(&bench, &["2.2.1", "2.2.2"], p, date!(2021 - 01 - 01)).await;
    scored(&bench, &["3.1.1"], p, date!(2022 - 01 - 01)).await;
    // The same number by another issuer, another number, the same day.
    scored(&bench, &["4.1.1"], ("p", Some("B")), date!(2021 - 06 - 01)).await;
    scored(&bench, &["5.1.1"], ("q", Some("A")), date!(2021 - 06 - 02)).await;
    scored(&bench, &["6.1.1"], p, date!(2022 - 01 - 01)).await;
    assert_eq!(prior(&bench, "3.1").await.as_deref(), Some("2.2"));
    assert_eq!(prior(&bench, "2.1").await.as_deref(), Some("1.1"));
    for first in ["1.1", "4.1", "5.1"] {
        assert_eq!(prior(&bench, first).await, None, "{first}");
    }
}

#[tokio::test]
async fn nobody_is_a_patient_without_a_number() {
    let bench = Bench::new().await;
    scored(&bench, &["1.1.1"], ("", None), date!(2020 - 01 - 01)).await;
    scored(&bench, &["2.1.1"], ("", None), date!(2021 - 01 - 01)).await;
    assert_eq!(prior(&bench, "2.1").await, None);
}

#[tokio::test]
async fn what_was_not_analysed_is_no_prior() {
    let bench = Bench::new().await;
    let p = ("p", None);
    let first = scored(&bench, &["1.1.1"], p, date!(2020 - 01 - 01)).await;
    scored(&bench, &["2.1.1"], p, date!(2021 - 01 - 01)).await;
    let refused = StudyResult {
        status: Status::NotAnalysed,
        inputs_sha256: Sha256::of(b"again"),
        ..first
    };
    bench.store.save_result(&refused, &[], None).await.unwrap();
    assert_eq!(prior(&bench, "2.1").await, None);
    assert!(bench.store.to_compare_again(&refused).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_late_prior_asks_for_a_comparison_once() {
    let bench = Bench::new().await;
    let p = ("p", None);
    let later = scored(&bench, &["2.1.1"], p, date!(2021 - 01 - 01)).await;
    scored(&bench, &["3.1.1"], p, date!(2022 - 01 - 01)).await;
    let late = scored(&bench, &["1.1.1"], p, date!(2020 - 01 - 01)).await;
    let again = bench.store.to_compare_again(&late).await.unwrap();
    assert_eq!(again, [uid("2.1")], "only the next one");
    let compared = StudyResult {
        prior: Some(PriorComparison {
            study_instance_uid: uid("1"),
            series_instance_uid: uid("1.1"),
            inputs_sha256: Sha256::of(b"1.1"),
            study_date: None,
            interval_days: Some(366),
            landmarks: 30,
            nodules: Vec::new(),
            resolved: Vec::new(),
            counts: ChangeCounts::default(),
            warnings: Vec::new(),
        }),
        inputs_sha256: Sha256::of(b"both"),
        ..later
    };
    bench.store.save_result(&compared, &[], None).await.unwrap();
    assert!(bench.store.to_compare_again(&late).await.unwrap().is_empty());
}
