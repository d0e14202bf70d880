//! A request body as a stream that may be only so long and so slow.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;
use futures_util::StreamExt as _;

use crate::problem::Problem;

/// Why a body is read no further.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyError {
    /// More than allowed.
    #[error("the body is larger than the {limit} bytes allowed")]
    TooLarge { limit: u64 },
    /// Nothing came.
    #[error("nothing came for {} seconds", after.as_secs_f32())]
    Idle { after: Duration },
    /// The connection broke.
    #[error("the body ended early")]
    Broken,
}

impl From<BodyError> for Problem {
    fn from(error: BodyError) -> Self {
        let status = match error {
            BodyError::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            BodyError::Idle { .. } => StatusCode::REQUEST_TIMEOUT,
            BodyError::Broken => StatusCode::BAD_REQUEST,
        };
        // The rest of the body is not read, so the connection cannot be used again.
        Problem::new(status, error.to_string()).with(header::CONNECTION, "close")
    }
}

/// A body under limits.
pub(crate) struct LimitedBody {
    stream: BodyDataStream,
    received: u64,
    limit: u64,
    idle: Duration,
}

impl LimitedBody {
    /// Refuses at once when the header already says that it will be too long.
    pub(crate) fn new(
        body: Body,
        headers: &HeaderMap,
        limit: u64,
        idle: Duration,
    ) -> Result<Self, BodyError> {
        let declared = headers
            .get(header::CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        if declared.is_some_and(|length| length > limit) {
            return Err(BodyError::TooLarge { limit });
        }
        Ok(Self {
            stream: body.into_data_stream(),
            received: 0,
            limit,
            idle,
        })
    }

    /// The next piece; `None` at the end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, BodyError> {
        let next = tokio::time::timeout(self.idle, self.stream.next()).await;
        match next.map_err(|_| BodyError::Idle { after: self.idle })? {
            None => Ok(None),
            Some(Err(_)) => Err(BodyError::Broken),
            Some(Ok(bytes)) => {
                self.received += bytes.len() as u64;
                if self.received > self.limit {
                    return Err(BodyError::TooLarge { limit: self.limit });
                }
                Ok(Some(bytes))
            }
        }
    }
}
