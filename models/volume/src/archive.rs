//! Archives, read member by member into memory; nothing is extracted to disk.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use hilum_gate::{Limits, looks_like_dicom};

use crate::VolumeError;
use crate::source::{Found, Origin, is_left_out};

/// Memory that an xz stream may ask for: enough for the largest preset (`-9` needs 65 MiB).
const XZ_MEMORY: u64 = 256 << 20;

/// Kinds of archives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Tar,
    Gzip,
    Xz,
    Zip,
}

/// The kind of archive that a file begins like; a DICOM file may begin like anything and is none.
pub(crate) fn kind(head: &[u8]) -> Option<Kind> {
    if looks_like_dicom(head) {
        return None;
    }
    if head.get(257..262) == Some(b"ustar".as_slice()) {
        return Some(Kind::Tar);
    }
    let magic: [(&[u8], Kind); 3] = [
        (b"\x1f\x8b", Kind::Gzip),
        (b"\xfd7zXZ\0", Kind::Xz),
        (b"PK\x03\x04", Kind::Zip),
    ];
    magic
        .into_iter()
        .find(|(magic, _)| head.starts_with(magic))
        .map(|(_, kind)| kind)
}

/// Adds the members of an archive to `found`. Members that are no DICOM files are kept by name only, so that
/// they can be told as set aside.
pub(crate) fn read(
    path: &Path,
    name: &str,
    kind: Kind,
    limits: &Limits,
    found: &mut Vec<Found>,
) -> Result<(), VolumeError> {
    let unreadable = |source| VolumeError::Unreadable {
        file: name.to_owned(),
        source,
    };
    let file = BufReader::new(File::open(path).map_err(unreadable)?);
    let mut members = Members {
        name,
        limits,
        entries: 0,
        bytes: 0,
        found,
    };
    match kind {
        Kind::Tar => members.tar(file),
        Kind::Gzip => members.tar(flate2::bufread::MultiGzDecoder::new(file)),
        Kind::Xz => {
            let stream =
                liblzma::stream::Stream::new_stream_decoder(XZ_MEMORY, liblzma::stream::CONCATENATED)
                    .map_err(|error| unreadable(error.into()))?;
            members.tar(liblzma::bufread::XzDecoder::new_stream(file, stream))
        }
        Kind::Zip => members.zip(file),
    }
}

struct Members<'a> {
    name: &'a str,
    limits: &'a Limits,
    entries: usize,
    bytes: u64,
    found: &'a mut Vec<Found>,
}

impl Members<'_> {
    fn tar(&mut self, stream: impl Read) -> Result<(), VolumeError> {
        // What is skipped is decompressed too: the stream as a whole is capped, with room for tar's own blocks.
        let cap = self
            .limits
            .archive_bytes
            .saturating_add(1024 * self.limits.archive_entries as u64);
        let mut archive = tar::Archive::new(stream.take(cap));
        let entries = archive.entries().map_err(|error| self.unreadable(error))?;
        for entry in entries {
            let entry = entry.map_err(|error| self.unreadable(error))?;
            let path = entry.path().map_err(|error| self.unreadable(error))?.into_owned();
            if entry.header().entry_type().is_file() {
                self.member(&path, entry)?;
            } else {
                self.count_entry()?;
            }
        }
        Ok(())
    }

    fn zip(&mut self, file: BufReader<File>) -> Result<(), VolumeError> {
        let mut archive =
            zip::ZipArchive::new(file).map_err(|error| self.unreadable(io::Error::other(error)))?;
        if archive.len() > self.limits.archive_entries {
            return Err(self.too_many_entries());
        }
        for index in 0..archive.len() {
            let entry = archive
                .by_index(index)
                .map_err(|error| self.unreadable(io::Error::other(error)))?;
            let name = entry
                .name()
                .map_err(|error| self.unreadable(io::Error::other(error)))?;
            let path = Path::new(name.as_ref()).to_owned();
            if entry.is_file() {
                self.member(&path, entry)?;
            }
        }
        Ok(())
    }

    fn member(&mut self, path: &Path, content: impl Read) -> Result<(), VolumeError> {
        self.count_entry()?;
        if is_left_out(path) {
            return Ok(());
        }
        let left = self.limits.archive_bytes - self.bytes;
        // One byte more than allowed tells "exactly at the limit" from "beyond".
        let cap = left.min(self.limits.instance_bytes) + 1;
        let mut bytes = Vec::new();
        content
            .take(cap)
            .read_to_end(&mut bytes)
            .map_err(|error| self.unreadable(error))?;
        if bytes.len() as u64 > left {
            return Err(VolumeError::ArchiveTooLarge {
                file: self.name.to_owned(),
                what: "bytes",
                limit: self.limits.archive_bytes,
            });
        }
        self.bytes += bytes.len() as u64;
        if !looks_like_dicom(&bytes) {
            bytes = Vec::new();
        }
        self.found.push(Found {
            name: path.display().to_string(),
            origin: Origin::Memory(Arc::new(bytes)),
        });
        Ok(())
    }

    fn count_entry(&mut self) -> Result<(), VolumeError> {
        self.entries += 1;
        if self.entries > self.limits.archive_entries {
            return Err(self.too_many_entries());
        }
        Ok(())
    }

    fn too_many_entries(&self) -> VolumeError {
        VolumeError::ArchiveTooLarge {
            file: self.name.to_owned(),
            what: "members",
            limit: self.limits.archive_entries as u64,
        }
    }

    fn unreadable(&self, source: io::Error) -> VolumeError {
        VolumeError::Unreadable {
            file: self.name.to_owned(),
            source,
        }
    }
}
