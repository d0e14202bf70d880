//! Results: one row for each (series, inputs, model), never changed.

use hilum_domain::{NewFact, StudyResult, Uid};
use sqlx::sqlite::SqliteRow;
use time::OffsetDateTime;

use crate::rows::{Cells, ms};
use crate::{Job, Store, StoreError, facts, jobs};

/// A recorded result.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredResult {
    /// Number of the result; a later one has a higher number.
    pub id: i64,
    /// When it was recorded, to the millisecond.
    pub created_at: OffsetDateTime,
    /// The result itself.
    pub result: StudyResult,
}

/// What became of a result that was offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SavedResult {
    /// Recorded with its facts.
    Recorded {
        /// Number of the result.
        id: i64,
        /// Number of the last fact of the feed.
        last_seq: i64,
    },
    /// The same inputs were answered by the same model before; neither result nor facts were recorded again.
    AlreadyThere {
        /// Number of the earlier result.
        id: i64,
    },
}

impl Store {
    /// Records a result, appends its facts and ends its job, all or nothing.
    ///
    /// Fails with [`StoreError::LeaseLost`] and records nothing when another worker may hold the job.
    pub async fn save_result(
        &self,
        result: &StudyResult,
        facts: &[NewFact],
        job: Option<&Job>,
    ) -> Result<SavedResult, StoreError> {
        let body = serde_json::to_string(result).map_err(|source| StoreError::Json {
            what: "result",
            source,
        })?;
        let series = &result.series_instance_uid;
        let now_ms = ms(self.now());
        let mut tx = self.write().await?;
        if let Some(job) = job {
            if job.series_instance_uid != *series {
                return Err(StoreError::OtherSeries {
                    job: job.id,
                    expected: job.series_instance_uid.clone(),
                    found: series.clone(),
                });
            }
            jobs::finish(&mut tx, job).await?;
        }
        let known: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM series WHERE series_uid = ?1)")
            .bind(series.as_str())
            .fetch_one(&mut *tx)
            .await?;
        if !known {
            return Err(StoreError::UnknownSeries(series.clone()));
        }
        let earlier: Option<i64> = sqlx::query_scalar(
            "SELECT id FROM results WHERE series_uid = ?1 AND inputs_sha256 = ?2 AND model_sha256 = ?3",
        )
        .bind(series.as_str())
        .bind(result.inputs_sha256.as_str())
        .bind(result.model.sha256.as_str())
        .fetch_optional(&mut *tx)
        .await?;
        if let Some(id) = earlier {
            tx.commit().await?;
            return Ok(SavedResult::AlreadyThere { id });
        }
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO results (series_uid, inputs_sha256, model_sha256, body, created_ms)
             VALUES (?1, ?2, ?3, ?4, ?5) RETURNING id",
        )
        .bind(series.as_str())
        .bind(result.inputs_sha256.as_str())
        .bind(result.model.sha256.as_str())
        .bind(body)
        .bind(now_ms)
        .fetch_one(&mut *tx)
        .await?;
        let last_seq = facts::append(&mut tx, facts, now_ms).await?;
        tx.commit().await?;
        self.announce(last_seq);
        Ok(SavedResult::Recorded { id, last_seq })
    }

    /// The newest result of a series.
    pub async fn latest_result(&self, series: &Uid) -> Result<Option<StoredResult>, StoreError> {
        let row = sqlx::query(
            "SELECT id, body, created_ms FROM results WHERE series_uid = ?1 ORDER BY id DESC LIMIT 1",
        )
        .bind(series.as_str())
        .fetch_optional(self.readers())
        .await?;
        row.as_ref().map(stored_result).transpose()
    }

    /// The newest result of each series of a study, by series UID.
    pub async fn latest_results_of_study(&self, study: &Uid) -> Result<Vec<StoredResult>, StoreError> {
        let rows = sqlx::query(
            "SELECT r.id, r.body, r.created_ms FROM results r JOIN series e ON e.series_uid = r.series_uid
             WHERE e.study_uid = ?1
             AND r.id = (SELECT MAX(n.id) FROM results n WHERE n.series_uid = r.series_uid)
             ORDER BY r.series_uid",
        )
        .bind(study.as_str())
        .fetch_all(self.readers())
        .await?;
        rows.iter().map(stored_result).collect()
    }
}

fn stored_result(row: &SqliteRow) -> Result<StoredResult, StoreError> {
    let id: i64 = Cells::new(row, "results", &"without a key").get("id")?;
    let cells = Cells::new(row, "results", &id);
    Ok(StoredResult {
        id,
        created_at: cells.time("created_ms")?,
        result: cells.json("body")?,
    })
}
