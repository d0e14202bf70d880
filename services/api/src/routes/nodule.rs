//! `GET /api/v1/nodules/{id}`

use axum::Json;
use axum::extract::State;
use hilum_domain::{ModelIdentity, NodeId, NodeKind, Nodule, Uid};
use serde::Serialize;

use crate::ApiState;
use crate::extract::ApiPath;
use crate::problem::{Problem, ProblemDetails};

/// A nodule of the latest result of its series.
#[derive(Debug, Serialize)]
pub(crate) struct FoundNodule {
    study_instance_uid: Uid,
    series_instance_uid: Uid,
    model: ModelIdentity,
    nodule: Nodule,
}

/// One nodule with its score and evidence.
///
/// The graph knows the series of a nodule (node `nodule/ID`, one step away from `series/UID`), the store its
/// latest result.
#[utoipa::path(
    get, path = "/api/v1/nodules/{id}", tag = "studies",
    params(("id" = String, Path, description = "identifier of the nodule")),
    responses((status = 200, body = Object), (status = 404, body = ProblemDetails)),
)]
pub(crate) async fn nodule(
    State(state): State<ApiState>,
    ApiPath(id): ApiPath<String>,
) -> Result<Json<FoundNodule>, Problem> {
    for series in series_of(&state, &id)? {
        let Some(stored) = state.store.latest_result(&series).await? else {
            continue;
        };
        let result = stored.result;
        if let Some(nodule) = result.nodules.into_iter().find(|nodule| nodule.id == id) {
            return Ok(Json(FoundNodule {
                study_instance_uid: result.study_instance_uid,
                series_instance_uid: result.series_instance_uid,
                model: result.model,
                nodule,
            }));
        }
    }
    Err(Problem::not_found("no latest result has such a nodule"))
}

fn series_of(state: &ApiState, id: &str) -> Result<Vec<Uid>, Problem> {
    let node = NodeId::new(NodeKind::Nodule, id);
    let around = state.graph()?.neighbours(&node, 1, &[NodeKind::Series], 16);
    let nodes = around.map(|around| around.nodes).unwrap_or_default();
    let keys = nodes
        .iter()
        .filter_map(|node| node.id.as_str().strip_prefix("series/"));
    Ok(keys.filter_map(|key| Uid::parse(key).ok()).collect())
}
