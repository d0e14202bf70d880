//! Which route is behind which guard.

use std::any::Any;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json, Router};
use hilum_store::Role;
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::Paths;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;

use crate::ApiState;
use crate::auth::{self, EVERYBODY, FACT_READERS, GRAPH_READERS, Guard, READERS, SENDERS};
use crate::linger;
use crate::problem::Problem;
use crate::routes::series_slice::Renders;
use crate::routes::stow::Uploads;
use crate::routes::{
    changes, graph_hash, graph_neighbours, graph_node, graph_why, health_live, health_ready, models, nodule,
    root, series_slice, stow, studies, study, study_result,
};

#[derive(utoipa::OpenApi)]
#[openapi(info(
    title = "Hilum",
    description = "Decision support for lung nodules on chest CT. Scores are advice with their evidence.",
))]
struct Document;

/// The whole HTTPS side of a state.
pub fn router(state: &ApiState) -> Router {
    let (router, document) = guarded_routes(state).split_for_parts();
    let document = Arc::new(finished(document));
    let limits = &state.limits;
    router
        .route(
            "/openapi.json",
            axum::routing::get(async move || Json(document.as_ref().clone())),
        )
        .with_state(state.clone())
        .fallback(async || Problem::not_found("no such path"))
        .method_not_allowed_fallback(async || {
            Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "the path does not know this method",
            )
        })
        .layer(Extension(Uploads(Arc::new(Semaphore::new(
            limits.concurrent_uploads,
        )))))
        .layer(Extension(Renders(Arc::new(Semaphore::new(
            limits.concurrent_renders,
        )))))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(SetResponseHeaderLayer::overriding(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-store"),
        ))
        .layer(middleware::from_fn(linger::linger))
        .layer(middleware::from_fn(log))
}

/// The OpenAPI description that `/openapi.json` gives out.
pub fn openapi(state: &ApiState) -> OpenApi {
    finished(guarded_routes(state).into_openapi())
}

fn guarded_routes(state: &ApiState) -> OpenApiRouter<ApiState> {
    let guarded = |allowed: &'static [Role], routes: UtoipaMethodRouter<ApiState>| {
        let guard = Guard {
            state: state.clone(),
            allowed,
        };
        OpenApiRouter::new()
            .routes(routes)
            .route_layer(middleware::from_fn_with_state(guard, auth::require))
    };
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(root::root))
        .routes(routes!(health_live::live))
        .routes(routes!(health_ready::ready))
        .merge(guarded(SENDERS, routes!(stow::store)))
        .merge(guarded(SENDERS, routes!(stow::store_study)))
        .merge(guarded(READERS, routes!(studies::studies)))
        .merge(guarded(READERS, routes!(study::study)))
        .merge(guarded(READERS, routes!(study_result::study_result)))
        .merge(guarded(READERS, routes!(nodule::nodule)))
        .merge(guarded(READERS, routes!(series_slice::series_slice)))
        .merge(guarded(GRAPH_READERS, routes!(graph_node::graph_node)))
        .merge(guarded(
            GRAPH_READERS,
            routes!(graph_neighbours::graph_neighbours),
        ))
        .merge(guarded(GRAPH_READERS, routes!(graph_why::graph_why)))
        .merge(guarded(FACT_READERS, routes!(graph_hash::graph_hash)))
        .merge(guarded(FACT_READERS, routes!(changes::changes)))
        .merge(guarded(EVERYBODY, routes!(models::models)))
}

/// Adds what the routes do not say themselves: the token, and paths without axum's mark for "the rest".
fn finished(mut document: OpenApi) -> OpenApi {
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    document.security = Some(vec![SecurityRequirement::new::<_, [&str; 0], &str>("bearer", [])]);
    let paths = std::mem::replace(&mut document.paths, Paths::new());
    for (path, item) in paths.paths {
        document.paths.paths.insert(path.replace("{*", "{"), item);
    }
    document
}

/// The panic's own text may hold a value of the request; it is left out.
fn panicked(_panic: Box<dyn Any + Send>) -> Response {
    tracing::error!("an endpoint panicked");
    Problem::internal("the request met a fault of the program").into_response()
}

/// One line per request: the route's pattern, never the path or query as sent.
async fn log(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    tracing::info!(
        http.method = %method,
        http.route = route.as_ref().map_or("none", MatchedPath::as_str),
        http.status = response.status().as_u16(),
        http.elapsed_ms = started.elapsed().as_millis() as u64,
        "answered"
    );
    response
}
