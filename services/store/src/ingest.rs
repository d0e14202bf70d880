//! Taking instances in.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use hilum_domain::{Redacted, Uid};
use sqlx::{Sqlite, Transaction};

use crate::headers::{date_text, patient};
use crate::objects::{StagedObject, keep, sync};
use crate::rows::{Cells, ms};
use crate::{InstanceHeaders, Store, StoreError, jobs};

/// An object with the headers that were read from it.
#[derive(Debug)]
pub struct NewInstance {
    /// The bytes.
    pub object: StagedObject,
    /// What they say about themselves.
    pub headers: InstanceHeaders,
}

/// What became of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is kept.
    Stored,
    /// The same bytes were kept before.
    AlreadyThere,
    /// It was refused; both sides are recorded and nothing kept was changed.
    Conflict(ConflictReason),
}

/// Why an instance contradicts what is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConflictReason {
    /// Other content under the same SOP Instance UID.
    Content,
    /// The study is kept for another patient.
    Patient,
    /// The series is kept in another study.
    Hierarchy,
}

impl ConflictReason {
    /// The form in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::Patient => "patient",
            Self::Hierarchy => "hierarchy",
        }
    }
}

type Write = Transaction<'static, Sqlite>;

impl Store {
    /// Commits the instances of one request together and returns their outcomes in the same order.
    ///
    /// When this returns, every stored instance survives a power cut. Each series that gained an instance has
    /// a job that becomes due when `quiet` has passed without another one. On an error nothing was committed.
    pub async fn commit_many(
        &self,
        instances: Vec<NewInstance>,
        quiet: Duration,
    ) -> Result<Vec<Outcome>, StoreError> {
        let staged = instances.iter().map(|i| i.object.path().to_owned());
        sync(staged.collect()).await?;

        let mut tx = self.write().await?;
        let now_ms = ms(self.now());
        let mut outcomes = Vec::with_capacity(instances.len());
        let mut moves: Vec<(PathBuf, PathBuf)> = Vec::new();
        let mut grown: BTreeSet<&Uid> = BTreeSet::new();
        for instance in &instances {
            let outcome = judge(&mut tx, instance).await?;
            let kept_at = self.object_path(instance.object.sha256());
            match outcome {
                Outcome::Stored => {
                    insert(&mut tx, instance, now_ms).await?;
                    grown.insert(&instance.headers.series_instance_uid);
                    moves.push((instance.object.path().to_owned(), kept_at));
                }
                // The row promises a file; if it was lost, this one is as good.
                Outcome::AlreadyThere if !kept_at.is_file() => {
                    moves.push((instance.object.path().to_owned(), kept_at));
                }
                Outcome::AlreadyThere => {}
                Outcome::Conflict(reason) => record_conflict(&mut tx, instance, reason, now_ms).await?,
            }
            outcomes.push(outcome);
        }
        for series in grown {
            let revision = sqlx::query_scalar(
                "UPDATE series SET revision = revision + 1 WHERE series_uid = ?1 RETURNING revision",
            )
            .bind(series.as_str())
            .fetch_one(&mut *tx)
            .await?;
            jobs::request(
                &mut tx,
                series,
                revision,
                now_ms.saturating_add(quiet.as_millis() as i64),
            )
            .await?;
        }
        // Files before rows: a committed row never names a file that a power cut could take away.
        keep(self.objects(), moves).await?;
        tx.commit().await?;
        Ok(outcomes)
    }

    /// [`Store::commit_many`] for a single instance.
    pub async fn commit(
        &self,
        object: StagedObject,
        headers: InstanceHeaders,
        quiet: Duration,
    ) -> Result<Outcome, StoreError> {
        let instance = NewInstance { object, headers };
        let outcomes = self.commit_many(vec![instance], quiet).await?;
        Ok(outcomes[0])
    }
}

async fn judge(tx: &mut Write, new: &NewInstance) -> Result<Outcome, StoreError> {
    let headers = &new.headers;
    let kept = sqlx::query("SELECT sop_uid, sha256 FROM instances WHERE sop_uid = ?1")
        .bind(headers.sop_instance_uid.as_str())
        .fetch_optional(&mut **tx)
        .await?;
    if let Some(row) = kept {
        let same = Cells::keyed_by(&row, "instances", "sop_uid").sha256("sha256")? == *new.object.sha256();
        return Ok(if same {
            Outcome::AlreadyThere
        } else {
            Outcome::Conflict(ConflictReason::Content)
        });
    }
    let study = sqlx::query("SELECT study_uid, patient_id, patient_issuer FROM studies WHERE study_uid = ?1")
        .bind(headers.study_instance_uid.as_str())
        .fetch_optional(&mut **tx)
        .await?;
    if let Some(row) = study
        && !patient(&Cells::keyed_by(&row, "studies", "study_uid"))?.agrees_with(&headers.patient)
    {
        return Ok(Outcome::Conflict(ConflictReason::Patient));
    }
    let study_of_series: Option<String> =
        sqlx::query_scalar("SELECT study_uid FROM series WHERE series_uid = ?1")
            .bind(headers.series_instance_uid.as_str())
            .fetch_optional(&mut **tx)
            .await?;
    if study_of_series.is_some_and(|study| study != headers.study_instance_uid.as_str()) {
        return Ok(Outcome::Conflict(ConflictReason::Hierarchy));
    }
    Ok(Outcome::Stored)
}

async fn insert(tx: &mut Write, new: &NewInstance, now_ms: i64) -> Result<(), StoreError> {
    let headers = &new.headers;
    sqlx::query(
        "INSERT INTO studies (study_uid, patient_id, patient_issuer, study_date, last_received_ms)
         VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (study_uid) DO UPDATE SET last_received_ms = excluded.last_received_ms",
    )
    .bind(headers.study_instance_uid.as_str())
    .bind(headers.patient.id.reveal())
    .bind(headers.patient.issuer.as_ref().map(Redacted::reveal))
    .bind(headers.study_date.map(date_text))
    .bind(now_ms)
    .execute(&mut **tx)
    .await?;
    sqlx::query(
        "INSERT INTO series (series_uid, study_uid, modality, description, revision)
         VALUES (?1, ?2, ?3, ?4, 0)
         ON CONFLICT (series_uid) DO NOTHING",
    )
    .bind(headers.series_instance_uid.as_str())
    .bind(headers.study_instance_uid.as_str())
    .bind(&headers.modality)
    .bind(headers.series_description.as_ref().map(Redacted::reveal))
    .execute(&mut **tx)
    .await?;
    sqlx::query(
        "INSERT INTO instances (sop_uid, series_uid, sop_class_uid, transfer_syntax_uid, sha256, size_bytes,
                                instance_number, received_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )
    .bind(headers.sop_instance_uid.as_str())
    .bind(headers.series_instance_uid.as_str())
    .bind(headers.sop_class_uid.as_str())
    .bind(headers.transfer_syntax_uid.as_str())
    .bind(new.object.sha256().as_str())
    .bind(new.object.size_bytes() as i64)
    .bind(headers.instance_number)
    .bind(now_ms)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn record_conflict(
    tx: &mut Write,
    offered: &NewInstance,
    reason: ConflictReason,
    now_ms: i64,
) -> Result<(), StoreError> {
    let headers = &offered.headers;
    sqlx::query(
        "INSERT INTO conflicts (reason, sop_uid, series_uid, study_uid, kept_sha256, offered_sha256,
                                offered_bytes, offered_ms)
         VALUES (?1, ?2, ?3, ?4, (SELECT sha256 FROM instances WHERE sop_uid = ?2), ?5, ?6, ?7)",
    )
    .bind(reason.as_str())
    .bind(headers.sop_instance_uid.as_str())
    .bind(headers.series_instance_uid.as_str())
    .bind(headers.study_instance_uid.as_str())
    .bind(offered.object.sha256().as_str())
    .bind(offered.object.size_bytes() as i64)
    .bind(now_ms)
    .execute(&mut **tx)
    .await?;
    Ok(())
}
