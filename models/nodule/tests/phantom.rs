//! Lungs, candidates and outlines on a synthetic chest.

use std::sync::LazyLock;

use hilum_domain::{Lps, NoduleType, ReasonCode, Sha256, VoxelIndex};
use hilum_nodule::{LungMask, NoduleError, Segmentation, find_candidates, measure, segment, segment_lungs};
use hilum_phantom::{ChestPhantom, NoduleTruth, PhantomOptions};
use hilum_volume::{Volume, Voxels};
use ndarray::Array3;

struct Chest {
    volume: Volume,
    lungs: LungMask,
    nodules: Vec<NoduleTruth>,
}

static CHEST: LazyLock<Chest> = LazyLock::new(|| {
    let options = PhantomOptions {
        slices: 200,
        slice_spacing_mm: 1.25,
        ..PhantomOptions::default()
    };
    let phantom = ChestPhantom::new(7, &options).unwrap();
    let volume = phantom.volume().unwrap();
    let lungs = segment_lungs(&volume).unwrap();
    Chest {
        lungs,
        volume,
        nodules: phantom.truth().nodules.clone(),
    }
});

fn with_voxels(phantom: &ChestPhantom, hu: Array3<i16>) -> Volume {
    let truth = phantom.truth();
    Volume::new(
        Voxels::I16(hu),
        *phantom.affine(),
        truth.study_instance_uid.clone(),
        truth.series_instance_uid.clone(),
        Sha256::of(b"phantom"),
    )
    .unwrap()
}

/// The ball that the phantom drew.
fn ball(volume: &Volume, nodule: &NoduleTruth) -> Segmentation {
    let [k, j, i] = volume.shape_kji();
    let mask = Array3::from_shape_fn((k, j, i), |(k, j, i)| {
        let point = volume.affine().to_lps([i as f64, j as f64, k as f64]);
        point.distance_mm(nodule.center_lps_mm) <= nodule.diameter_mm / 2.0
    });
    Segmentation::new(&mask, VoxelIndex([0; 3])).unwrap()
}

#[test]
fn every_nodule_is_inside_the_lungs_a_candidate_and_outlined() {
    let chest = &*CHEST;
    let candidates = find_candidates(&chest.volume, &chest.lungs);
    assert!(candidates.len() <= 600);
    for nodule in &chest.nodules {
        let center = nodule.center_lps_mm;
        assert!(chest.lungs.contains(&chest.volume, center), "{nodule:?}");
        let nearest = candidates
            .iter()
            .map(|candidate| candidate.center.distance_mm(center))
            .fold(f64::INFINITY, f64::min);
        assert!(nearest < 3.0, "{nodule:?}: nearest candidate at {nearest} mm");

        let outline = segment(&chest.volume, &chest.lungs, center).unwrap();
        let m = measure(&chest.volume, &outline).unwrap();
        let dice = outline.dice(&ball(&chest.volume, nodule));
        eprintln!(
            "{:?} {:.1} mm: dice {dice:.3}, volume {:.0}, {:?}",
            nodule.kind, nodule.diameter_mm, m.volume_mm3, m.nodule_type
        );
        assert!(dice > 0.8, "{nodule:?}: dice {dice}");
        assert!(
            m.center_lps.distance_mm(center) < 1.0,
            "{nodule:?}: {:?}",
            m.center_lps
        );
        assert_eq!(m.nodule_type, nodule.kind, "{nodule:?}: mean {} HU", m.mean_hu);
    }
    assert!(
        chest
            .nodules
            .iter()
            .any(|nodule| nodule.kind == NoduleType::GroundGlass)
    );
}

#[test]
fn seeds_on_nothing_are_refused_by_code() {
    let chest = &*CHEST;
    let [k, j, i] = chest.volume.shape_kji();
    let middle = chest
        .volume
        .affine()
        .to_lps([i as f64 / 2.0, j as f64 / 2.0, k as f64 / 2.0]);
    let outside = Lps([middle.0[0] + 5000.0, middle.0[1], middle.0[2]]);
    for (what, seed) in [
        ("mediastinum", middle),
        ("off the volume", outside),
        (
            "air beside the body",
            chest.volume.affine().to_lps([2.0, 2.0, k as f64 / 2.0]),
        ),
        ("empty lung", empty_lung(chest)),
    ] {
        let error = segment(&chest.volume, &chest.lungs, seed).expect_err(what);
        assert_eq!(
            error.reason_code(),
            Some(ReasonCode::SeedNotOnNodule),
            "{what}: {error}"
        );
    }
}

/// A place in the lungs with nothing denser within 3 mm.
fn empty_lung(chest: &Chest) -> Lps {
    let [nk, nj, ni] = chest.volume.shape_kji();
    let step = 10;
    for k in (nk / 3..2 * nk / 3).step_by(step) {
        for j in (step..nj - step).step_by(step) {
            for i in (step..ni - step).step_by(step) {
                let around = (k - 3..=k + 3)
                    .flat_map(|k| (j - 6..=j + 6).flat_map(move |j| (i - 6..=i + 6).map(move |i| [i, j, k])));
                let point = chest.volume.affine().to_lps([i as f64, j as f64, k as f64]);
                let mut around = around.map(|at| chest.volume.hu(VoxelIndex(at)));
                if chest.lungs.contains(&chest.volume, point) && around.all(|hu| hu < -750.0 && hu > -950.0) {
                    return point;
                }
            }
        }
    }
    panic!("the phantom has no empty lung");
}

#[test]
fn water_and_air_have_no_lungs() {
    let phantom = ChestPhantom::new(
        1,
        &PhantomOptions {
            size: 64,
            slices: 16,
            ..PhantomOptions::default()
        },
    )
    .unwrap();
    for hu in [0, -1000] {
        let volume = with_voxels(&phantom, Array3::from_elem((16, 64, 64), hu));
        let error = segment_lungs(&volume).unwrap_err();
        assert!(matches!(error, NoduleError::NoLungs { .. }), "{error}");
        assert_eq!(error.reason_code(), Some(ReasonCode::NoLungs));
    }
}
