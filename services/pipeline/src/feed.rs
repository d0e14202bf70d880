//! The knowledge graph kept current from the facts.

use std::sync::{Arc, PoisonError, RwLock};

use hilum_graph::{Graph, GraphError};
use hilum_store::{Store, StoreError};

/// Facts read from the store at a time.
const BATCH: u32 = 4096;

/// Why the graph could not follow the facts.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The facts could not be read.
    #[error("facts cannot be read: {0}")]
    Store(#[from] StoreError),
    /// A fact contradicts the graph.
    #[error("a fact does not fit the graph: {0}")]
    Graph(#[from] GraphError),
}

/// A graph built anew from every fact in the store.
pub async fn rebuild(store: &Store) -> Result<Graph, FeedError> {
    let mut graph = Graph::default();
    loop {
        let facts = store.facts_after(graph.last_seq(), BATCH).await?;
        if facts.is_empty() {
            return Ok(graph);
        }
        for fact in &facts {
            graph.apply(fact)?;
        }
    }
}

/// Applies every fact that the graph has not seen yet.
///
/// The lock is held for one batch of in-memory updates at a time, never across a database read. It is a
/// standard lock because readers hold it for microseconds.
pub async fn catch_up(store: &Store, graph: &Arc<RwLock<Graph>>) -> Result<(), FeedError> {
    loop {
        let seen = graph.read().unwrap_or_else(PoisonError::into_inner).last_seq();
        let facts = store.facts_after(seen, BATCH).await?;
        if facts.is_empty() {
            return Ok(());
        }
        let mut graph = graph.write().unwrap_or_else(PoisonError::into_inner);
        for fact in &facts {
            // Another task may have applied it between the read and the lock.
            if fact.seq > graph.last_seq() {
                graph.apply(fact)?;
            }
        }
    }
}

/// Follows the change feed until the store is closed.
pub async fn follow(store: Store, graph: Arc<RwLock<Graph>>) -> Result<(), FeedError> {
    let mut facts = store.subscribe_facts();
    loop {
        catch_up(&store, &graph).await?;
        if facts.changed().await.is_err() {
            return Ok(());
        }
    }
}
