//! Files named by their content: `objects/ab/cd/abcd...`.
//!
//! A file is written under `objects/incoming`, synced, and renamed into its folder, which is then synced too.
//! A crash before the rename leaves a file that the next start removes; a crash after it leaves an object
//! that no row names, which is harmless: sending it again finds it in place.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use hilum_domain::Sha256;
use sha2::Digest as _;
use tokio::io::{AsyncWriteExt as _, BufWriter};
use uuid::Uuid;

use crate::rows::digest_from_hex;
use crate::{Store, StoreError};

const BUFFER_BYTES: usize = 256 * 1024;
/// Syncs that run at once: a journalling file system answers many with one write.
const SYNCS_AT_ONCE: usize = 16;

impl Store {
    /// A place for one incoming object of at most `limit_bytes`.
    pub async fn stage(&self, limit_bytes: u64) -> Result<IncomingObject, StoreError> {
        let path = self.objects().join("incoming").join(Uuid::new_v4().to_string());
        let file = tokio::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .await
            .map_err(StoreError::io("create", &path))?;
        Ok(IncomingObject {
            file: BufWriter::with_capacity(BUFFER_BYTES, file),
            temporary: Temporary(path),
            hasher: sha2::Sha256::new(),
            size_bytes: 0,
            limit_bytes,
        })
    }

    /// Where the object with this digest is kept.
    pub fn object_path(&self, sha256: &Sha256) -> PathBuf {
        let name = sha256.as_str();
        self.objects().join(&name[..2]).join(&name[2..4]).join(name)
    }
}

/// An object that is being received. Dropping it removes its file.
#[derive(Debug)]
pub struct IncomingObject {
    file: BufWriter<tokio::fs::File>,
    temporary: Temporary,
    hasher: sha2::Sha256,
    size_bytes: u64,
    limit_bytes: u64,
}

impl IncomingObject {
    /// Appends a chunk. Refuses with [`StoreError::TooLarge`] before writing beyond the limit.
    pub async fn write(&mut self, chunk: &[u8]) -> Result<(), StoreError> {
        self.size_bytes += chunk.len() as u64;
        if self.size_bytes > self.limit_bytes {
            let limit_bytes = self.limit_bytes;
            return Err(StoreError::TooLarge { limit_bytes });
        }
        self.hasher.update(chunk);
        let written = self.file.write_all(chunk).await;
        written.map_err(StoreError::io("write", &self.temporary.0))
    }

    /// Ends the object. Its file can be read now, but is durable only once it is committed.
    #[expect(
        clippy::missing_panics_doc,
        reason = "the hexadecimal form of a SHA-256 is one"
    )]
    pub async fn finish(mut self) -> Result<StagedObject, StoreError> {
        let flushed = self.file.flush().await;
        flushed.map_err(StoreError::io("write", &self.temporary.0))?;
        let sha256 = digest_from_hex(hex::encode(self.hasher.finalize()));
        Ok(StagedObject {
            sha256: sha256.expect("the hexadecimal form of a SHA-256 is one"),
            size_bytes: self.size_bytes,
            temporary: self.temporary,
        })
    }
}

/// A complete object that waits to be committed. Dropping it removes its file.
#[derive(Debug)]
pub struct StagedObject {
    sha256: Sha256,
    size_bytes: u64,
    temporary: Temporary,
}

impl StagedObject {
    /// The file, for reading headers.
    pub fn path(&self) -> &Path {
        &self.temporary.0
    }

    /// Digest of the content.
    pub fn sha256(&self) -> &Sha256 {
        &self.sha256
    }

    /// Length of the content.
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }
}

/// A path whose file goes when the value goes.
#[derive(Debug)]
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        match fs::remove_file(&self.0) {
            Ok(()) => {}
            // Renamed into place.
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => tracing::warn!(%error, "cannot remove an incoming file"),
        }
    }
}

/// Renames staged files to their final paths and makes the names durable. Folders are created as needed.
pub(crate) async fn keep(root: &Path, moves: Vec<(PathBuf, PathBuf)>) -> Result<(), StoreError> {
    let root = root.to_owned();
    let folders = blocking(move || {
        let mut folders = BTreeSet::new();
        for (from, to) in &moves {
            let Some(folder) = to.parent() else { continue };
            if !folder.is_dir() {
                fs::create_dir_all(folder).map_err(StoreError::io("create", folder))?;
                folders.extend(
                    folder
                        .ancestors()
                        .skip(1)
                        .take_while(|a| a.starts_with(&root))
                        .map(Path::to_owned),
                );
            }
            fs::rename(from, to).map_err(StoreError::io("rename", from))?;
            folders.insert(folder.to_owned());
        }
        Ok(folders)
    })
    .await?;
    sync(folders.into_iter().collect()).await
}

/// Makes the contents of files, or the names in folders, durable.
pub(crate) async fn sync(mut paths: Vec<PathBuf>) -> Result<(), StoreError> {
    let share = paths.len().div_ceil(SYNCS_AT_ONCE).max(1);
    let mut running = Vec::new();
    while !paths.is_empty() {
        let rest = paths.split_off(share.min(paths.len()));
        let part = std::mem::replace(&mut paths, rest);
        running.push(tokio::task::spawn_blocking(move || {
            part.iter().try_for_each(|p| sync_one(p))
        }));
    }
    for task in running {
        task.await
            .map_err(|e| StoreError::io("sync", Path::new("objects"))(e.into()))??;
    }
    Ok(())
}

pub(crate) fn sync_one(path: &Path) -> Result<(), StoreError> {
    let file = File::open(path).map_err(StoreError::io("open", path))?;
    file.sync_all().map_err(StoreError::io("sync", path))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|e| StoreError::io("move files in", Path::new("objects"))(e.into()))?
}
