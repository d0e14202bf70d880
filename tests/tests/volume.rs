//! `hilum volume` against pydicom.

use std::{path::Path, process::Command};

use hilum_tests::{data, server::program};

fn check(patient: &str) {
    if let Some(archive) = data::ct(patient) {
        client("volume_equals_pydicom.py", &archive);
    }
}

/// Runs a client with the program, its input and an empty folder.
fn client(script: &str, input: &Path) {
    let Some(python) = std::env::var_os("HILUM_PYTHON") else {
        panic!("HILUM_PYTHON is not set; `make test` sets it to a Python with pydicom");
    };
    let work = tempfile::tempdir().unwrap();
    let answer = Command::new(python)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("clients").join(script))
        .args([program().as_path(), input, work.path()])
        .output()
        .unwrap();
    assert!(
        answer.status.success(),
        "{}: {}",
        input.display(),
        String::from_utf8_lossy(&answer.stderr)
    );
}

#[test]
fn lidc_0001_equals_pydicom() {
    check("LIDC-IDRI-0001");
}

#[test]
fn lidc_0003_equals_pydicom() {
    check("LIDC-IDRI-0003");
}

#[test]
fn lidc_0028_equals_pydicom() {
    check("LIDC-IDRI-0028");
}

/// The NEMA WG04 images through the program and its decoding children.
#[test]
fn compressed_series_equal_their_rle() {
    if let Some(samples) = data::samples() {
        client("compressed_equals_rle.py", &samples.join("enet4_wg04_ct"));
    }
}
