//! A crop is the same whether it is cut from a CT or read from tiles.

use hilum_cohort::{HuMap, Nodule, Slice};
use hilum_domain::{Affine, Lps, Sha256, Uid};
use hilum_imaging::{Augmentation, CropError, HuSource, NoduleCrop, TYPICAL_MAP, View};
use hilum_volume::{Volume, Voxels};
use ndarray::Array3;
use rand::SeedableRng;

const SIZE: usize = 120;

/// HU as a function of the voxel, so that every misplaced pixel shows.
fn hu(i: usize, j: usize, k: usize) -> i16 {
    (-900 + 4 * i as i32 + 5 * j as i32 + 20 * k as i32) as i16
}

fn volume() -> Volume {
    let voxels = Array3::from_shape_fn((6, SIZE, SIZE), |(k, j, i)| hu(i, j, k));
    let affine = Affine::new(
        [0.7, 0.0, 0.0],
        [0.0, 0.7, 0.0],
        [0.0, 0.0, 2.0],
        Lps([-10.0, 5.0, 30.0]),
    )
    .unwrap();
    let uid = Uid::parse("1.2.3").unwrap();
    Volume::new(Voxels::I16(voxels), affine, uid.clone(), uid, Sha256::of(b"")).unwrap()
}

fn center(ijk: [f64; 3]) -> Lps {
    volume().affine().to_lps(ijk)
}

fn nodule(slices: Vec<Slice>) -> Nodule {
    Nodule {
        id: "0001_00".into(),
        patient: "P".into(),
        fold: 0,
        series_uid: None,
        readings: vec![],
        n_masks: 0,
        volume_mm3: None,
        eq_diam_mm: None,
        diagnosis: None,
        slices,
    }
}

fn slice(grey: u8, hu_map: Option<HuMap>) -> Slice {
    Slice {
        z_mm: None,
        hu_map,
        tile: Box::new([grey; 6400]),
        mask: Box::new([0; 6400]),
    }
}

#[test]
fn pixel_40_is_the_centre() {
    let crop = NoduleCrop::from_volume(&volume(), center([60.2, 55.0, 3.0]), 2..=4, Some(9.0)).unwrap();
    assert_eq!(
        (crop.n_slices(), crop.source(), crop.eq_diam_mm()),
        (3, HuSource::Measured, Some(9.0))
    );
    assert_eq!(crop.hu()[6400 + 40 * 80 + 40], hu(60, 55, 3));
    assert_eq!(crop.hu()[7], hu(27, 15, 2));
    // The middle slice of three, its centre pixel, windowed from -1000..400.
    let input = crop.sample(3, 48, &View::default());
    let want = (f32::from(hu(60, 55, 3)) + 1000.0) / 1400.0;
    assert!((input[48 * 48 + 24 * 48 + 24] - want).abs() < 1e-6);
}

#[test]
fn outside_the_volume_is_air() {
    let crop = NoduleCrop::from_volume(&volume(), center([2.0, 118.0, 0.0]), 0..=0, None).unwrap();
    assert_eq!(crop.hu()[0], -1000);
    assert_eq!(crop.hu()[40 * 80 + 38], hu(0, 118, 0));
    assert_eq!(crop.hu()[40 * 80 + 37], -1000);
    assert_eq!(crop.hu()[79 * 80 + 79], -1000);
}

#[test]
#[expect(clippy::reversed_empty_ranges, reason = "one row is about an empty range")]
fn refusals() {
    let volume = volume();
    let inside = center([60.0, 60.0, 3.0]);
    for (at, slices, diameter, want) in [
        (center([-2.0, 60.0, 3.0]), 2..=3, None, "outside the volume"),
        (
            inside,
            4..=6,
            None,
            "slices 4..=6 are not a range within the 6 slices",
        ),
        (inside, 3..=2, None, "slices 3..=2 are not"),
        (
            inside,
            2..=3,
            Some(0.0),
            "equivalent diameter 0 mm is not a positive length",
        ),
        (inside, 2..=3, Some(f64::NAN), "equivalent diameter NaN mm"),
    ] {
        let error: CropError = NoduleCrop::from_volume(&volume, at, slices, diameter).unwrap_err();
        assert!(error.to_string().contains(want), "{error} should say {want}");
    }
}

#[test]
fn failed_estimates_take_the_neighbours_or_say_so() {
    let good = HuMap {
        slope: 10.0,
        intercept_hu: -1000.0,
        quality: 0.2,
    };
    let failed = HuMap { slope: 90.0, ..good };
    let crop = NoduleCrop::from_nodule(&nodule(vec![
        slice(50, Some(failed)),
        slice(50, None),
        slice(50, Some(good)),
    ]))
    .unwrap();
    assert_eq!(
        (crop.source(), crop.hu()[0], crop.hu()[6400]),
        (HuSource::Estimated, -500, -500)
    );
    let crop = NoduleCrop::from_nodule(&nodule(vec![slice(50, Some(failed))])).unwrap();
    assert_eq!(
        (crop.source(), crop.hu()[0]),
        (HuSource::Assumed, TYPICAL_MAP.hu(50).round() as i16)
    );
}

#[test]
fn slices_are_spread_over_the_extent() {
    let map = HuMap {
        slope: 1.0,
        intercept_hu: -1000.0,
        quality: 0.2,
    };
    for (n, want) in [
        (1, [0, 0, 0, 0, 0]),
        (2, [0, 0, 1, 1, 1]),
        (5, [0, 1, 2, 3, 4]),
        (10, [1, 3, 5, 7, 9]),
    ] {
        let crop =
            NoduleCrop::from_nodule(&nodule((0..n).map(|k| slice(k * 14, Some(map))).collect())).unwrap();
        let input = crop.sample(5, 16, &View::default());
        let got: Vec<i32> = input
            .chunks(256)
            .map(|slice| (slice[0] * 100.0).round() as i32)
            .collect();
        assert_eq!(got, want, "{n} slices");
    }
}

#[test]
fn mirrors_mirror_and_random_views_stay_in_the_window() {
    let crop = NoduleCrop::from_volume(&volume(), center([60.0, 55.0, 3.0]), 2..=4, Some(9.0)).unwrap();
    let plain = crop.sample(1, 48, &View::default());
    let mirrored = crop.sample(1, 48, &View::flipped(true, false));
    for d in 1..24 {
        assert!((plain[24 * 48 + 24 + d] - mirrored[24 * 48 + 24 - d]).abs() < 1e-6);
    }
    let view = |seed| Augmentation::default().view(5, &mut rand_chacha::ChaCha8Rng::seed_from_u64(seed));
    assert_eq!(view(3), view(3));
    for seed in 0..20 {
        let input = crop.sample(5, 48, &view(seed));
        assert!(input.iter().all(|value| (0.0..=1.0).contains(value)));
    }
}
