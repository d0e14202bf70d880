//! Studies, series and instances as a worklist and a reader of files ask for them.

use hilum_domain::{Redacted, Sha256, Uid};
use sqlx::sqlite::SqliteRow;
use time::{Date, OffsetDateTime};

use crate::headers::{patient, study_date};
use crate::rows::Cells;
use crate::{ConflictReason, InstanceRecord, JobState, PatientKey, Store, StoreError};

/// One line of the worklist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StudySummary {
    /// (0020,000D).
    pub study_instance_uid: Uid,
    /// Whose study it is.
    pub patient: PatientKey,
    /// (0008,0020).
    pub study_date: Option<Date>,
    /// When its newest instance came.
    pub last_received_at: OffsetDateTime,
    /// Series kept.
    pub series: u64,
    /// Instances kept.
    pub instances: u64,
    /// Series whose analysis waits or runs.
    pub pending: u64,
    /// Series whose newest job was given up.
    pub failed: u64,
    /// Series that have a result.
    pub with_result: u64,
}

/// One series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesSummary {
    /// (0020,000E).
    pub series_instance_uid: Uid,
    /// Study of the series.
    pub study_instance_uid: Uid,
    /// (0008,0060).
    pub modality: String,
    /// (0008,103E).
    pub description: Option<Redacted<String>>,
    /// Instances kept.
    pub instances: u64,
    /// Grows with every request that added an instance.
    pub revision: i64,
    /// State of the newest job.
    pub analysis: Option<JobState>,
}

/// An instance that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Why.
    pub reason: ConflictReason,
    /// SOP Instance UID that was offered.
    pub sop_instance_uid: Uid,
    /// Digest of the instance kept under this UID, if one is.
    pub kept_sha256: Option<Sha256>,
    /// Digest of what was offered.
    pub offered_sha256: Sha256,
    /// When it was offered.
    pub offered_at: OffsetDateTime,
}

const STUDIES: &str = "
    SELECT s.study_uid, s.patient_id, s.patient_issuer, s.study_date, s.last_received_ms,
        (SELECT COUNT(*) FROM series e WHERE e.study_uid = s.study_uid) AS series,
        (SELECT COUNT(*) FROM series e JOIN instances i ON i.series_uid = e.series_uid
            WHERE e.study_uid = s.study_uid) AS instances,
        (SELECT COUNT(DISTINCT e.series_uid) FROM series e JOIN jobs j ON j.series_uid = e.series_uid
            WHERE e.study_uid = s.study_uid AND j.state IN ('queued', 'running')) AS pending,
        (SELECT COUNT(*) FROM series e JOIN jobs j ON j.series_uid = e.series_uid AND j.revision = e.revision
            WHERE e.study_uid = s.study_uid AND j.state = 'failed') AS failed,
        (SELECT COUNT(DISTINCT e.series_uid) FROM series e JOIN results r ON r.series_uid = e.series_uid
            WHERE e.study_uid = s.study_uid) AS with_result
    FROM studies s ";

const SERIES: &str = "
    SELECT e.series_uid, e.study_uid, e.modality, e.description, e.revision, j.state, j.reason,
        (SELECT COUNT(*) FROM instances i WHERE i.series_uid = e.series_uid) AS instances
    FROM series e LEFT JOIN jobs j ON j.series_uid = e.series_uid AND j.revision = e.revision ";

const INSTANCES: &str = "
    SELECT i.sop_uid, i.sop_class_uid, i.transfer_syntax_uid, i.sha256, i.size_bytes, i.instance_number,
        i.received_ms, e.series_uid, e.modality, e.description,
        s.study_uid, s.patient_id, s.patient_issuer, s.study_date
    FROM instances i JOIN series e ON e.series_uid = i.series_uid JOIN studies s ON s.study_uid = e.study_uid ";

impl Store {
    /// Studies, newest arrival first.
    pub async fn studies(&self, limit: u32, offset: u32) -> Result<Vec<StudySummary>, StoreError> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "{STUDIES} ORDER BY s.last_received_ms DESC, s.study_uid LIMIT ?1 OFFSET ?2"
        )))
        .bind(limit)
        .bind(offset)
        .fetch_all(self.readers())
        .await?;
        rows.iter().map(study_summary).collect()
    }

    /// One study.
    pub async fn study(&self, study: &Uid) -> Result<Option<StudySummary>, StoreError> {
        let row = sqlx::query(sqlx::AssertSqlSafe(format!("{STUDIES} WHERE s.study_uid = ?1")))
            .bind(study.as_str())
            .fetch_optional(self.readers())
            .await?;
        row.as_ref().map(study_summary).transpose()
    }

    /// The series of a study, by UID.
    pub async fn series_of_study(&self, study: &Uid) -> Result<Vec<SeriesSummary>, StoreError> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "{SERIES} WHERE e.study_uid = ?1 ORDER BY e.series_uid"
        )))
        .bind(study.as_str())
        .fetch_all(self.readers())
        .await?;
        rows.iter().map(series_summary).collect()
    }

    /// One series.
    pub async fn series(&self, series: &Uid) -> Result<Option<SeriesSummary>, StoreError> {
        let row = sqlx::query(sqlx::AssertSqlSafe(format!("{SERIES} WHERE e.series_uid = ?1")))
            .bind(series.as_str())
            .fetch_optional(self.readers())
            .await?;
        row.as_ref().map(series_summary).transpose()
    }

    /// The instances of a series by instance number and UID; [`Store::object_path`] tells where a file is.
    pub async fn instances_of_series(&self, series: &Uid) -> Result<Vec<InstanceRecord>, StoreError> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "{INSTANCES} WHERE i.series_uid = ?1 ORDER BY i.instance_number, i.sop_uid"
        )))
        .bind(series.as_str())
        .fetch_all(self.readers())
        .await?;
        rows.iter().map(InstanceRecord::from_row).collect()
    }

    /// One instance.
    pub async fn instance(&self, sop_instance: &Uid) -> Result<Option<InstanceRecord>, StoreError> {
        let row = sqlx::query(sqlx::AssertSqlSafe(format!("{INSTANCES} WHERE i.sop_uid = ?1")))
            .bind(sop_instance.as_str())
            .fetch_optional(self.readers())
            .await?;
        row.as_ref().map(InstanceRecord::from_row).transpose()
    }

    /// Refused instances, newest first.
    pub async fn conflicts(&self, limit: u32) -> Result<Vec<Conflict>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, reason, sop_uid, kept_sha256, offered_sha256, offered_ms
             FROM conflicts ORDER BY id DESC LIMIT ?1",
        )
        .bind(limit)
        .fetch_all(self.readers())
        .await?;
        rows.iter().map(conflict).collect()
    }
}

fn study_summary(row: &SqliteRow) -> Result<StudySummary, StoreError> {
    let cells = Cells::keyed_by(row, "studies", "study_uid");
    Ok(StudySummary {
        study_instance_uid: cells.uid("study_uid")?,
        patient: patient(&cells)?,
        study_date: study_date(&cells)?,
        last_received_at: cells.time("last_received_ms")?,
        series: cells.count("series")?,
        instances: cells.count("instances")?,
        pending: cells.count("pending")?,
        failed: cells.count("failed")?,
        with_result: cells.count("with_result")?,
    })
}

fn series_summary(row: &SqliteRow) -> Result<SeriesSummary, StoreError> {
    let cells = Cells::keyed_by(row, "series", "series_uid");
    Ok(SeriesSummary {
        series_instance_uid: cells.uid("series_uid")?,
        study_instance_uid: cells.uid("study_uid")?,
        modality: cells.get("modality")?,
        description: cells.get::<Option<String>>("description")?.map(Redacted::new),
        instances: cells.count("instances")?,
        revision: cells.get("revision")?,
        analysis: JobState::from_cells(&cells)?,
    })
}

fn conflict(row: &SqliteRow) -> Result<Conflict, StoreError> {
    let cells = Cells::keyed_by(row, "conflicts", "sop_uid");
    let reason = match cells.get::<&str>("reason")? {
        "content" => ConflictReason::Content,
        "patient" => ConflictReason::Patient,
        "hierarchy" => ConflictReason::Hierarchy,
        _ => return Err(cells.impossible("reason", "not a reason".into())),
    };
    let has_kept = cells.get::<Option<&str>>("kept_sha256")?.is_some();
    Ok(Conflict {
        reason,
        sop_instance_uid: cells.uid("sop_uid")?,
        kept_sha256: has_kept.then(|| cells.sha256("kept_sha256")).transpose()?,
        offered_sha256: cells.sha256("offered_sha256")?,
        offered_at: cells.time("offered_ms")?,
    })
}
