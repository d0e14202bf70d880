//! The phantom repeats itself, says what it is, and its nodules lie where it says.

use hilum_domain::{Lps, NoduleType};
use hilum_phantom::{ChestPhantom, PhantomError, PhantomNodule, PhantomOptions};

fn options(nodules: Option<Vec<PhantomNodule>>) -> PhantomOptions {
    PhantomOptions {
        size: 128,
        nodules,
        ..PhantomOptions::default()
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let instance = |seed| {
        ChestPhantom::new(seed, &options(None))
            .unwrap()
            .instance(40)
            .unwrap()
    };
    assert_eq!(instance(5), instance(5));
    assert_ne!(instance(5).1, instance(6).1);
    let (name, bytes) = instance(5);
    assert_eq!(name, "slice_040.dcm");
    let text = String::from_utf8_lossy(&bytes);
    for said in [
        "DERIVED\\SECONDARY",
        "Phantom^Synthetic",
        "HILUM-PHANTOM-5",
        "not a patient",
    ] {
        assert!(text.contains(said), "{said}");
    }
}

#[test]
fn hundred_seeds_find_places_for_their_nodules() {
    for seed in 0..100 {
        let phantom = ChestPhantom::new(seed, &options(None)).unwrap();
        let kinds: Vec<NoduleType> = phantom.truth().nodules.iter().map(|nodule| nodule.kind).collect();
        assert_eq!(kinds.len(), 4, "seed {seed}");
    }
}

/// The volume above half contrast is that of the sphere, within a tenth.
#[test]
fn a_nodule_has_its_volume_and_centre() {
    let nodule = PhantomNodule {
        center_lps_mm: Lps([-80.0, 10.0, 150.0]),
        diameter_mm: 24.0,
        kind: NoduleType::Solid,
    };
    let make = |nodules| {
        let options = PhantomOptions {
            size: 256,
            noise_hu: 0.0,
            ..options(Some(nodules))
        };
        ChestPhantom::new(2, &options).unwrap()
    };
    let (with, without) = (make(vec![nodule]), make(vec![]));
    let (mut count, mut sum) = (0, [0.0; 3]);
    for k in 50..71 {
        let (with_plane, without_plane) = (with.slice_hu(k), without.slice_hu(k));
        for (index, (a, b)) in with_plane.iter().zip(&without_plane).enumerate() {
            if a - b > 430 {
                let Lps(point) = with
                    .affine()
                    .to_lps([(index % 256) as f64, (index / 256) as f64, k as f64]);
                count += 1;
                sum = [0, 1, 2].map(|axis: usize| sum[axis] + point[axis]);
            }
        }
    }
    let volume = f64::from(count) * with.affine().voxel_mm3();
    let sphere = std::f64::consts::PI / 6.0 * nodule.diameter_mm.powi(3);
    assert!((volume / sphere - 1.0).abs() < 0.1, "{volume} of {sphere}");
    let centre = Lps(sum.map(|x| x / f64::from(count)));
    assert!(centre.distance_mm(nodule.center_lps_mm) < 0.5, "{centre:?}");
}

#[test]
fn options_are_checked() {
    type Change = fn(&mut PhantomOptions);
    let rows: [(&str, Change); 4] = [
        ("size", |options| options.size = 8),
        ("slices", |options| options.slices = 3),
        ("slice_spacing_mm", |options| options.slice_spacing_mm = f64::NAN),
        ("noise_hu", |options| options.noise_hu = -1.0),
    ];
    for (name, change) in rows {
        let mut options = options(None);
        change(&mut options);
        match ChestPhantom::new(1, &options) {
            Err(PhantomError::Option { option, .. }) => assert_eq!(option, name),
            other => panic!("{name}: {other:?}"),
        }
    }
}
