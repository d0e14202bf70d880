//! The bars on whole CTs, each judged by the one member that has not seen it.

use std::path::{Path, PathBuf};

use hilum_domain::{Lps, NoProgress, Reason, ReasonCode};
use hilum_nodule::{Detections, Detector, Segmenter, segment_lungs};
use hilum_volume::{LoadOptions, Volume, load};

const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../weights/detector.safetensors");

/// The folder of CTs, or `None` with a plain word where there is none.
fn data() -> Option<PathBuf> {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
    let dir = std::env::var_os("HILUM_DATA").map_or_else(|| PathBuf::from(default), PathBuf::from);
    let ct = dir.join("ct");
    if !ct.is_dir() {
        eprintln!("skipped: no CTs below HILUM_DATA or at the default place");
        return None;
    }
    Some(ct)
}

fn detect(ct: &Path, patient: &str) -> (Volume, Detections) {
    let file = ct.join(format!("{patient}.tar.xz"));
    let volume = load(&[file], &LoadOptions::default(), &NoProgress)
        .unwrap()
        .volume;
    let lungs = segment_lungs(&volume).unwrap();
    let detector = Detector::from_safetensors(&std::fs::read(SHIPPED).unwrap()).unwrap();
    let segmenter = Segmenter::from_safetensors(hilum_weights::load("segmenter").unwrap().bytes).unwrap();
    let found = detector.detect(&volume, &lungs, &segmenter, &NoProgress).unwrap();
    assert_eq!(found.members, 1, "{patient}");
    let left_out = |reason: &Reason| reason.code == ReasonCode::TrainingMemberLeftOut;
    assert_eq!(
        found.warnings.iter().filter(|reason| left_out(reason)).count(),
        1,
        "{patient}"
    );
    (volume, found)
}

/// Column and row in pixels and the patient's z in mm, as the readers' table has them.
fn place(volume: &Volume, [x, y, z_mm]: [f64; 3]) -> Lps {
    let affine = volume.affine();
    let first = affine.to_lps([x, y, 0.0]).0[2];
    affine.to_lps([x, y, (z_mm - first) / volume.spacing_mm()[2]])
}

/// Every nodule that four readers outlined is found with its centre within 5 mm; the rest is bounded.
fn check(patient: &str, nodules: &[[f64; 3]], most_others: usize) {
    let Some(ct) = data() else { return };
    let (volume, found) = detect(&ct, patient);
    let mut others = found.nodules.len();
    for &nodule in nodules {
        let center = place(&volume, nodule);
        let nearest = found
            .nodules
            .iter()
            .map(|nodule| nodule.center.distance_mm(center))
            .fold(f64::INFINITY, f64::min);
        assert!(nearest < 5.0, "{patient} {nodule:?}: nearest at {nearest} mm");
        others -= 1;
    }
    let probabilities: Vec<String> = found
        .nodules
        .iter()
        .map(|nodule| format!("{:.3}", nodule.probability))
        .collect();
    eprintln!(
        "{patient}: {} nodules of four readers found, {others} others; reported with {}",
        nodules.len(),
        probabilities.join(" ")
    );
    assert!(others <= most_others, "{patient}: {others} others");
}

#[test]
fn one_large_nodule() {
    check("LIDC-IDRI-0001", &[[316.0, 367.0, -115.62]], 2);
}

#[test]
fn three_nodules() {
    let nodules = [
        [367.0, 350.0, -191.81],
        [308.0, 198.0, -172.75],
        [221.0, 220.0, -168.69],
    ];
    check("LIDC-IDRI-0003", &nodules, 3);
}

#[test]
fn no_nodule() {
    check("LIDC-IDRI-0028", &[], 2);
}
