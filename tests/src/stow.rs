//! Bodies for STOW-RS.

use std::{fs, io::Read as _, path::Path};

/// Boundary of the bodies made here.
pub const BOUNDARY: &str = "hilum-test-boundary";

/// Value of the Content-Type header for [`body`].
pub fn content_type() -> String {
    format!("multipart/related; type=\"application/dicom\"; boundary={BOUNDARY}")
}

/// A multipart/related body with one part for each instance.
pub fn body<'a>(instances: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut body = Vec::new();
    for instance in instances {
        body.extend_from_slice(format!("--{BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n").as_bytes());
        body.extend_from_slice(instance);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}

/// Every `.dcm` file of a folder, by name.
///
/// # Panics
/// When the folder cannot be read.
pub fn files(folder: &Path) -> Vec<Vec<u8>> {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .expect("folder")
        .map(|entry| entry.expect("entry").path())
        .collect();
    paths.sort();
    paths
        .iter()
        .filter(|p| p.extension().is_some_and(|e| e == "dcm"))
        .map(|p| fs::read(p).expect("file"))
        .collect()
}

/// Every `.dcm` member of a tar.xz archive.
///
/// # Panics
/// When the archive cannot be read.
pub fn archive(path: &Path) -> Vec<Vec<u8>> {
    let file = fs::File::open(path).expect("archive");
    let mut tar = tar::Archive::new(liblzma::read::XzDecoder::new(file));
    let mut instances = Vec::new();
    for entry in tar.entries().expect("tar") {
        let mut entry = entry.expect("member");
        if entry
            .path()
            .expect("name")
            .extension()
            .is_some_and(|e| e == "dcm")
        {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).expect("member");
            instances.push(bytes);
        }
    }
    instances
}
