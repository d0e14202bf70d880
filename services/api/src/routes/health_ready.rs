//! `GET /health/ready`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::ApiState;

/// What is ready. Yes and no only: the route is public.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "a wire form of independent answers")]
pub(crate) struct Readiness {
    ready: bool,
    /// The database answers.
    database: bool,
    /// The knowledge graph was built from the facts.
    graph: bool,
    /// The model is loaded and its digest was checked.
    model: bool,
}

/// Whether studies can be taken in, scored and answered: 200 when all parts are ready, else 503.
#[utoipa::path(
    get, path = "/health/ready", tag = "service", security(()),
    responses((status = 200, body = Readiness), (status = 503, body = Readiness)),
)]
pub(crate) async fn ready(State(state): State<ApiState>) -> (StatusCode, Json<Readiness>) {
    let last_fact = state.store.last_seq().await;
    if let Err(error) = &last_fact {
        tracing::error!(error = %error, "the database does not answer");
    }
    let in_graph = state.graph.read().map(|graph| graph.last_seq());
    // An empty graph beside a store with facts has not been built; a lag of a few facts is the daily round.
    let graph = matches!((&last_fact, &in_graph), (Ok(stored), Ok(known)) if *known > 0 || *stored == 0);
    let model = state.loaded_model.get().is_some();
    let ready = last_fact.is_ok() && graph && model;
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (
        status,
        Json(Readiness {
            ready,
            database: last_fact.is_ok(),
            graph,
            model,
        }),
    )
}
