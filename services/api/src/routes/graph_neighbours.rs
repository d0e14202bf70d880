//! `GET /api/v1/graph/neighbours`

use axum::Json;
use axum::extract::State;
use hilum_domain::{NodeId, NodeKind};
use hilum_graph::Subgraph;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::ApiState;
use crate::extract::ApiQuery;
use crate::problem::{Problem, ProblemDetails};

/// Nodes in one answer.
const MOST_NODES: usize = 1000;
const DEEPEST: usize = 6;

/// Around what, and how far.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Around {
    /// `kind/key`.
    id: String,
    /// Steps, 1 to 6; 1 when absent.
    depth: Option<usize>,
    /// Kinds of nodes to enter, separated by commas; all but patients when absent.
    kinds: Option<String>,
}

/// What lies around a node: at most 1000 nodes, nearest first, `truncated` when there were more.
#[utoipa::path(
    get, path = "/api/v1/graph/neighbours", tag = "graph", params(Around),
    responses(
        (status = 200, body = Object), (status = 400, body = ProblemDetails), (status = 404, body = ProblemDetails),
    ),
)]
pub(crate) async fn graph_neighbours(
    State(state): State<ApiState>,
    ApiQuery(around): ApiQuery<Around>,
) -> Result<Json<Subgraph>, Problem> {
    let depth = around.depth.unwrap_or(1);
    if !(1..=DEEPEST).contains(&depth) {
        return Err(Problem::bad_request(format!("depth is 1 to {DEEPEST}")));
    }
    let kinds = kinds(around.kinds.as_deref().unwrap_or_default())?;
    let id = NodeId::from_text(&around.id);
    let subgraph = state.graph()?.neighbours(&id, depth, &kinds, MOST_NODES);
    subgraph
        .map(Json)
        .ok_or_else(|| Problem::not_found("no such node"))
}

fn kinds(text: &str) -> Result<Vec<NodeKind>, Problem> {
    let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
    names
        .enumerate()
        .map(|(at, name)| {
            let kind = serde_json::from_value(serde_json::Value::from(name));
            kind.map_err(|_| Problem::bad_request(format!("number {} of kinds is no kind of node", at + 1)))
        })
        .collect()
}
