//! The real server on a free port, driven byte by byte over TLS.

mod access;
mod client;
mod dicom;
mod graph;
mod server;
mod stow;
mod transport;
mod viewer;
