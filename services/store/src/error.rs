//! What can go wrong in the store.

use std::io;
use std::path::{Path, PathBuf};

use hilum_domain::Uid;

/// Why the store could not do its work. No variant carries patient data: rows are named by UID or number.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file system refused.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// The database refused.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// The schema could not be brought up to date, for instance because a newer program wrote it.
    #[error("database schema: {0}")]
    Schema(#[from] sqlx::migrate::MigrateError),
    /// A row holds what this program never writes.
    #[error("table {table}, row {row}, column {column}: {problem}")]
    ImpossibleRow {
        /// Table of the row.
        table: &'static str,
        /// Key of the row.
        row: String,
        /// Column with the impossible value.
        column: &'static str,
        /// What is wrong with it; never the value itself.
        problem: String,
    },
    /// More bytes than the caller allowed.
    #[error("object is larger than the limit of {limit_bytes} bytes")]
    TooLarge {
        /// The limit.
        limit_bytes: u64,
    },
    /// The job's lease ran out and another worker may hold it now. The result was not recorded.
    #[error("lease of job {job} is lost")]
    LeaseLost {
        /// Which job.
        job: i64,
    },
    /// A result was offered for a job of another series.
    #[error("job {job} is for series {expected}, the result is for series {found}")]
    OtherSeries {
        /// Which job.
        job: i64,
        /// Series of the job.
        expected: Uid,
        /// Series of the result.
        found: Uid,
    },
    /// The store has no such series.
    #[error("no series {0}")]
    UnknownSeries(Uid),
    /// A value could not be written as JSON.
    #[error("cannot write {what} as JSON")]
    Json {
        /// What was to be written.
        what: &'static str,
        /// Why not.
        source: serde_json::Error,
    },
    /// The operating system gave no random bytes.
    #[error("no random bytes from the operating system: {0}")]
    NoRandomness(String),
}

impl StoreError {
    /// For `map_err` beside a file operation.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }
}
