//! End-to-end tests: the built program, real clients, real data where it is there.
//!
//! This library holds what several test files share: where the program and the data are, and how a server
//! is started and stopped.

pub mod data;
pub mod server;
pub mod stow;
