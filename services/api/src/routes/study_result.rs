//! `GET /api/v1/studies/{uid}/result`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use hilum_domain::{Status, Uid};
use hilum_store::StoredResult;
use serde::Deserialize;
use utoipa::IntoParams;

use super::studies::StudyStatus;
use super::study::{self, Study};
use crate::ApiState;
use crate::extract::{ApiPath, ApiQuery};
use crate::problem::{Problem, ProblemDetails};

/// Which result of the study.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct Choice {
    /// Only the result of this series (Series Instance UID).
    #[param(value_type = Option<String>)]
    series: Option<Uid>,
}

/// The newest result as it was recorded.
///
/// Where a study has several series, a scored one comes before one that was not analysed, and the newest
/// first among equals. While an analysis waits or runs the answer is 202 with the state of the study, because
/// an older result may not know of the newest instances.
#[utoipa::path(
    get, path = "/api/v1/studies/{uid}/result", tag = "studies",
    params(("uid" = String, Path, description = "Study Instance UID"), Choice),
    responses(
        (status = 200, body = Object, description = "a study result, the object that `hilum score --json` prints"),
        (status = 202, body = Study, description = "not yet"),
        (status = 400, body = ProblemDetails),
        (status = 404, body = ProblemDetails, description = "no such study, or no result of it"),
    ),
)]
pub(crate) async fn study_result(
    State(state): State<ApiState>,
    ApiPath(uid): ApiPath<Uid>,
    ApiQuery(choice): ApiQuery<Choice>,
) -> Result<Response, Problem> {
    let found = state.store.study(&uid).await?;
    let summary = found.ok_or_else(|| Problem::not_found("no such study"))?;
    if StudyStatus::from(&summary) == StudyStatus::Analysing {
        let study = study::find(&state, &uid).await?;
        return Ok((StatusCode::ACCEPTED, Json(study)).into_response());
    }
    let results = state.store.latest_results_of_study(&uid).await?;
    let wanted = |stored: &StoredResult| {
        choice
            .series
            .as_ref()
            .is_none_or(|s| *s == stored.result.series_instance_uid)
    };
    let newest = results.into_iter().filter(wanted).max_by_key(|stored| {
        let is_scored = stored.result.status == Status::Scored;
        (is_scored, stored.id)
    });
    let none = || {
        Problem::not_found("the study has no result; /api/v1/studies/{uid} says what became of its series")
    };
    Ok(Json(newest.ok_or_else(none)?.result).into_response())
}
