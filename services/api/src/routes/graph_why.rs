//! `GET /api/v1/graph/why/{score}`

use axum::Json;
use axum::extract::State;
use hilum_domain::{NodeId, NodeKind};
use hilum_graph::Subgraph;

use crate::ApiState;
use crate::extract::ApiPath;
use crate::problem::{Problem, ProblemDetails};

/// Why this score: the nodule, observations, concepts and model it rests on.
#[utoipa::path(
    get, path = "/api/v1/graph/why/{*score}", tag = "graph",
    params(("score" = String, Path, description = "`score/KEY` or the key alone")),
    responses((status = 200, body = Object), (status = 404, body = ProblemDetails)),
)]
pub(crate) async fn graph_why(
    State(state): State<ApiState>,
    ApiPath(score): ApiPath<String>,
) -> Result<Json<Subgraph>, Problem> {
    let key = score.strip_prefix("score/").unwrap_or(&score);
    let why = state.graph()?.why(&NodeId::new(NodeKind::Score, key));
    why.map(Json).ok_or_else(|| Problem::not_found("no such score"))
}
