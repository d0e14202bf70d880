//! The durable queue of analyses.
//!
//! Own statements instead of apalis-sqlite 1.0, which was looked at: there a task is acknowledged by a
//! statement of its own, in batches, so a result, its facts and the end of its job could not be one
//! transaction; a waiting task cannot be moved, so a series that is still arriving would ask once per
//! request; a lease belongs to a worker, not to an attempt; and time is the database's, not our [`hilum_domain::Clock`].

use std::time::Duration;

use hilum_domain::Uid;
use sqlx::{Sqlite, Transaction};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::rows::{Cells, ms};
use crate::{Store, StoreError};

/// After so many attempts a job is given up, whether they failed or their process died.
pub const MAX_ATTEMPTS: u32 = 5;

const FIRST_RETRY: Duration = Duration::from_secs(5);
const LONGEST_RETRY: Duration = Duration::from_mins(10);

/// A job that this process holds until its lease runs out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Number of the job.
    pub id: i64,
    /// The series to analyse.
    pub series_instance_uid: Uid,
    /// Revision of the series that asked for it; the instances may be newer.
    pub revision: i64,
    /// 1 for the first attempt.
    pub attempt: u32,
    /// When another worker may take it.
    pub lease_until: OffsetDateTime,
    lease_token: String,
}

impl Job {
    /// How long to wait before the next attempt: 5 s, doubled each time, at most 10 minutes.
    pub fn backoff(&self) -> Duration {
        let doublings = self.attempt.saturating_sub(1).min(10);
        LONGEST_RETRY.min(FIRST_RETRY * 2_u32.pow(doublings))
    }
}

/// Where a job stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobState {
    /// Waits for its time.
    Queued,
    /// A worker holds it.
    Running,
    /// Its result is recorded.
    Done,
    /// Given up, for this reason.
    Failed(String),
}

impl JobState {
    /// From `state` and `reason`, both null where there is no job.
    pub(crate) fn from_cells(cells: &Cells<'_>) -> Result<Option<Self>, StoreError> {
        Ok(match cells.get::<Option<&str>>("state")? {
            None => None,
            Some("queued") => Some(Self::Queued),
            Some("running") => Some(Self::Running),
            Some("done") => Some(Self::Done),
            Some("failed") => {
                let reason: Option<String> = cells.get("reason")?;
                let reason =
                    reason.ok_or_else(|| cells.impossible("reason", "is null on a failed job".into()))?;
                Some(Self::Failed(reason))
            }
            Some(_) => return Err(cells.impossible("state", "not a job state".into())),
        })
    }
}

impl Store {
    /// Takes the job that has been due longest, for `lease` from now. `None` when nothing is due.
    ///
    /// A job whose lease ran out is due. Jobs of a series run one at a time.
    pub async fn claim(&self, lease: Duration) -> Result<Option<Job>, StoreError> {
        let now_ms = ms(self.now());
        let mut tx = self.write().await?;
        give_up_expired(&mut tx, now_ms).await?;
        let row = sqlx::query(
            "UPDATE jobs SET state = 'running', attempts = attempts + 1, lease_token = ?2, lease_until_ms = ?3
             WHERE id = (
                SELECT j.id FROM jobs j
                WHERE ((j.state = 'queued' AND j.due_ms <= ?1) OR (j.state = 'running' AND j.lease_until_ms <= ?1))
                AND NOT EXISTS (SELECT 1 FROM jobs r
                    WHERE r.series_uid = j.series_uid AND r.id <> j.id AND r.state = 'running')
                ORDER BY j.due_ms, j.id LIMIT 1)
             RETURNING id, series_uid, revision, attempts, lease_token, lease_until_ms",
        )
        .bind(now_ms)
        .bind(Uuid::new_v4().to_string())
        .bind(now_ms.saturating_add(lease.as_millis() as i64))
        .fetch_optional(&mut *tx)
        .await?;
        tx.commit().await?;
        let Some(row) = row else { return Ok(None) };
        let cells = Cells::keyed_by(&row, "jobs", "series_uid");
        Ok(Some(Job {
            id: cells.get("id")?,
            series_instance_uid: cells.uid("series_uid")?,
            revision: cells.get("revision")?,
            attempt: cells.get("attempts")?,
            lease_until: cells.time("lease_until_ms")?,
            lease_token: cells.get("lease_token")?,
        }))
    }

    /// Extends the lease to `lease` from now.
    pub async fn heartbeat(&self, job: &mut Job, lease: Duration) -> Result<(), StoreError> {
        let until_ms = ms(self.now()).saturating_add(lease.as_millis() as i64);
        let mut tx = self.write().await?;
        let row = sqlx::query(
            "UPDATE jobs SET lease_until_ms = ?3 WHERE id = ?1 AND lease_token = ?2
             RETURNING lease_until_ms",
        )
        .bind(job.id)
        .bind(&job.lease_token)
        .bind(until_ms)
        .fetch_optional(&mut *tx)
        .await?;
        let row = row.ok_or(StoreError::LeaseLost { job: job.id })?;
        job.lease_until = Cells::new(&row, "jobs", &job.id).time("lease_until_ms")?;
        Ok(tx.commit().await?)
    }

    /// Ends the job without a result. [`Store::save_result`] does it together with one.
    pub async fn complete(&self, job: &Job) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        finish(&mut tx, job).await?;
        Ok(tx.commit().await?)
    }

    /// Puts the job back until `retry_at`, or gives it up: when that is `None`, after [`MAX_ATTEMPTS`], or
    /// when newer instances have asked for another. `reason` must not hold patient data.
    pub async fn fail(
        &self,
        job: &Job,
        reason: &str,
        retry_at: Option<OffsetDateTime>,
    ) -> Result<JobState, StoreError> {
        let mut tx = self.write().await?;
        let superseded: bool =
            sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM jobs WHERE series_uid = ?1 AND revision > ?2)")
                .bind(job.series_instance_uid.as_str())
                .bind(job.revision)
                .fetch_one(&mut *tx)
                .await?;
        let retry_at = retry_at.filter(|_| job.attempt < MAX_ATTEMPTS && !superseded);
        let state = if retry_at.is_some() { "queued" } else { "failed" };
        let updated = sqlx::query(
            "UPDATE jobs SET state = ?3, reason = ?4, due_ms = COALESCE(?5, due_ms),
                lease_token = NULL, lease_until_ms = NULL
             WHERE id = ?1 AND lease_token = ?2",
        )
        .bind(job.id)
        .bind(&job.lease_token)
        .bind(state)
        .bind(reason)
        .bind(retry_at.map(ms))
        .execute(&mut *tx)
        .await?;
        if updated.rows_affected() == 0 {
            return Err(StoreError::LeaseLost { job: job.id });
        }
        tx.commit().await?;
        Ok(if retry_at.is_some() {
            JobState::Queued
        } else {
            JobState::Failed(reason.to_owned())
        })
    }

    /// Asks for the analysis of a series as it is now, again if it was done or given up.
    pub async fn request_analysis(&self, series: &Uid) -> Result<(), StoreError> {
        let now_ms = ms(self.now());
        let mut tx = self.write().await?;
        let revision: Option<i64> = sqlx::query_scalar("SELECT revision FROM series WHERE series_uid = ?1")
            .bind(series.as_str())
            .fetch_optional(&mut *tx)
            .await?;
        let revision = revision.ok_or_else(|| StoreError::UnknownSeries(series.clone()))?;
        sqlx::query(
            "INSERT INTO jobs (series_uid, revision, state, attempts, due_ms) VALUES (?1, ?2, 'queued', 0, ?3)
             ON CONFLICT (series_uid, revision) DO UPDATE
             SET state = 'queued', attempts = 0, due_ms = excluded.due_ms, reason = NULL
             WHERE jobs.state <> 'running'",
        )
        .bind(series.as_str())
        .bind(revision)
        .bind(now_ms)
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }
}

/// Asks for the analysis of this revision; a waiting job of the series moves on to it and waits anew.
pub(crate) async fn request(
    tx: &mut Transaction<'static, Sqlite>,
    series: &Uid,
    revision: i64,
    due_ms: i64,
) -> Result<(), StoreError> {
    let moved = sqlx::query(
        "UPDATE jobs SET revision = ?2, due_ms = ?3, attempts = 0, reason = NULL
         WHERE series_uid = ?1 AND state = 'queued'",
    )
    .bind(series.as_str())
    .bind(revision)
    .bind(due_ms)
    .execute(&mut **tx)
    .await?;
    if moved.rows_affected() == 0 {
        sqlx::query(
            "INSERT INTO jobs (series_uid, revision, state, attempts, due_ms) VALUES (?1, ?2, 'queued', 0, ?3)",
        )
        .bind(series.as_str())
        .bind(revision)
        .bind(due_ms)
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// Marks the job done if the lease is still its holder's.
pub(crate) async fn finish(tx: &mut Transaction<'static, Sqlite>, job: &Job) -> Result<(), StoreError> {
    let updated = sqlx::query(
        "UPDATE jobs SET state = 'done', reason = NULL, lease_token = NULL, lease_until_ms = NULL
         WHERE id = ?1 AND lease_token = ?2",
    )
    .bind(job.id)
    .bind(&job.lease_token)
    .execute(&mut **tx)
    .await?;
    if updated.rows_affected() == 0 {
        return Err(StoreError::LeaseLost { job: job.id });
    }
    Ok(())
}

/// Ends jobs whose worker died and that must not run again. Without the limit on attempts, an input that
/// kills its worker would kill one after the other.
async fn give_up_expired(tx: &mut Transaction<'static, Sqlite>, now_ms: i64) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE jobs SET state = 'failed', lease_token = NULL, lease_until_ms = NULL,
            reason = CASE WHEN attempts >= ?2 THEN 'lease ran out on the last attempt'
                          ELSE 'superseded by newer instances' END
         WHERE state = 'running' AND lease_until_ms <= ?1
         AND (attempts >= ?2 OR EXISTS (SELECT 1 FROM jobs n
                WHERE n.series_uid = jobs.series_uid AND n.revision > jobs.revision))",
    )
    .bind(now_ms)
    .bind(MAX_ATTEMPTS)
    .execute(&mut **tx)
    .await?;
    Ok(())
}
