//! The real server on a free port, driven byte by byte over TLS.

// A whole result is one `json!` literal.
#![recursion_limit = "256"]

mod access;
mod client;
mod dicom;
mod graph;
mod server;
mod stow;
mod transport;
mod viewer;
