//! Real data for tests, found through `HILUM_DATA` or beside the checkout.

use std::path::{Path, PathBuf};

/// The folder with the real data, or `None` after saying so on standard error.
///
/// Tests that get `None` return at once: they are skipped, and the output says it.
pub fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("HILUM_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"),
        PathBuf::from,
    );
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED: no real data at {} (set HILUM_DATA)", folder.display());
    None
}

/// One CT series of the real data, an archive as it was handed over.
pub fn ct(patient: &str) -> Option<PathBuf> {
    Some(folder()?.join("ct").join(format!("{patient}.tar.xz")))
}

/// The folder of DICOM samples of the real data.
pub fn samples() -> Option<PathBuf> {
    Some(folder()?.join("dicom_samples"))
}
