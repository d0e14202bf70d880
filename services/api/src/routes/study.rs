//! `GET /api/v1/studies/{uid}`

use axum::Json;
use axum::extract::State;
use hilum_domain::Uid;
use hilum_store::{JobState, SeriesSummary};
use serde::Serialize;
use utoipa::ToSchema;

use super::studies::WorklistEntry;
use crate::ApiState;
use crate::extract::ApiPath;
use crate::problem::{Problem, ProblemDetails};

/// A study with its series.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Study {
    #[serde(flatten)]
    summary: WorklistEntry,
    series_list: Vec<Series>,
}

/// One series.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the names of DICOM attributes")]
pub(crate) struct Series {
    series_instance_uid: String,
    modality: String,
    /// Series Description (0008,103E).
    description: Option<String>,
    instances: u64,
    /// Grows with every upload that added an instance.
    revision: i64,
    analysis: Option<Analysis>,
}

/// Where the analysis of a series stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub(crate) enum Analysis {
    /// Waits for its time.
    Queued,
    /// A worker holds it.
    Running,
    /// Its result is recorded.
    Done,
    /// Given up.
    Failed {
        /// Why.
        reason: String,
    },
}

impl From<JobState> for Analysis {
    fn from(state: JobState) -> Self {
        match state {
            JobState::Queued => Self::Queued,
            JobState::Running => Self::Running,
            JobState::Done => Self::Done,
            JobState::Failed(reason) => Self::Failed { reason },
        }
    }
}

impl From<SeriesSummary> for Series {
    fn from(series: SeriesSummary) -> Self {
        Self {
            series_instance_uid: series.series_instance_uid.to_string(),
            modality: series.modality,
            description: series.description.map(|text| text.reveal().clone()),
            instances: series.instances,
            revision: series.revision,
            analysis: series.analysis.map(Analysis::from),
        }
    }
}

/// The study, or 404.
pub(super) async fn find(state: &ApiState, uid: &Uid) -> Result<Study, Problem> {
    let summary = state.store.study(uid).await?;
    let summary = summary.ok_or_else(|| Problem::not_found("no such study"))?;
    let series = state.store.series_of_study(uid).await?;
    Ok(Study {
        summary: summary.into(),
        series_list: series.into_iter().map(Series::from).collect(),
    })
}

/// A study with the state of its series.
#[utoipa::path(
    get, path = "/api/v1/studies/{uid}", tag = "studies",
    params(("uid" = String, Path, description = "Study Instance UID")),
    responses(
        (status = 200, body = Study), (status = 400, body = ProblemDetails), (status = 404, body = ProblemDetails),
    ),
)]
pub(crate) async fn study(
    State(state): State<ApiState>,
    ApiPath(uid): ApiPath<Uid>,
) -> Result<Json<Study>, Problem> {
    Ok(Json(find(&state, &uid).await?))
}
