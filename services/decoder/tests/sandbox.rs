//! What the system says of a child. Alone in its process, so that every child of it is the one that is meant.

use std::fs;

use hilum_codec::{FrameDecoder as _, FrameFormat};
use hilum_decoder::{DecoderPool, PoolSettings};

const JPEG_LS: &str = "1.2.840.10008.1.2.4.80";
const FORMAT: FrameFormat = FrameFormat {
    rows: 512,
    columns: 512,
    samples: 1,
    bits_allocated: 16,
    bits_stored: 16,
    signed: true,
};

#[test]
fn a_child_is_locked_in() {
    let settings = PoolSettings {
        children: 1,
        ..PoolSettings::with_program(env!("CARGO_BIN_EXE_hilum-decode").into())
    };
    let pool = DecoderPool::new(settings).unwrap();
    pool.decode(b"", JPEG_LS, &FORMAT).unwrap_err();
    let children: Vec<String> = fs::read_dir("/proc/self/task")
        .unwrap()
        .filter_map(|task| fs::read_to_string(task.unwrap().path().join("children")).ok())
        .flat_map(|children| children.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        .filter(|child| {
            fs::read_to_string(format!("/proc/{child}/comm")).is_ok_and(|name| name.trim() == "hilum-decode")
        })
        .collect();
    assert!(!children.is_empty());
    for child in children {
        let status = fs::read_to_string(format!("/proc/{child}/status")).unwrap();
        for line in ["NoNewPrivs:\t1", "Seccomp:\t2"] {
            assert!(status.contains(line), "{line} is not in {status}");
        }
        let limits = fs::read_to_string(format!("/proc/{child}/limits")).unwrap();
        let limit = |name: &str| {
            let line = limits.lines().find(|line| line.starts_with(name)).unwrap();
            line[name.len()..].split_whitespace().next().unwrap().to_owned()
        };
        assert_eq!(limit("Max open files"), "3");
        assert_eq!(limit("Max core file size"), "0");
        assert_eq!(limit("Max file size"), "0");
        let memory: u64 = limit("Max address space").parse().unwrap();
        assert!(memory < 128 << 20, "{memory} bytes for 512 x 512 pixels");
    }
}
