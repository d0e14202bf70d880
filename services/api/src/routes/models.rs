//! `GET /api/v1/models`

use axum::Json;
use axum::extract::State;
use hilum_domain::ModelIdentity;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{ApiState, RegisteredModel};

/// Models of this program.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Models {
    /// The model that answers: name, version and the digest over all its files. Null until it is loaded.
    #[schema(value_type = Option<Object>)]
    active: Option<ModelIdentity>,
    /// All files of the registry.
    registered: Vec<RegisteredModel>,
}

/// Which model answers, and what the registry holds.
#[utoipa::path(get, path = "/api/v1/models", tag = "models", responses((status = 200, body = Models)))]
pub(crate) async fn models(State(state): State<ApiState>) -> Json<Models> {
    Json(Models {
        active: state.loaded_model.get().cloned(),
        registered: state.registered_models.to_vec(),
    })
}
