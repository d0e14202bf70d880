//! The listener.

use std::future::Future;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use axum_server::Handle;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use rustls::ServerConfig;

use crate::{ApiState, router};

const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// Longest header of a request, all fields together.
const HEADER_BYTES: usize = 32 * 1024;
const STREAMS_PER_CONNECTION: u32 = 64;
const PING_INTERVAL: Duration = Duration::from_secs(20);

/// Serves HTTPS (HTTP/2 and HTTP/1.1) until `shutdown` is done; running requests get
/// [`crate::ApiLimits::shutdown_grace`] to end.
pub async fn serve(
    listener: TcpListener,
    tls: Arc<ServerConfig>,
    state: ApiState,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let limits = state.limits;
    let handle = Handle::new();
    let stop = tokio::spawn({
        let handle = handle.clone();
        async move {
            shutdown.await;
            handle.graceful_shutdown(Some(limits.shutdown_grace));
        }
    });
    let acceptor = RustlsAcceptor::new(RustlsConfig::from_config(tls)).handshake_timeout(HANDSHAKE_TIME);
    let mut server = axum_server::from_tcp(listener)?
        .acceptor(acceptor)
        .handle(handle)
        .first_request_timeout(limits.header_time)
        .accept_error_handler(|_, error| tracing::debug!(error = %error, "a connection was not accepted"));
    let builder = server.http_builder();
    builder
        .http1()
        .header_read_timeout(limits.header_time)
        .max_buf_size(HEADER_BYTES);
    builder
        .http2()
        .max_header_list_size(HEADER_BYTES as u32)
        .max_concurrent_streams(STREAMS_PER_CONNECTION)
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_INTERVAL);
    let served = server.serve(router(&state).into_make_service()).await;
    stop.abort();
    served
}
