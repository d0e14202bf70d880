//! The pool with its real child, and with children that misbehave.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};

use hilum_codec::{FrameDecoder as _, FrameFormat, InProcess};
use hilum_decoder::{DecoderPool, PoolSettings};
use hilum_gate::{Limits, PixelData, prescan};

const JPEG_LOSSLESS: &str = "1.2.840.10008.1.2.4.70";
const JPEG_LS: &str = "1.2.840.10008.1.2.4.80";
const JPEG_2000: &str = "1.2.840.10008.1.2.4.90";

/// CT1 of NEMA WG04.
const FORMAT: FrameFormat = FrameFormat {
    rows: 512,
    columns: 512,
    samples: 1,
    bits_allocated: 16,
    bits_stored: 16,
    signed: true,
};

/// A frame of the WG04 images, or `None` where there is no data.
fn frame(name: &str) -> Option<Vec<u8>> {
    let Some(data) = std::env::var_os("HILUM_DATA") else {
        eprintln!("skipped: HILUM_DATA is not set");
        return None;
    };
    let bytes = fs::read(Path::new(&data).join("dicom_samples/enet4_wg04_ct").join(name)).unwrap();
    let scan = prescan(&bytes, &Limits::default()).unwrap();
    let Some(PixelData::Fragments { fragments, .. }) = &scan.pixel_data else {
        panic!("{name} is not encapsulated");
    };
    let fragments = fragments.iter().flat_map(|range| scan.bytes_of(&bytes, range));
    Some(fragments.copied().collect())
}

fn pool(children: usize) -> DecoderPool {
    DecoderPool::new(PoolSettings {
        children,
        ..PoolSettings::with_program(PathBuf::from(env!("CARGO_BIN_EXE_hilum-decode")))
    })
    .unwrap()
}

/// A pool of one child that is a shell script.
fn scripted(script: &str, deadline: Duration) -> DecoderPool {
    let command = ["/bin/sh", "-c", script].map(OsString::from).to_vec();
    DecoderPool::new(PoolSettings {
        command,
        children: 1,
        deadline: Some(deadline),
    })
    .unwrap()
}

#[test]
fn children_decode_what_this_process_decodes() {
    for (name, syntax) in [
        ("JPLL__CT1_JPLL", JPEG_LOSSLESS),
        ("JLSL__CT1_JLSL", JPEG_LS),
        ("J2KR__CT1_J2KR", JPEG_2000),
    ] {
        let Some(frame) = frame(name) else { return };
        let pool = pool(1);
        let here = InProcess.decode(&frame, syntax, &FORMAT).unwrap();
        assert_eq!(pool.decode(&frame, syntax, &FORMAT), Ok(here), "{name}");
    }
}

#[test]
fn many_callers_share_two_children() {
    let Some(frame) = frame("JPLL__CT1_JPLL") else {
        return;
    };
    let expected = InProcess.decode(&frame, JPEG_LOSSLESS, &FORMAT).unwrap();
    let pool = Arc::new(pool(2));
    thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                for _ in 0..3 {
                    assert_eq!(
                        pool.decode(&frame, JPEG_LOSSLESS, &FORMAT).as_ref(),
                        Ok(&expected)
                    );
                }
            });
        }
    });
}

#[test]
fn a_refusal_costs_no_child() {
    let pool = pool(1);
    let rows: [(&[u8], &str, &str); 3] = [
        (b"", JPEG_LOSSLESS, "does not begin with SOI"),
        (b"\xFF\xD8", "1.2.840.10008.1.2.4.53", "Spectral Selection"),
        (b"\xFF\xD8", "1.2.3", "no codec"),
    ];
    for (frame, syntax, expected) in rows {
        let failure = pool.decode(frame, syntax, &FORMAT).unwrap_err().to_string();
        assert!(failure.contains(expected), "{failure}");
    }
    let failure = pool
        .decode(b"", &"1".repeat(65), &FORMAT)
        .unwrap_err()
        .to_string();
    assert!(failure.contains("too long"), "{failure}");
}

/// Hostile codestreams as they come from outside. After each the next frame is decoded.
#[test]
fn hostile_codestreams_cost_one_frame_each() {
    let Some(jpeg_2000) = frame("J2KR__CT1_J2KR") else {
        return;
    };
    let good = frame("JPLL__CT1_JPLL").unwrap();
    let expected_pixels = InProcess.decode(&good, JPEG_LOSSLESS, &FORMAT).unwrap();

    // SIZ says 30 000 x 30 000 in one tile, and so does the DICOM header.
    let mut huge = jpeg_2000;
    for at in [8, 12, 24, 28] {
        huge[at..at + 4].copy_from_slice(&30_000u32.to_be_bytes());
    }
    let huge_format = FrameFormat {
        rows: 30_000,
        columns: 30_000,
        ..FORMAT
    };
    // Cut off in its scan, and a comment that holds an end of image: CharLS 2.4 would loop for ever.
    let mut endless = frame("JLSL__CT1_JLSL").unwrap();
    endless.truncate(endless.len() / 2);
    endless.splice(2..2, *b"\xFF\xFE\0\x04\xFF\xD9");

    let pool = pool(1);
    for (frame, syntax, format, expected) in [
        (&huge, JPEG_2000, huge_format, "JPEG 2000"),
        (&endless, JPEG_LS, FORMAT, "cut off"),
    ] {
        let failure = pool.decode(frame, syntax, &format).unwrap_err().to_string();
        assert!(failure.contains(expected), "{syntax}: {failure}");
        assert_eq!(
            pool.decode(&good, JPEG_LOSSLESS, &FORMAT).as_ref(),
            Ok(&expected_pixels)
        );
    }
}

#[test]
fn misbehaving_children_are_named() {
    let long = Duration::from_mins(1);
    let rows = [
        (
            "exec sleep 60",
            Duration::from_millis(200),
            "took longer than 0.2 s",
        ),
        ("kill -SEGV $$", long, "crashed with signal 11"),
        ("kill -XCPU $$", long, "processor time"),
        ("kill -SYS $$", long, "forbidden system call"),
        ("exit 0", long, "ended with status 0"),
        (
            "echo 'no seccomp' >&2; exit 3",
            long,
            "could not lock itself in: no seccomp",
        ),
        (
            "echo 'memory allocation of 9 bytes failed' >&2; kill -ABRT $$",
            long,
            "ran out of the memory",
        ),
        ("head -c 4096 /dev/zero; exec sleep 60", long, "nonsense"),
        // 2^31 bytes of pixels, where 524288 are declared.
        (r"printf '\001\000\000\000\200'; exec sleep 60", long, "nonsense"),
        (r"printf '\003\003\000\000\000abc'; exec sleep 60", long, "abc"),
        (r"printf '\003\003\000\000\000ab'", long, "ended with status 0"),
    ];
    for (script, deadline, expected) in rows {
        let failure = scripted(script, deadline)
            .decode(&vec![0; 100_000], JPEG_LS, &FORMAT)
            .unwrap_err();
        assert!(failure.to_string().contains(expected), "{script}: {failure}");
    }
    let absent = PoolSettings::with_program(PathBuf::from("/nowhere/hilum-decode"));
    let failure = DecoderPool::new(absent)
        .unwrap()
        .decode(b"", JPEG_LS, &FORMAT)
        .unwrap_err()
        .to_string();
    assert!(
        failure.contains("hilum-decode cannot be started") && !failure.contains("nowhere"),
        "{failure}"
    );
}

#[test]
fn a_crashed_child_is_replaced() {
    let Some(frame) = frame("JPLL__CT1_JPLL") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let marker = folder.path().join("crashed").display().to_string();
    let program = env!("CARGO_BIN_EXE_hilum-decode");
    let script = format!("if [ -e {marker} ]; then exec {program}; fi; : > {marker}; kill -SEGV $$");
    let pool = scripted(&script, Duration::from_mins(1));
    assert!(pool.decode(&frame, JPEG_LOSSLESS, &FORMAT).is_err());
    for _ in 0..2 {
        assert!(pool.decode(&frame, JPEG_LOSSLESS, &FORMAT).is_ok());
    }
}
