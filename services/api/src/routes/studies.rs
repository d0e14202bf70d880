//! `GET /api/v1/studies`

use axum::Json;
use axum::extract::State;
use hilum_store::StudySummary;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::ApiState;
use crate::extract::ApiQuery;
use crate::problem::{Problem, ProblemDetails};

/// Which page of the worklist.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct Page {
    /// Studies wanted, at most 500.
    limit: u32,
    /// Studies to pass over.
    offset: u32,
}

impl Default for Page {
    fn default() -> Self {
        Self {
            limit: 100,
            offset: 0,
        }
    }
}

/// The worklist, newest arrival first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Worklist {
    studies: Vec<WorklistEntry>,
}

/// One study of the worklist.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WorklistEntry {
    study_instance_uid: String,
    /// Patient ID (0010,0020).
    patient_id: String,
    /// Issuer of Patient ID (0010,0021).
    issuer_of_patient_id: Option<String>,
    /// YYYY-MM-DD.
    study_date: Option<String>,
    /// RFC 3339.
    #[serde(with = "time::serde::rfc3339")]
    last_received_at: time::OffsetDateTime,
    status: StudyStatus,
    progress: Progress,
}

/// Where a study stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StudyStatus {
    /// Kept; nothing is to be analysed.
    Received,
    /// An analysis waits or runs.
    Analysing,
    /// An analysis was given up.
    Failed,
    /// The result is there.
    Done,
}

/// How far a study is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Progress {
    /// Series kept.
    series: u64,
    /// Instances kept.
    instances: u64,
    /// Series whose analysis waits or runs.
    pending: u64,
    /// Series whose newest analysis was given up.
    failed: u64,
    /// Series that have a result.
    with_result: u64,
}

impl From<&StudySummary> for StudyStatus {
    fn from(study: &StudySummary) -> Self {
        match study {
            _ if study.pending > 0 => Self::Analysing,
            _ if study.failed > 0 => Self::Failed,
            _ if study.with_result > 0 => Self::Done,
            _ => Self::Received,
        }
    }
}

impl From<StudySummary> for WorklistEntry {
    fn from(study: StudySummary) -> Self {
        Self {
            status: StudyStatus::from(&study),
            patient_id: study.patient.id.reveal().clone(),
            issuer_of_patient_id: study
                .patient
                .issuer
                .as_ref()
                .map(|issuer| issuer.reveal().clone()),
            study_instance_uid: study.study_instance_uid.to_string(),
            study_date: study.study_date.map(|date| date.to_string()),
            last_received_at: study.last_received_at,
            progress: Progress {
                series: study.series,
                instances: study.instances,
                pending: study.pending,
                failed: study.failed,
                with_result: study.with_result,
            },
        }
    }
}

/// The worklist with status and progress.
#[utoipa::path(
    get, path = "/api/v1/studies", tag = "studies", params(Page),
    responses((status = 200, body = Worklist), (status = 400, body = ProblemDetails)),
)]
pub(crate) async fn studies(
    State(state): State<ApiState>,
    ApiQuery(page): ApiQuery<Page>,
) -> Result<Json<Worklist>, Problem> {
    let studies = state.store.studies(page.limit.min(500), page.offset).await?;
    Ok(Json(Worklist {
        studies: studies.into_iter().map(WorklistEntry::from).collect(),
    }))
}
