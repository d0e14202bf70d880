//! The phantom repeats itself, says what it is, and its nodules lie where it says.

use hilum_domain::{Lps, NoduleType, Sha256};
use hilum_phantom::{ChestPhantom, Kernel, PhantomError, PhantomNodule, PhantomOptions};

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
    let nodule = PhantomNodule::ball(Lps([-80.0, 10.0, 150.0]), 24.0, NoduleType::Solid);
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

/// What the scanner can be told changes the picture, and only where it should.
#[test]
fn every_option_of_the_scanner_shows() {
    type Change = fn(&mut PhantomOptions);
    let rows: [(&str, Change); 9] = [
        ("thickness", |o| o.slice_thickness_mm = Some(7.5)),
        ("tilt", |o| o.tilt_degrees = 12.0),
        ("noise", |o| o.noise_hu = 40.0),
        ("noise seed", |o| o.noise_seed = Some(99)),
        ("soft", |o| o.kernel = Kernel::Soft),
        ("sharp", |o| o.kernel = Kernel::Sharp),
        ("fissures", |o| o.fissures = true),
        ("contrast", |o| o.contrast = true),
        ("motion", |o| o.motion_mm = 6.0),
    ];
    let plain = ChestPhantom::new(3, &options(None)).unwrap().slice_hu(60);
    for (what, change) in rows {
        let mut options = options(None);
        change(&mut options);
        let phantom = ChestPhantom::new(3, &options).unwrap();
        let plane = phantom.slice_hu(60);
        let differ = plane.iter().zip(&plain).filter(|(a, b)| a != b).count();
        assert!(differ > 20, "{what}: {differ} pixels differ");
        assert_eq!(plane, phantom.slice_hu(60), "{what}");
    }
}

#[test]
fn metal_is_in_its_slices_only() {
    let make = |metal| {
        let options = PhantomOptions {
            metal,
            ..options(None)
        };
        ChestPhantom::new(3, &options).unwrap()
    };
    let (with, without) = (make(true), make(false));
    let brightest = |plane: Vec<i16>| plane.into_iter().max().unwrap();
    assert_eq!(brightest(with.slice_hu(95)), 3071);
    assert!(brightest(without.slice_hu(95)) < 1000);
    assert_eq!(with.slice_hu(40), without.slice_hu(40));
}

#[test]
fn the_header_says_what_was_asked() {
    let options = PhantomOptions {
        slice_thickness_mm: Some(1.0),
        tilt_degrees: 15.0,
        kernel: Kernel::Sharp,
        contrast: true,
        age_years: 9,
        body_part: "ABDOMEN".to_owned(),
        ..options(None)
    };
    let (_, bytes) = ChestPhantom::new(5, &options).unwrap().instance(3).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    for said in [
        "009Y",
        "20110101",
        "ABDOMEN",
        "SHARP",
        "Iodine",
        "1\\0\\0\\0\\0.965926\\0.258819",
    ] {
        assert!(text.contains(said), "{said}");
    }
}

/// Default pixels are those of the first version of the phantom: other options came without changing them.
/// Recipe: SHA-256 over the HU of slice 60 of seed 7, 128 x 128, as little-endian 16-bit numbers.
#[test]
fn default_pixels_stay_as_they_are() {
    let plane = ChestPhantom::new(7, &options(None)).unwrap().slice_hu(60);
    let bytes: Vec<u8> = plane.iter().flat_map(|hu| hu.to_le_bytes()).collect();
    assert_eq!(
        Sha256::of(&bytes).as_str(),
        "78a06e43abd54c09d53239cf9750195859931ce3ff42ae2ca7d21318aec72159"
    );
}

#[test]
fn options_are_checked() {
    type Change = fn(&mut PhantomOptions);
    let rows: [(&str, Change); 8] = [
        ("size", |options| options.size = 8),
        ("slices", |options| options.slices = 3),
        ("slice_spacing_mm", |options| options.slice_spacing_mm = f64::NAN),
        ("slice_thickness_mm", |options| {
            options.slice_thickness_mm = Some(0.1);
        }),
        ("tilt_degrees", |options| options.tilt_degrees = 45.0),
        ("noise_hu", |options| options.noise_hu = -1.0),
        ("motion_mm", |options| options.motion_mm = f64::INFINITY),
        ("breath.wave_mm", |options| options.breath.wave_mm = 9.0),
    ];
    for (name, change) in rows {
        let mut options = options(None);
        change(&mut options);
        match ChestPhantom::new(1, &options) {
            Err(PhantomError::Option { option, .. }) => assert_eq!(option, name),
            other => panic!("{name}: {other:?}"),
        }
    }
    let mut text = options(None);
    text.body_part = "chest\\wall".to_owned();
    assert!(matches!(
        ChestPhantom::new(1, &text),
        Err(PhantomError::Text { .. })
    ));
}
