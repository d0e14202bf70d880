//! A store in a temporary folder with a clock to turn, and things to put in.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use hilum_domain::{
    Clock, ElapsedMs, ModelIdentity, NewFact, NodeId, NodeKind, Provenance, Redacted, Sha256, Statement,
    Status, StudyResult, Uid,
};
use hilum_store::{InstanceHeaders, NewInstance, PatientKey, StagedObject, Store};
use time::OffsetDateTime;

pub(crate) const QUIET: Duration = Duration::from_secs(30);
pub(crate) const LEASE: Duration = Duration::from_mins(1);

/// Seconds since 1970, turned by hand.
#[derive(Debug, Default)]
pub(crate) struct Hand(AtomicI64);

impl Hand {
    pub(crate) fn turn(&self, by: Duration) {
        self.0.fetch_add(by.as_secs() as i64, Ordering::SeqCst);
    }
}

impl Clock for Hand {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH + time::Duration::seconds(self.0.load(Ordering::SeqCst))
    }
}

pub(crate) struct Bench {
    pub(crate) store: Store,
    pub(crate) clock: Arc<Hand>,
    pub(crate) folder: tempfile::TempDir,
}

impl Bench {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(Hand::default());
        let store = open(folder.path(), clock.clone()).await;
        Self { store, clock, folder }
    }

    /// Commits instances `study.series.number` of patient `p` and returns the outcomes in words.
    pub(crate) async fn send(&self, uids: &[&str]) -> Vec<String> {
        let mut instances = Vec::new();
        for sop in uids {
            instances.push(new_instance(&self.store, sop, "p", sop.as_bytes()).await);
        }
        let outcomes = self.store.commit_many(instances, QUIET).await.unwrap();
        outcomes.iter().map(|outcome| format!("{outcome:?}")).collect()
    }
}

pub(crate) async fn open(folder: &Path, clock: Arc<dyn Clock>) -> Store {
    Store::open(folder, clock).await.unwrap()
}

pub(crate) fn uid(text: &str) -> Uid {
    Uid::parse(text).unwrap()
}

pub(crate) async fn staged(store: &Store, bytes: &[u8]) -> StagedObject {
    let mut incoming = store.stage(1 << 20).await.unwrap();
    for chunk in bytes.chunks(5) {
        incoming.write(chunk).await.unwrap();
    }
    incoming.finish().await.unwrap()
}

/// Headers of instance `study.series.number`: its series is `study.series`, its study `study`.
pub(crate) fn headers(sop: &str, patient: &str) -> InstanceHeaders {
    let (series, number) = sop.rsplit_once('.').unwrap();
    let (study, _) = series.rsplit_once('.').unwrap();
    InstanceHeaders {
        study_instance_uid: uid(study),
        series_instance_uid: uid(series),
        sop_instance_uid: uid(sop),
        sop_class_uid: uid("1.2.840.10008.5.1.4.1.1.2"),
        transfer_syntax_uid: uid("1.2.840.10008.1.2.1"),
        patient: PatientKey {
            id: Redacted::new(patient.into()),
            issuer: None,
        },
        modality: "CT".into(),
        instance_number: number.parse().ok(),
        study_date: Some(time::macros::date!(2024 - 02 - 29)),
        series_description: Some(Redacted::new("Thorax 1.0".into())),
    }
}

pub(crate) async fn new_instance(store: &Store, sop: &str, patient: &str, bytes: &[u8]) -> NewInstance {
    NewInstance {
        object: staged(store, bytes).await,
        headers: headers(sop, patient),
    }
}

/// A result of a series for some inputs; the model is always the same.
pub(crate) fn result(series: &str, inputs: &[u8]) -> StudyResult {
    StudyResult {
        study_instance_uid: uid(series.rsplit_once('.').unwrap().0),
        series_instance_uid: uid(series),
        status: Status::Scored,
        reason: None,
        nodules: Vec::new(),
        model: ModelIdentity {
            name: "test".into(),
            version: "1".into(),
            sha256: Sha256::of(b"model"),
        },
        // Two thirds do not survive a JSON reader that rounds.
        exam: BTreeMap::from([("sum".into(), serde_json::json!(2.0 / 3.0 * 1e-5))]),
        prior: None,
        inputs_sha256: Sha256::of(inputs),
        elapsed_ms: ElapsedMs::default(),
        warnings: Vec::new(),
    }
}

/// Facts that state as many nodes.
pub(crate) fn facts(key: &str, count: usize) -> Vec<NewFact> {
    let fact = |i| NewFact {
        statement: Statement::Node {
            id: NodeId::new(NodeKind::Nodule, &format!("{key}.{i}")),
            kind: NodeKind::Nodule,
            attributes: serde_json::Map::from_iter([("volume_mm3".into(), serde_json::json!(0.1 + 0.2))]),
        },
        provenance: Provenance::Rule { name: "test".into() },
        valid_from: OffsetDateTime::UNIX_EPOCH + time::Duration::nanoseconds(1),
    };
    (0..count).map(fact).collect()
}
