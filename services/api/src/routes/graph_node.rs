//! `GET /api/v1/graph/nodes/{id}`

use axum::Json;
use axum::extract::State;
use hilum_domain::NodeId;
use hilum_graph::NodeView;

use crate::ApiState;
use crate::extract::ApiPath;
use crate::problem::{Problem, ProblemDetails};

/// A node with its attributes, provenance and validity.
#[utoipa::path(
    get, path = "/api/v1/graph/nodes/{*id}", tag = "graph",
    params(("id" = String, Path, description = "`kind/key`, for example `study/1.2.3`")),
    responses((status = 200, body = Object), (status = 404, body = ProblemDetails)),
)]
pub(crate) async fn graph_node(
    State(state): State<ApiState>,
    ApiPath(id): ApiPath<String>,
) -> Result<Json<NodeView>, Problem> {
    let node = state.graph()?.node(&NodeId::from_text(&id));
    node.map(Json).ok_or_else(|| Problem::not_found("no such node"))
}
