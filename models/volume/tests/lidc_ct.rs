//! Three real CTs against pydicom, voxel by voxel. Recipe of the golden values: `golden/hu_golden.py`.

use std::fs;
use std::path::PathBuf;

use hilum_domain::{NoProgress, ReasonCode, Sha256};
use hilum_volume::{LoadOptions, LoadedSeries, load};

fn data() -> PathBuf {
    std::env::var_os("HILUM_DATA").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")),
        PathBuf::from,
    )
}

struct Golden {
    case: &'static str,
    shape_kji: [usize; 3],
    /// SHA-256 of the HU as little-endian int16, `[slice][row][column]`.
    hu_sha256: &'static str,
    /// Column, row and slice spacing, then the position of the first voxel, all LPS mm.
    spacing_mm: [f64; 3],
    origin_mm: [f64; 3],
}

const GOLDEN: [Golden; 3] = [
    Golden {
        case: "LIDC-IDRI-0001",
        shape_kji: [133, 512, 512],
        hu_sha256: "36e9ad75d5865222ea1f4dbf036b20e68cad48ad04fd485e3344a12379333a1e",
        spacing_mm: [0.703_125, 0.703_125, 2.5],
        origin_mm: [-166.0, -171.699_997, -340.0],
    },
    Golden {
        case: "LIDC-IDRI-0003",
        shape_kji: [140, 512, 512],
        hu_sha256: "26cc6a6146a4200f9f3f87674dc85190d22084f76944287bdfd01b74de3da71f",
        spacing_mm: [0.820_312, 0.820_312, 2.5],
        origin_mm: [-228.800_003, -210.0, -379.0],
    },
    Golden {
        case: "LIDC-IDRI-0028",
        shape_kji: [141, 512, 512],
        hu_sha256: "dddf8a575be080f85584aad436e42cfd932ebc1f0d9e17c73833161082e48a33",
        spacing_mm: [0.664_062, 0.664_062, 2.5],
        origin_mm: [-170.0, -170.0, -365.25],
    },
];

#[test]
fn equal_to_pydicom_voxel_by_voxel() {
    for golden in GOLDEN {
        let archive = data().join("ct").join(format!("{}.tar.xz", golden.case));
        if !archive.exists() {
            eprintln!("skipped: {} is not there (set HILUM_DATA)", golden.case);
            continue;
        }
        let series = load(&[archive], &LoadOptions::default(), &NoProgress).unwrap();
        check(&golden, &series);
    }
}

fn check(golden: &Golden, series: &LoadedSeries) {
    let case = golden.case;
    let volume = &series.volume;
    assert_eq!(volume.shape_kji(), golden.shape_kji, "{case}");
    let hu: Vec<u8> = volume
        .i16_view()
        .unwrap()
        .iter()
        .flat_map(|hu| hu.to_le_bytes())
        .collect();
    assert_eq!(Sha256::of(&hu).as_str(), golden.hu_sha256, "{case}");
    let affine = volume.affine().matrix();
    for row in 0..3 {
        for column in 0..3 {
            let wanted = if row == column {
                golden.spacing_mm[row]
            } else {
                0.0
            };
            assert!((affine[row][column] - wanted).abs() < 1e-4, "{case} {affine:?}");
        }
        assert!(
            (affine[row][3] - golden.origin_mm[row]).abs() < 1e-4,
            "{case} {affine:?}"
        );
    }
    assert!(series.warnings.is_empty(), "{case} {:?}", series.warnings);
    assert!(
        series
            .set_aside
            .iter()
            .all(|aside| aside.code == ReasonCode::NotDicom)
    );
}

/// Every public sample file, alone and all together: a volume or a named error, never a panic.
#[test]
fn samples_give_named_errors() {
    let samples = data().join("dicom_samples");
    if !samples.exists() {
        eprintln!("skipped: dicom_samples is not there (set HILUM_DATA)");
        return;
    }
    let mut folders = vec![samples];
    let mut files = 0;
    let mut refused = std::collections::BTreeMap::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            files += 1;
            let error = load(std::slice::from_ref(&path), &LoadOptions::default(), &NoProgress).unwrap_err();
            let sentence = error.to_string();
            assert!(!sentence.is_empty() && !sentence.ends_with('.'), "{sentence}");
            *refused.entry(error.code()).or_insert(0) += 1;
        }
        // Whatever a folder holds: no panic.
        let _ = load(&[folder], &LoadOptions::default(), &NoProgress);
    }
    eprintln!("{files} files: {refused:?}");
    assert!(files > 0);
}
