//! Everything that must survive a power cut: instances, the job queue, results, facts and access tokens.
//!
//! The only crate with SQL. One data folder holds `hilum.sqlite` (WAL, `synchronous=FULL`) and `objects/`,
//! where files are named by their SHA-256. What the traps are:
//! - **An acknowledged instance is durable.** File synced, renamed, folder synced, row committed, in this
//!   order, and only then an [`Outcome`].
//! - **Nothing is replaced.** The same bytes again are fine; other content under a known SOP Instance UID is
//!   refused and both digests are kept. Facts and results are append-only, by trigger.
//! - **A job is created in the transaction that makes it necessary**, and a result completes its job in the
//!   transaction that records it and its facts.
//! - Several processes may open one data folder; writes are ordered by the database.

mod catalogue;
mod error;
mod facts;
mod headers;
mod ingest;
mod jobs;
mod objects;
mod priors;
mod results;
mod rows;
mod store;
mod tokens;

pub use catalogue::{Conflict, SeriesSummary, StudySummary};
pub use error::StoreError;
pub use headers::{InstanceHeaders, InstanceRecord, PatientKey};
pub use ingest::{ConflictReason, NewInstance, Outcome};
pub use jobs::{Job, JobState, MAX_ATTEMPTS};
pub use objects::{IncomingObject, StagedObject};
pub use priors::StoredPrior;
pub use results::{SavedResult, StoredResult};
pub use store::Store;
pub use tokens::{Role, Token};
