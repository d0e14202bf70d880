//! `GET /api/v1/changes`

use axum::Json;
use axum::extract::State;
use hilum_domain::Fact;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::ApiState;
use crate::extract::ApiQuery;
use crate::problem::{Problem, ProblemDetails};

const MOST_FACTS: u32 = 1000;

/// Which part of the feed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct Since {
    /// Facts after this number; 0 for all.
    after: i64,
    /// Facts wanted, at most 1000; 100 when absent.
    limit: Option<u32>,
}

/// A part of the change feed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FeedPage {
    /// Facts by number, without a gap.
    #[schema(value_type = Vec<Object>)]
    changes: Vec<Fact>,
    /// What to ask for next: `after=` this number.
    next_after: i64,
    /// Number of the last fact of the feed.
    last_seq: i64,
}

/// Facts in the order of their recording: numbered 1, 2, 3 ... without a gap.
#[utoipa::path(
    get, path = "/api/v1/changes", tag = "graph", params(Since),
    responses((status = 200, body = FeedPage), (status = 400, body = ProblemDetails)),
)]
pub(crate) async fn changes(
    State(state): State<ApiState>,
    ApiQuery(since): ApiQuery<Since>,
) -> Result<Json<FeedPage>, Problem> {
    if since.after < 0 {
        return Err(Problem::bad_request("after is 0 or the number of a fact"));
    }
    let limit = since.limit.unwrap_or(100).clamp(1, MOST_FACTS);
    let changes = state.store.facts_after(since.after, limit).await?;
    let last_seq = state.store.last_seq().await?;
    let next_after = changes.last().map_or(since.after, |fact| fact.seq);
    Ok(Json(FeedPage {
        changes,
        next_after,
        last_seq,
    }))
}
