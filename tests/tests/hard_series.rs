//! `hilum volume` against the truth of generated hard series: shuffled, tilted, incomplete, doubled, mixed, compressed.

use std::path::PathBuf;
use std::process::Command;

use hilum_tests::server::program;

/// The series are made by the peer harness, once: a machine without them still has the equal cases of
/// `models/volume/tests/geometry`.
fn series() -> Option<PathBuf> {
    let work =
        std::env::var_os("HILUM_BENCH_WORK").map_or_else(|| "/var/tmp/hilum-bench".into(), PathBuf::from);
    let data = work.join("data");
    if data.join("hard_types.truth.json").is_file() {
        return Some(data);
    }
    eprintln!(
        "SKIPPED: no generated series at {} (set HILUM_BENCH_WORK)",
        data.display()
    );
    None
}

#[test]
fn hard_series_equal_their_truth() {
    let Some(data) = series() else { return };
    let Some(python) = std::env::var_os("HILUM_PYTHON") else {
        panic!("HILUM_PYTHON is not set; `make test` sets it to a Python with numpy");
    };
    let work = tempfile::tempdir().unwrap();
    let answer = Command::new(python)
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/clients/hard_series_equal_truth.py"
        ))
        .args([program().as_path(), &data, work.path()])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&answer.stdout);
    assert!(
        answer.status.success(),
        "{told}{}",
        String::from_utf8_lossy(&answer.stderr)
    );
    eprint!("{told}");
}
