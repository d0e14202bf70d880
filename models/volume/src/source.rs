//! Where instances come from: folders, files, archives.

use std::fs::{self, File};
use std::io::Read;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hilum_gate::{GateError, Limits};

use crate::slice::ReadFailure;
use crate::{VolumeError, archive};

/// One candidate instance and what messages call it.
pub(crate) struct Found {
    pub(crate) name: String,
    pub(crate) origin: Origin,
}

#[derive(Debug, Clone)]
pub(crate) enum Origin {
    File(PathBuf),
    /// Shared by the frames of an instance.
    Memory(Arc<Vec<u8>>),
}

/// All candidate instances of the inputs. Folders are walked without following links, hidden files and
/// `DICOMDIR` are left out; archives are opened only when they are named themselves.
pub(crate) fn gather(inputs: &[PathBuf], limits: &Limits) -> Result<Vec<Found>, VolumeError> {
    let mut found = Vec::new();
    for input in inputs {
        let unreadable = |source| VolumeError::Unreadable {
            file: display_name(input),
            source,
        };
        let metadata = fs::metadata(input).map_err(unreadable)?;
        if metadata.is_dir() {
            walk(input, &mut found)?;
            continue;
        }
        if !metadata.is_file() {
            return Err(unreadable(std::io::Error::other("neither a file nor a folder")));
        }
        let mut head = Vec::new();
        let file = File::open(input).map_err(unreadable)?;
        file.take(512).read_to_end(&mut head).map_err(unreadable)?;
        match archive::kind(&head) {
            Some(kind) => archive::read(input, &display_name(input), kind, limits, &mut found)?,
            None => found.push(Found {
                name: display_name(input),
                origin: Origin::File(input.clone()),
            }),
        }
    }
    Ok(found)
}

/// Reads a whole file into `buffer`, no more than one instance may have.
pub(crate) fn read_file(path: &Path, limits: &Limits, buffer: &mut Vec<u8>) -> Result<(), ReadFailure> {
    read_beginning(path, u64::MAX, limits, buffer).map(|_| ())
}

/// Reads up to `most` bytes from the beginning of a file into `buffer`, and says how long the file is.
pub(crate) fn read_beginning(
    path: &Path,
    most: u64,
    limits: &Limits,
    buffer: &mut Vec<u8>,
) -> Result<u64, ReadFailure> {
    let mut file = File::open(path).map_err(ReadFailure::System)?;
    let length = file.metadata().map_err(ReadFailure::System)?.len();
    if length > limits.instance_bytes {
        return Err(ReadFailure::Gate(GateError::InstanceTooLarge {
            bytes: length,
            limit: limits.instance_bytes,
        }));
    }
    // Not emptied first: only what the buffer grows by is filled with zeros, and all of it is overwritten.
    buffer.resize(length.min(most) as usize, 0);
    file.read_exact(buffer).map_err(ReadFailure::System)?;
    Ok(length)
}

/// Reads parts of a file one after the other into `buffer`.
pub(crate) fn read_ranges(path: &Path, ranges: &[Range<usize>], buffer: &mut Vec<u8>) -> std::io::Result<()> {
    let file = File::open(path)?;
    buffer.clear();
    buffer.resize(ranges.iter().map(ExactSizeIterator::len).sum(), 0);
    let mut place = buffer.as_mut_slice();
    for range in ranges {
        let (part, rest) = place.split_at_mut(range.len());
        file.read_exact_at(part, range.start as u64)?;
        place = rest;
    }
    Ok(())
}

/// Whether a member or file is left out by its name: hidden, or the directory of a DICOM medium.
pub(crate) fn is_left_out(path: &Path) -> bool {
    let hidden = path.components().any(|component| {
        let name = component.as_os_str().to_string_lossy();
        name.starts_with('.') && name != "." && name != ".."
    });
    let is_dicomdir = path
        .file_name()
        .is_some_and(|name| name.eq_ignore_ascii_case("DICOMDIR"));
    hidden || is_dicomdir
}

/// Walks a folder iteratively.
fn walk(root: &Path, found: &mut Vec<Found>) -> Result<(), VolumeError> {
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let unreadable = |source| VolumeError::Unreadable {
            file: folder.strip_prefix(root).unwrap_or(&folder).display().to_string(),
            source,
        };
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let kind = entry.file_type().map_err(unreadable)?;
            if is_left_out(Path::new(&entry.file_name())) {
                continue;
            }
            let path = entry.path();
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
                found.push(Found {
                    name,
                    origin: Origin::File(path),
                });
            }
        }
    }
    Ok(())
}

fn display_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}
