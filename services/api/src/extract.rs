//! axum's extractors with problems instead of plain text.

use axum::extract::{FromRequestParts, Path, Query};

use crate::problem::Problem;

/// Parameters of the path.
#[derive(FromRequestParts)]
#[from_request(via(Path), rejection(Problem))]
pub(crate) struct ApiPath<T>(pub(crate) T);

/// Parameters of the query.
#[derive(FromRequestParts)]
#[from_request(via(Query), rejection(Problem))]
pub(crate) struct ApiQuery<T>(pub(crate) T);
