//! Every file of the sample corpora is read or refused with a code: `golden/corpus.tsv` pins the outcome of each.
//!
//! Columns: file, stored pixels (`frames x rows x columns` with the first 16 digits of their SHA-256, or a code), what
//! becomes of a series of this file alone (a code). Digests stand for lossless syntaxes only, since the arithmetic of
//! lossy ones is the library's own. `golden/corpus.py` makes the second column with pydicom, for comparison.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use hilum_codec::InProcess;
use hilum_domain::{NoProgress, Sha256};
use hilum_volume::{Limits, LoadOptions, load_instances, stored_image};

const GOLDEN: &str = include_str!("golden/corpus.tsv");

/// Transfer syntaxes whose pixels are not those that were compressed.
const LOSSY: [&str; 4] = ["50", "51", "81", "91"];

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut folders = vec![folder.to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn stored(name: &str, bytes: &[u8]) -> String {
    match stored_image(name, bytes, &Limits::default(), Some(&InProcess)) {
        Err(error) => error.code().as_str().to_owned(),
        Ok(image) => {
            let mut text = format!("{}x{}x{}", image.frames, image.rows, image.columns);
            let lossy = LOSSY.iter().any(|end| {
                let uid = format!("1.2.840.10008.1.2.4.{end}");
                image.transfer_syntax.as_str() == uid
            });
            if !lossy {
                let digest = Sha256::of(&image.pixels);
                write!(text, " {}", &digest.as_str()[..16]).unwrap();
            }
            if image.sign_mismatch {
                text.push_str(" sign_mismatch");
            }
            text
        }
    }
}

fn series(name: &str, bytes: Vec<u8>) -> String {
    let options = LoadOptions {
        decoder: Some(std::sync::Arc::new(InProcess)),
        ..LoadOptions::default()
    };
    match load_instances([(name.to_owned(), bytes)], &options, &NoProgress) {
        Err(error) => error.code().as_str().to_owned(),
        Ok(loaded) => format!("volume of {:?}", loaded.volume.shape_kji()),
    }
}

#[test]
fn every_file_has_its_outcome() {
    let Some(data) = std::env::var_os("HILUM_DATA") else {
        eprintln!("skipped: HILUM_DATA is not set");
        return;
    };
    let root = Path::new(&data).join("dicom_samples");
    let mut table = String::new();
    for file in files(&root) {
        let name = file.strip_prefix(&root).unwrap().display().to_string();
        let bytes = std::fs::read(&file).unwrap();
        let pixels = stored(&name, &bytes);
        writeln!(table, "{name}\t{pixels}\t{}", series(&name, bytes)).unwrap();
    }
    if table != GOLDEN {
        let before: Vec<_> = GOLDEN.lines().collect();
        let after: Vec<_> = table.lines().collect();
        for line in before.iter().filter(|line| !after.contains(line)) {
            eprintln!("- {line}");
        }
        for line in after.iter().filter(|line| !before.contains(line)) {
            eprintln!("+ {line}");
        }
        panic!("outcomes differ from golden/corpus.tsv, see above");
    }
}

/// Two frames of 12-bit JPEG over eleven fragments without an offset table. Golden values as in the codec's own tests:
/// pydicom 3.0.2 with pylibjpeg-libjpeg 2.5.0, the pixels at every ninth of both frames; rounding may differ by one.
#[test]
fn frames_over_several_fragments_without_a_table() {
    let Some(data) = std::env::var_os("HILUM_DATA") else {
        eprintln!("skipped: HILUM_DATA is not set");
        return;
    };
    let name = "CT0012.fragmented_no_bot_jpeg_baseline.51.dcm";
    let file = Path::new(&data)
        .join("dicom_samples/cornerstone_ct_all_syntaxes")
        .join(name);
    let image = stored_image(
        name,
        &std::fs::read(file).unwrap(),
        &Limits::default(),
        Some(&InProcess),
    )
    .unwrap();
    assert_eq!((image.frames, image.rows, image.columns), (2, 512, 512));
    let pixel = |index: usize| {
        i32::from(u16::from_le_bytes([
            image.pixels[2 * index],
            image.pixels[2 * index + 1],
        ]))
    };
    for (k, expected) in (1..).zip([1023, 2083, 1048, 1023, 1023, 2094, 2062, 2118]) {
        let ours = pixel(2 * 512 * 512 * k / 9);
        assert!((ours - expected).abs() <= 1, "ninth {k}: {ours}, not {expected}");
    }
}
