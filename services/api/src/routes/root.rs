//! `GET /`

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// Where one begins.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Root {
    name: &'static str,
    version: &'static str,
    /// What the program is and is not.
    notice: &'static str,
    links: Links,
}

/// Paths of this server.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Links {
    openapi: &'static str,
    live: &'static str,
    ready: &'static str,
    store_instances: &'static str,
    studies: &'static str,
    models: &'static str,
    changes: &'static str,
}

/// Name, version and where things are.
#[utoipa::path(get, path = "/", tag = "service", security(()), responses((status = 200, body = Root)))]
pub(crate) async fn root() -> Json<Root> {
    Json(Root {
        name: "hilum",
        version: env!("CARGO_PKG_VERSION"),
        notice: "decision support: scores are advice with their evidence, never a diagnosis",
        links: Links {
            openapi: "/openapi.json",
            live: "/health/live",
            ready: "/health/ready",
            store_instances: "/dicom-web/studies",
            studies: "/api/v1/studies",
            models: "/api/v1/models",
            changes: "/api/v1/changes",
        },
    })
}
