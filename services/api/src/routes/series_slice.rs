//! `GET /api/v1/series/{uid}/slices/{k}.png`

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use hilum_domain::Uid;
use serde::Deserialize;
use tokio::sync::Semaphore;
use utoipa::IntoParams;

use crate::extract::{ApiPath, ApiQuery};
use crate::problem::{Problem, ProblemDetails};
use crate::{ApiState, RenderError, Window};

/// Pictures that may be drawn at once.
#[derive(Clone)]
pub(crate) struct Renders(pub(crate) Arc<Semaphore>);

/// How to draw.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct Drawing {
    /// `lung` (the default), `mediastinum`, or centre and width in Hounsfield units: `-600,1500`.
    window: Option<String>,
    /// Outline only the nodule with this identifier.
    nodule: Option<String>,
}

/// An axial slice as PNG, counted from 0, with the nodules of the latest result outlined.
#[utoipa::path(
    get, path = "/api/v1/series/{uid}/slices/{file}", tag = "studies",
    params(
        ("uid" = String, Path, description = "Series Instance UID"),
        ("file" = String, Path, description = "number of the slice and `.png`, for example `41.png`"),
        Drawing,
    ),
    responses(
        (status = 200, content_type = "image/png"), (status = 400, body = ProblemDetails),
        (status = 404, body = ProblemDetails),
        (status = 422, body = ProblemDetails, description = "the series is no volume"),
    ),
)]
pub(crate) async fn series_slice(
    State(state): State<ApiState>,
    Extension(Renders(renders)): Extension<Renders>,
    ApiPath((series, file)): ApiPath<(Uid, String)>,
    ApiQuery(drawing): ApiQuery<Drawing>,
) -> Result<Response, Problem> {
    let slice = file
        .strip_suffix(".png")
        .and_then(|number| number.parse::<usize>().ok());
    let slice = slice.ok_or_else(|| Problem::not_found("slices are named by number: 0.png, 1.png ..."))?;
    let window: Window = match &drawing.window {
        None => Window::LUNG,
        Some(text) => text
            .parse()
            .map_err(|error: crate::renderer::BadWindow| Problem::bad_request(error.to_string()))?,
    };
    let turn = renders
        .acquire_owned()
        .await
        .map_err(|_| Problem::internal("drawing has stopped"))?;
    let drawn = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        state
            .renderer
            .render(&series, slice, window, drawing.nodule.as_deref())
    });
    let png = drawn
        .await
        .map_err(|_| Problem::internal("drawing failed"))?
        .map_err(problem)?;
    // A later result may outline other nodules on the same slice.
    let headers = [
        (header::CONTENT_TYPE, "image/png"),
        (header::CACHE_CONTROL, "private, no-cache"),
    ];
    Ok((headers, png).into_response())
}

fn problem(error: RenderError) -> Problem {
    match error {
        RenderError::NoSuchSeries | RenderError::NoSuchSlice { .. } | RenderError::NoSuchNodule => {
            Problem::not_found(error.to_string())
        }
        RenderError::NotRenderable(_) => Problem::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()),
        RenderError::Failed(why) => {
            tracing::error!(render.error = why, "drawing failed");
            Problem::internal("drawing failed; the log says why")
        }
    }
}
