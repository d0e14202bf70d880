//! Opening a data folder.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hilum_domain::Clock;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, SqlitePool, Transaction};
use time::OffsetDateTime;
use tokio::sync::watch;

use crate::StoreError;
use crate::objects::sync_one;

/// How long a writer waits for another process's transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
const READERS: u32 = 4;

/// A data folder. Clones share one set of connections.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    /// One connection: the database has one writer, and waiting here is fair where its own waiting is not.
    writer: SqlitePool,
    readers: SqlitePool,
    objects: PathBuf,
    clock: Arc<dyn Clock>,
    last_seq: watch::Sender<i64>,
    /// Held shared for life, so that nobody else clears our incoming files.
    _alive: File,
}

impl Store {
    /// Opens the folder, creating what is missing (folders with mode 0700, the database with 0600), brings
    /// the schema up to date and removes what an interrupted process left in `objects/incoming`.
    pub async fn open(data_dir: &Path, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let objects = data_dir.join("objects");
        let alive = prepare(data_dir, &objects)?;
        let options = SqliteConnectOptions::new()
            .filename(data_dir.join("hilum.sqlite"))
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(BUSY_TIMEOUT)
            .connect_with(options.clone())
            .await?;
        sqlx::migrate!("../../migrations/sqlite").run(&writer).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .connect_with(options.read_only(true))
            .await?;
        let store = Self {
            inner: Arc::new(Inner {
                writer,
                readers,
                objects,
                clock,
                last_seq: watch::Sender::new(0),
                _alive: alive,
            }),
        };
        store.announce(store.last_seq().await?);
        Ok(store)
    }

    /// Waits for running statements and closes the database.
    pub async fn close(&self) {
        self.inner.readers.close().await;
        self.inner.writer.close().await;
    }

    /// Changes whenever this process has appended facts; holds the number of the last one. Facts that
    /// another process appends are seen by asking [`Store::facts_after`].
    pub fn subscribe_facts(&self) -> watch::Receiver<i64> {
        self.inner.last_seq.subscribe()
    }

    pub(crate) fn announce(&self, seq: i64) {
        self.inner.last_seq.send_if_modified(|last| {
            let newer = seq > *last;
            *last = seq.max(*last);
            newer
        });
    }

    pub(crate) fn objects(&self) -> &Path {
        &self.inner.objects
    }

    pub(crate) fn now(&self) -> OffsetDateTime {
        self.inner.clock.now()
    }

    pub(crate) fn readers(&self) -> &SqlitePool {
        &self.inner.readers
    }

    /// A transaction that holds the write lock from its first statement, so that what it reads stays true.
    pub(crate) async fn write(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.inner.writer.begin_with("BEGIN IMMEDIATE").await?)
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("objects", &self.inner.objects)
            .finish_non_exhaustive()
    }
}

/// Creates folders and the database file; the returned file is the sign that this process is alive.
fn prepare(data_dir: &Path, objects: &Path) -> Result<File, StoreError> {
    let incoming = objects.join("incoming");
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&incoming)
        .map_err(StoreError::io("create", &incoming))?;
    // SQLite gives its journals the mode of the database, so creating it first keeps all three private.
    create_private(&data_dir.join("hilum.sqlite"))?;
    for folder in [objects, data_dir] {
        sync_one(folder)?;
    }
    let lock_path = data_dir.join("lock");
    let lock = create_private(&lock_path)?;
    match lock.try_lock() {
        Ok(()) => {
            remove_leftovers(&incoming)?;
            lock.unlock().map_err(StoreError::io("unlock", &lock_path))?;
        }
        // Another process is at work; the files may be its own.
        Err(TryLockError::WouldBlock) => {}
        Err(TryLockError::Error(source)) => return Err(StoreError::io("lock", &lock_path)(source)),
    }
    lock.lock_shared().map_err(StoreError::io("lock", &lock_path))?;
    Ok(lock)
}

fn create_private(path: &Path) -> Result<File, StoreError> {
    OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
        .map_err(StoreError::io("create", path))
}

fn remove_leftovers(incoming: &Path) -> Result<(), StoreError> {
    let entries: io::Result<Vec<_>> = fs::read_dir(incoming).and_then(Iterator::collect);
    let entries = entries.map_err(StoreError::io("list", incoming))?;
    for entry in &entries {
        fs::remove_file(entry.path()).map_err(StoreError::io("remove", &entry.path()))?;
    }
    if !entries.is_empty() {
        tracing::info!(
            store.leftovers = entries.len(),
            "removed files of an interrupted upload"
        );
    }
    Ok(())
}
