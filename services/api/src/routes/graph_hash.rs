//! `GET /api/v1/graph/hash`

use axum::Json;
use axum::extract::State;
use hilum_domain::Fact;
use hilum_graph::{Graph, GraphError};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::ApiState;
use crate::extract::ApiQuery;
use crate::problem::{Problem, ProblemDetails};

/// Facts read at a time while rebuilding.
const FACTS_AT_A_TIME: u32 = 5000;

/// Whether to rebuild.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct Verify {
    /// Rebuild the graph from the facts and compare.
    verify: bool,
}

/// The graph's hash after a fact.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GraphHash {
    /// Number of the last fact in the graph.
    last_seq: i64,
    /// SHA-256 over nodes and edges in canonical order.
    canonical_hash: String,
    /// The hash of a fresh rebuild from the facts up to `last_seq`; null unless asked for.
    rebuilt_hash: Option<String>,
    /// Whether both are equal; null unless asked for.
    verified: Option<bool>,
}

/// The canonical hash of the graph, with `verify=true` beside that of a fresh rebuild from the facts.
#[utoipa::path(
    get, path = "/api/v1/graph/hash", tag = "graph", params(Verify),
    responses((status = 200, body = GraphHash), (status = 400, body = ProblemDetails)),
)]
pub(crate) async fn graph_hash(
    State(state): State<ApiState>,
    ApiQuery(Verify { verify }): ApiQuery<Verify>,
) -> Result<Json<GraphHash>, Problem> {
    let reader = state.clone();
    let (last_seq, hash) = blocking(move || {
        let graph = reader.graph()?;
        Ok((graph.last_seq(), graph.canonical_hash()))
    })
    .await?;
    let rebuilt = if verify {
        Some(rebuild(&state, last_seq).await?)
    } else {
        None
    };
    Ok(Json(GraphHash {
        last_seq,
        verified: rebuilt.as_ref().map(|rebuilt| *rebuilt == hash.as_str()),
        canonical_hash: hash.to_string(),
        rebuilt_hash: rebuilt,
    }))
}

async fn rebuild(state: &ApiState, last_seq: i64) -> Result<String, Problem> {
    let mut graph = Graph::default();
    while graph.last_seq() < last_seq {
        let facts = state.store.facts_after(graph.last_seq(), FACTS_AT_A_TIME).await?;
        let facts: Vec<Fact> = facts
            .into_iter()
            .take_while(|fact| fact.seq <= last_seq)
            .collect();
        if facts.is_empty() {
            return Err(Problem::internal("the graph holds facts that the store does not"));
        }
        graph = blocking(move || {
            facts
                .iter()
                .try_for_each(|fact| graph.apply(fact))
                .map_err(|error| broken(&error))?;
            Ok(graph)
        })
        .await?;
    }
    blocking(move || Ok(graph.canonical_hash().to_string())).await
}

fn broken(error: &GraphError) -> Problem {
    tracing::error!(error = %error, "the facts do not make a graph");
    Problem::internal("the facts do not make a graph; the log says why")
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| Problem::internal("hashing the graph failed"))?
}
