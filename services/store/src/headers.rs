//! What the store knows about an instance without opening its file.

use hilum_domain::{Redacted, Sha256, Uid};
use sqlx::sqlite::SqliteRow;
use time::{Date, OffsetDateTime};

use crate::StoreError;
use crate::rows::Cells;

/// A patient as an issuer numbers them: Patient ID (0010,0020) and Issuer of Patient ID (0010,0021).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientKey {
    /// Patient ID; empty when the object has none.
    pub id: Redacted<String>,
    /// Issuer, when the object names one.
    pub issuer: Option<Redacted<String>>,
}

impl PatientKey {
    /// Whether both can be the same person: same id, and no two different issuers.
    pub fn agrees_with(&self, other: &Self) -> bool {
        let issuers_differ = matches!((&self.issuer, &other.issuer), (Some(a), Some(b)) if a != b);
        self.id == other.id && !issuers_differ
    }
}

/// Attributes that the caller read from an object and that the store keeps in columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceHeaders {
    /// (0020,000D).
    pub study_instance_uid: Uid,
    /// (0020,000E).
    pub series_instance_uid: Uid,
    /// (0008,0018).
    pub sop_instance_uid: Uid,
    /// (0008,0016).
    pub sop_class_uid: Uid,
    /// (0002,0010) as stored.
    pub transfer_syntax_uid: Uid,
    /// Whose it is.
    pub patient: PatientKey,
    /// (0008,0060), for example `CT`.
    pub modality: String,
    /// (0020,0013).
    pub instance_number: Option<i32>,
    /// (0008,0020).
    pub study_date: Option<Date>,
    /// (0008,103E); free text that a person typed, so it may name the patient.
    pub series_description: Option<Redacted<String>>,
}

/// A kept instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceRecord {
    /// Its attributes.
    pub headers: InstanceHeaders,
    /// Digest of the file as it was sent.
    pub sha256: Sha256,
    /// Length of the file.
    pub size_bytes: u64,
    /// When the request that brought it was committed, to the millisecond.
    pub received_at: OffsetDateTime,
}

impl InstanceRecord {
    /// From a row of `instances` joined with its series and study.
    pub(crate) fn from_row(row: &SqliteRow) -> Result<Self, StoreError> {
        let cells = Cells::keyed_by(row, "instances", "sop_uid");
        let headers = InstanceHeaders {
            study_instance_uid: cells.uid("study_uid")?,
            series_instance_uid: cells.uid("series_uid")?,
            sop_instance_uid: cells.uid("sop_uid")?,
            sop_class_uid: cells.uid("sop_class_uid")?,
            transfer_syntax_uid: cells.uid("transfer_syntax_uid")?,
            patient: patient(&cells)?,
            modality: cells.get("modality")?,
            instance_number: cells.get("instance_number")?,
            study_date: study_date(&cells)?,
            series_description: cells.get::<Option<String>>("description")?.map(Redacted::new),
        };
        Ok(Self {
            headers,
            sha256: cells.sha256("sha256")?,
            size_bytes: cells.count("size_bytes")?,
            received_at: cells.time("received_ms")?,
        })
    }
}

/// The patient of a row that has the columns of `studies`.
pub(crate) fn patient(cells: &Cells<'_>) -> Result<PatientKey, StoreError> {
    Ok(PatientKey {
        id: Redacted::new(cells.get("patient_id")?),
        issuer: cells.get::<Option<String>>("patient_issuer")?.map(Redacted::new),
    })
}

const DATE: &[time::format_description::BorrowedFormatItem<'_>] =
    time::macros::format_description!("[year]-[month]-[day]");

/// The study date of a row that has the columns of `studies`.
pub(crate) fn study_date(cells: &Cells<'_>) -> Result<Option<Date>, StoreError> {
    let Some(text) = cells.get::<Option<String>>("study_date")? else {
        return Ok(None);
    };
    let date =
        Date::parse(&text, DATE).map_err(|_| cells.impossible("study_date", "not YYYY-MM-DD".into()))?;
    Ok(Some(date))
}

/// `YYYY-MM-DD`, which sorts.
pub(crate) fn date_text(date: Date) -> String {
    format!(
        "{:04}-{:02}-{:02}",
        date.year(),
        u8::from(date.month()),
        date.day()
    )
}
