//! `hilum volume` against pydicom.

use std::process::Command;

use hilum_tests::{data, server::program};

fn check(patient: &str) {
    let Some(archive) = data::ct(patient) else { return };
    let Some(python) = std::env::var_os("HILUM_PYTHON") else {
        panic!("HILUM_PYTHON is not set; `make test` sets it to a Python with pydicom");
    };
    let work = tempfile::tempdir().unwrap();
    let answer = Command::new(python)
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/clients/volume_equals_pydicom.py"
        ))
        .args([program().as_path(), &archive, work.path()])
        .output()
        .unwrap();
    assert!(
        answer.status.success(),
        "{patient}: {}",
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
