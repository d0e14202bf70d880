//! Lets a client read the answer that ends its upload.
//!
//! When a connection closes while bytes of the client wait unread, the system resets it, and the answer that
//! said why (401, 413, ...) can be lost on its way. So what an endpoint leaves of a body is read and thrown
//! away for a short while, after the answer is on its way.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, BodyDataStream, HttpBody as _};
use axum::extract::Request;
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};

const LONGEST: Duration = Duration::from_secs(2);
const LONGEST_SILENCE: Duration = Duration::from_millis(500);
const MOST_BYTES: usize = 64 << 20;

/// Watches the body of a request.
pub(crate) async fn linger(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    // A client that waits to be told to continue sends nothing before the first read.
    let comes = !request.headers().contains_key(header::EXPECT);
    let watch = |body: Body| {
        let rest = Some(body.into_data_stream());
        Body::from_stream(Watched { rest, comes })
    };
    next.run(request.map(watch)).await
}

/// A body that knows whether it was read to its end.
struct Watched {
    /// Gone at the end.
    rest: Option<BodyDataStream>,
    /// Whether the client sends, or waits for the first read.
    comes: bool,
}

impl Stream for Watched {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.comes = true;
        let Some(rest) = &mut self.rest else {
            return Poll::Ready(None);
        };
        let next = rest.poll_next_unpin(context);
        if matches!(next, Poll::Ready(None | Some(Err(_)))) {
            self.rest = None;
        }
        next
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let Some(rest) = self.rest.take().filter(|_| self.comes) else {
            return;
        };
        // Outside a runtime nobody is left to answer.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(tokio::time::timeout(LONGEST, discard(rest)));
        }
    }
}

async fn discard(mut rest: BodyDataStream) {
    let mut discarded = 0;
    while let Ok(Some(Ok(bytes))) = tokio::time::timeout(LONGEST_SILENCE, rest.next()).await {
        discarded += bytes.len();
        if discarded > MOST_BYTES {
            break;
        }
    }
}
