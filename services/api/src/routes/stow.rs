//! `POST /dicom-web/studies` and `POST /dicom-web/studies/{study}`

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::Response;
use hilum_domain::Uid;
use tokio::sync::Semaphore;

use crate::ApiState;
use crate::dicomweb::store_instances;
use crate::extract::ApiPath;
use crate::problem::{Problem, ProblemDetails};

/// Uploads that may run at once.
#[derive(Clone)]
pub(crate) struct Uploads(pub(crate) Arc<Semaphore>);

/// Stores DICOM instances (STOW-RS).
#[utoipa::path(
    post, path = "/dicom-web/studies", tag = "dicomweb",
    request_body(
        content = Vec<u8>, content_type = "multipart/related",
        description = "multipart/related; type=\"application/dicom\", or a single application/dicom",
    ),
    responses(
        (status = 200, body = Object, content_type = "application/dicom+json", description = "all kept"),
        (status = 202, body = Object, content_type = "application/dicom+json", description = "some kept"),
        (status = 409, body = Object, content_type = "application/dicom+json", description = "none kept"),
        (status = 400, body = ProblemDetails), (status = 406, body = ProblemDetails),
        (status = 408, body = ProblemDetails), (status = 413, body = ProblemDetails),
        (status = 415, body = ProblemDetails), (status = 503, body = ProblemDetails),
    ),
)]
pub(crate) async fn store(
    State(state): State<ApiState>,
    Extension(uploads): Extension<Uploads>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    receive(&state, &uploads, None, &uri, &headers, body).await
}

/// Stores DICOM instances of one study (STOW-RS); instances of another study are refused.
#[utoipa::path(
    post, path = "/dicom-web/studies/{study}", tag = "dicomweb",
    params(("study" = String, Path, description = "Study Instance UID")),
    request_body(
        content = Vec<u8>, content_type = "multipart/related",
        description = "multipart/related; type=\"application/dicom\", or a single application/dicom",
    ),
    responses(
        (status = 200, body = Object, content_type = "application/dicom+json", description = "all kept"),
        (status = 202, body = Object, content_type = "application/dicom+json", description = "some kept"),
        (status = 409, body = Object, content_type = "application/dicom+json", description = "none kept"),
        (status = 400, body = ProblemDetails), (status = 406, body = ProblemDetails),
        (status = 408, body = ProblemDetails), (status = 413, body = ProblemDetails),
        (status = 415, body = ProblemDetails), (status = 503, body = ProblemDetails),
    ),
)]
pub(crate) async fn store_study(
    State(state): State<ApiState>,
    Extension(uploads): Extension<Uploads>,
    ApiPath(study): ApiPath<Uid>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    receive(&state, &uploads, Some(&study), &uri, &headers, body).await
}

async fn receive(
    state: &ApiState,
    Uploads(uploads): &Uploads,
    study: Option<&Uid>,
    uri: &Uri,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let turn = tokio::time::timeout(state.limits.upload_wait, uploads.acquire()).await;
    let Ok(Ok(_turn)) = turn else {
        let busy = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too many uploads at once");
        return Err(busy
            .with(header::RETRY_AFTER, "10")
            .with(header::CONNECTION, "close"));
    };
    let authority = uri.authority().map(axum::http::uri::Authority::as_str);
    let stored = store_instances(state, study, authority, headers, body);
    let late = |_| {
        Problem::new(StatusCode::REQUEST_TIMEOUT, "the upload took too long")
            .with(header::CONNECTION, "close")
    };
    tokio::time::timeout(state.limits.upload_time, stored)
        .await
        .map_err(late)?
}
