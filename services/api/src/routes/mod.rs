//! One endpoint per file. The folder listing is the API.

pub(crate) mod changes;
pub(crate) mod graph_hash;
pub(crate) mod graph_neighbours;
pub(crate) mod graph_node;
pub(crate) mod graph_why;
pub(crate) mod health_live;
pub(crate) mod health_ready;
pub(crate) mod models;
pub(crate) mod nodule;
pub(crate) mod root;
pub(crate) mod series_slice;
pub(crate) mod stow;
pub(crate) mod studies;
pub(crate) mod study;
pub(crate) mod study_result;
