//! The HTTPS side: health, DICOMweb STOW, the viewer and graph API. One endpoint per file under `routes`.
//!
//! What the traps are:
//! - **Credentials come before bytes.** Every route but the public ones is behind [`auth`], which answers before
//!   the body is touched; an absent, unknown and revoked token get the same answer.
//! - **A body is a stream with a limit.** Uploads go to disk part by part; what is over a limit is answered
//!   at once, and what was staged is removed.
//! - **Every instance passes the gate** before the store may keep it.
//! - **Errors are RFC 9457 problems** and carry no patient data, nor do log lines: these name routes by their
//!   pattern and callers by their token's number.
//! - Blocking work (headers, rendering, graph rebuilds) runs on the blocking threads.

mod auth;
mod body;
mod dicomweb;
mod extract;
mod limits;
mod linger;
mod problem;
mod renderer;
mod router;
mod routes;
mod serve;
mod state;
pub mod tls;

pub use dicomweb::store_headers;
pub use limits::ApiLimits;
pub use renderer::{RenderError, SliceRenderer, Window};
pub use router::{openapi, router};
pub use serve::serve;
pub use state::{ApiState, RegisteredModel};
pub use tls::TlsError;
