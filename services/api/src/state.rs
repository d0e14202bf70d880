//! What the endpoints work with.

use std::sync::{Arc, OnceLock, RwLock, RwLockReadGuard};
use std::time::Duration;

use hilum_domain::ModelIdentity;
use hilum_graph::Graph;
use hilum_store::Store;
use serde::Serialize;
use tokio::sync::Notify;
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::{ApiLimits, SliceRenderer};

/// Everything that the endpoints share. Clones are cheap.
#[derive(Clone)]
pub struct ApiState {
    /// Instances, results, facts, tokens.
    pub store: Store,
    /// The read model, kept current by the worker. A plain lock: it is never held across an await, and readers
    /// outnumber the one writer by far.
    pub graph: Arc<RwLock<Graph>>,
    /// Rung after an upload that made work.
    pub notify: Arc<Notify>,
    /// Draws slices.
    pub renderer: Arc<dyn SliceRenderer>,
    /// Models that this program knows.
    pub registered_models: Arc<[RegisteredModel]>,
    /// The model that answers; set once it is loaded and checked.
    pub loaded_model: Arc<OnceLock<ModelIdentity>>,
    /// Bounds.
    pub limits: ApiLimits,
    /// A series is analysed when no instance has come for this long.
    pub quiet: Duration,
}

impl ApiState {
    /// The graph for reading. A writer that panicked may have left it half way: then no answer is given.
    pub(crate) fn graph(&self) -> Result<RwLockReadGuard<'_, Graph>, Problem> {
        self.graph
            .read()
            .map_err(|_| Problem::internal("the knowledge graph broke and must be rebuilt"))
    }
}

/// A model of the registry.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RegisteredModel {
    /// Name by which code asks for it.
    pub name: String,
    /// Version.
    pub version: String,
    /// Digest of the file.
    pub sha256: String,
    /// Where the numbers come from.
    pub source: String,
    /// Licence of the weights.
    pub licence: String,
}
