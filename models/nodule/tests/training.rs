//! Training runs, and runs the same way twice.

use std::path::PathBuf;

use hilum_domain::{Lps, NoProgress, Sha256, Uid};
use hilum_nodule::{Detector, DetectorTrainConfig, KnownNodule, NoduleError, SyntheticCt, train_detector};
use hilum_phantom::{ChestPhantom, PhantomOptions};
use hilum_volume::{Volume, Voxels};
use ndarray::Array3;

fn chest(seed: u64) -> Volume {
    let options = PhantomOptions {
        size: 96,
        slices: 40,
        slice_spacing_mm: 6.0,
        ..PhantomOptions::default()
    };
    let phantom = ChestPhantom::new(seed, &options).unwrap();
    let [k, j, i] = phantom.shape_kji();
    let hu = Array3::from_shape_vec((k, j, i), phantom.hu()).unwrap();
    let uid = Uid::parse(&format!("1.2.{seed}")).unwrap();
    Volume::new(
        Voxels::I16(hu),
        *phantom.affine(),
        uid.clone(),
        uid,
        Sha256::of(b"chest"),
    )
    .unwrap()
}

#[test]
fn two_steps_twice() {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
    let data = std::env::var_os("HILUM_DATA").map_or_else(|| PathBuf::from(default), PathBuf::from);
    let cohort = data.join("lidc_nodules");
    if !cohort.is_dir() {
        eprintln!("skipped: no cohort below HILUM_DATA or at the default place");
        return;
    }
    let chests = [11, 12, 13].map(chest);
    let synthetic = [SyntheticCt {
        volume: chest(14),
        nodules: vec![KnownNodule {
            center: Lps([-76.0, 0.0, 120.0]),
            diameter_mm: 10.0,
        }],
    }];
    let config = DetectorTrainConfig {
        steps: 2,
        batch: 8,
        least_outlines: 4,
        scouts: true,
        threads: 2,
        ..DetectorTrainConfig::default()
    };
    let train = || train_detector(&cohort, &chests, &synthetic, None, &config, &NoProgress).unwrap();
    let trained = train();
    assert_eq!(Sha256::of(&trained.safetensors), Sha256::of(&train().safetensors));
    assert_eq!(trained.report.members.len(), 3);
    assert_eq!(trained.report.scouts.len(), 3);
    assert_eq!(trained.report.synthetic, [1, 1]);
    assert!(
        trained.report.tiles[0] > 100 && trained.report.beside[0] > 50,
        "{:?} {:?}",
        trained.report.tiles,
        trained.report.beside
    );
    assert!(
        trained.report.pieces[0] > 200 && trained.report.pieces[1] > 20,
        "{:?}",
        trained.report.pieces
    );
    assert_eq!(
        Detector::from_safetensors(&trained.safetensors)
            .unwrap()
            .members(),
        3
    );

    let start = Detector::from_safetensors(&trained.safetensors).unwrap();
    let go_on = |chests: &[Volume], scouts| {
        let config = DetectorTrainConfig {
            steps: 1,
            scouts,
            ..config.clone()
        };
        train_detector(&cohort, chests, &synthetic, Some(&start), &config, &NoProgress)
    };
    let further = go_on(&chests, false).unwrap();
    assert_ne!(further.safetensors, trained.safetensors);
    assert!(further.report.started_from.is_some() && further.report.scouts.is_empty());
    let others = [12, 13, 15].map(chest);
    for (error, want) in [
        (go_on(&others, false).unwrap_err(), "no member to go on from"),
        (
            go_on(&chests, true).unwrap_err(),
            "scouts have nothing to go on from",
        ),
    ] {
        assert!(error.to_string().contains(want), "{error}");
    }
}

#[test]
fn refuses_what_trains_nothing() {
    let good = DetectorTrainConfig::default;
    let rows = [
        (2, good(), "2 CTs were given"),
        (
            3,
            DetectorTrainConfig { steps: 0, ..good() },
            "0 steps of 32 samples",
        ),
        (3, DetectorTrainConfig { threads: 0, ..good() }, "0 threads"),
        (
            3,
            DetectorTrainConfig {
                learning_rate: f64::NAN,
                ..good()
            },
            "learning rate NaN",
        ),
    ];
    for (cts, config, want) in rows {
        let chests: Vec<Volume> = (0..cts).map(|_| chest(11)).collect();
        let error = train_detector("nowhere".as_ref(), &chests, &[], None, &config, &NoProgress).unwrap_err();
        assert!(matches!(error, NoduleError::Training(_)));
        assert!(error.to_string().contains(want), "{error}");
    }
}
