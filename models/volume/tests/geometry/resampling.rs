//! Volumes on other grids.

use hilum_domain::{Affine, Lps, Sha256, Uid, VoxelIndex};
use hilum_volume::{Interpolation, Kernel, ResampleError, Volume, Voxels};
use ndarray::Array3;
use proptest::prelude::*;

use crate::series::field_hu;

const KERNELS: [Kernel; 2] = [Kernel::Linear, Kernel::AntialiasedLinear];

fn affine(spacing_mm: [f64; 3]) -> Affine {
    let (s, c) = 0.3f64.sin_cos();
    let [x, y, z] = spacing_mm;
    Affine::new(
        [c * x, s * x, 0.0],
        [-s * c * y, c * c * y, s * y],
        [s * s * z, -s * c * z, c * z],
        Lps([-40.0, 12.5, 100.0]),
    )
    .unwrap()
}

fn volume(voxels: Voxels, spacing_mm: [f64; 3]) -> Volume {
    let uid = |text| Uid::parse(text).unwrap();
    Volume::new(
        voxels,
        affine(spacing_mm),
        uid("1.2.3"),
        uid("1.2.4"),
        Sha256::of(b"a"),
    )
    .unwrap()
}

fn floats(shape_kji: [usize; 3], spacing_mm: [f64; 3], hu: impl Fn([usize; 3]) -> f64) -> Volume {
    let [k, j, i] = shape_kji;
    let array = Array3::from_shape_fn((k, j, i), |(k, j, i)| hu([k, j, i]) as f32);
    volume(Voxels::F32(array), spacing_mm)
}

fn values(volume: &Volume) -> Vec<f32> {
    match volume.voxels() {
        Voxels::F32(array) => array.iter().copied().collect(),
        Voxels::I16(array) => array.iter().map(|hu| f32::from(*hu)).collect(),
    }
}

/// The middle of the field of view.
fn middle(volume: &Volume) -> Lps {
    let [k, j, i] = volume.shape_kji().map(|n| (n as f64 - 1.0) / 2.0);
    volume.affine().to_lps([i, j, k])
}

#[test]
fn equal_to_torch() {
    // Recipe: golden/resample_golden.py. 32-bit floats of values below 100, so 1e-4 is far above rounding.
    let golden = include_str!("../golden/resample_torch.txt");
    let source = floats([4, 5, 6], [0.75, 0.8, 2.0], |[k, j, i]| {
        ((7 * k * k + 15 * j + 11 * i * i * j + 3 * k * i) % 100) as f64
    });
    // Extents are 4.5, 4 and 8 mm.
    let mut checked = 0;
    for line in golden.lines().filter(|line| !line.starts_with('#')) {
        let (head, numbers) = line.split_once(':').unwrap();
        let spacing: Vec<f64> = head.split(' ').map(|mm| mm.parse().unwrap()).collect();
        let resampled = source
            .resampled([spacing[0], spacing[1], spacing[2]], Kernel::Linear)
            .unwrap();
        let wanted: Vec<f32> = numbers
            .split_whitespace()
            .map(|number| number.parse().unwrap())
            .collect();
        let got = values(&resampled);
        assert_eq!(got.len(), wanted.len(), "{head}");
        for (n, (got, wanted)) in got.iter().zip(&wanted).enumerate() {
            assert!(
                (got - wanted).abs() < 1e-4,
                "{head}: voxel {n} is {got}, torch has {wanted}"
            );
        }
        checked += 1;
    }
    assert_eq!(checked, 3);
}

#[test]
fn places_stay_where_they_are() {
    let (shape, from_mm) = ([20, 30, 40], [0.7, 0.8, 2.5]);
    let grid = affine(from_mm);
    let source = floats(shape, from_mm, |[k, j, i]| {
        field_hu(grid.to_lps([i as f64, j as f64, k as f64]).0)
    });
    for spacing_mm in [1.0, 0.7, 0.5, 2.5, 3.3] {
        for kernel in KERNELS {
            let resampled = source.isotropic(spacing_mm, kernel).unwrap();
            for mm in resampled.spacing_mm() {
                assert!((mm - spacing_mm).abs() < 1e-9);
            }
            assert!(middle(&resampled).distance_mm(middle(&source)) < 1e-9);
            let [slices, rows, columns] = resampled.shape_kji();
            for (new, (old, mm)) in [columns, rows, slices]
                .into_iter()
                .zip([(40, 0.7), (30, 0.8), (20, 2.5)])
            {
                assert!((new as f64 * spacing_mm - f64::from(old) * mm).abs() <= spacing_mm / 2.0 + 1e-9);
            }
            // The rim repeats outermost voxels or weighs one side only: left out by one triangle and one voxel.
            let rim = |mm: f64| (mm.max(spacing_mm) / spacing_mm).ceil() as usize + 1;
            for k in rim(2.5)..slices.saturating_sub(rim(2.5)) {
                for j in rim(0.8)..rows.saturating_sub(rim(0.8)) {
                    for i in rim(0.7)..columns.saturating_sub(rim(0.7)) {
                        let Lps(place) = resampled.affine().to_lps([i as f64, j as f64, k as f64]);
                        let off = f64::from(resampled.hu(VoxelIndex([i, j, k]))) - field_hu(place);
                        // A triangle over voxels that lie unevenly around its centre is off by a part of a voxel.
                        let tolerance = match kernel {
                            Kernel::Linear => 0.01,
                            Kernel::AntialiasedLinear => 1.0,
                        };
                        assert!(
                            off.abs() < tolerance,
                            "{spacing_mm} {kernel:?} [{k},{j},{i}]: {off}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn a_volume_knows_what_was_done_to_it() {
    let source = floats([6, 8, 10], [0.7, 0.8, 2.5], |[k, ..]| k as f64);
    assert!(source.interpolations().is_empty());
    let once = source.isotropic(1.0, Kernel::AntialiasedLinear).unwrap();
    let twice = once.resampled([2.0, 2.0, 1.0], Kernel::Linear).unwrap();
    let [
        Interpolation::Spacing { kernel, from_mm },
        Interpolation::Spacing {
            kernel: second,
            from_mm: between,
        },
    ] = twice.interpolations()
    else {
        panic!("{:?}", twice.interpolations());
    };
    assert_eq!((*kernel, *second), (Kernel::AntialiasedLinear, Kernel::Linear));
    for (got, wanted) in from_mm.iter().chain(between).zip([0.7, 0.8, 2.5, 1.0, 1.0, 1.0]) {
        assert!((got - wanted).abs() < 1e-9);
    }
    assert_eq!(twice.inputs_sha256(), source.inputs_sha256());
    assert_eq!(twice.series_instance_uid(), source.series_instance_uid());
    assert_eq!(
        serde_json::to_value(once.interpolations()[0]).unwrap()["kind"],
        "spacing"
    );
}

/// Fine stripes become their mean on a coarse grid with antialiasing; without it they are folded into it.
#[test]
fn antialiasing_removes_what_is_finer_than_the_grid() {
    let stripes = floats(
        [8, 8, 64],
        [0.5, 1.0, 1.0],
        |[_, _, i]| if i % 2 == 0 { 0.0 } else { 100.0 },
    );
    let spread = |kernel| {
        let values = values(&stripes.resampled([1.25, 1.0, 1.0], kernel).unwrap());
        let inner: Vec<f32> = values.chunks(26).flat_map(|row| row[2..24].to_vec()).collect();
        let most = inner.iter().copied().fold(f32::MIN, f32::max);
        most - inner.iter().copied().fold(f32::MAX, f32::min)
    };
    assert!(
        spread(Kernel::AntialiasedLinear) < 12.0,
        "{}",
        spread(Kernel::AntialiasedLinear)
    );
    assert!(spread(Kernel::Linear) > 40.0, "{}", spread(Kernel::Linear));
}

#[test]
fn grids_out_of_range_are_refused() {
    let source = floats([6, 8, 10], [0.7, 0.8, 2.5], |_| 0.0);
    for mm in [0.0, -1.0, 0.09, 21.0, f64::NAN, f64::INFINITY] {
        let error = source.isotropic(mm, Kernel::Linear).unwrap_err();
        assert!(matches!(error, ResampleError::Spacing { .. }), "{mm}: {error}");
    }
    let error = source.isotropic(8.0, Kernel::Linear).unwrap_err();
    assert!(matches!(error, ResampleError::Shape(_)), "{error}");
    let large = volume(Voxels::I16(Array3::zeros((300, 400, 400))), [1.0, 1.0, 3.0]);
    let error = large.isotropic(0.1, Kernel::Linear).unwrap_err();
    assert!(matches!(error, ResampleError::TooLarge { .. }), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// No kernel makes HU that were not there, whole HU stay whole, and the same spacing changes nothing.
    #[test]
    fn no_value_leaves_the_range(
        hu in prop::collection::vec(-3000i16..4000, 4 * 5 * 6),
        spacing_mm in prop::array::uniform3(0.4f64..1.5),
        antialiased in any::<bool>(),
    ) {
        let kernel = KERNELS[usize::from(antialiased)];
        let (low, high) = (*hu.iter().min().unwrap(), *hu.iter().max().unwrap());
        let source = volume(Voxels::I16(Array3::from_shape_vec((4, 5, 6), hu).unwrap()), [0.7, 0.8, 1.25]);
        let resampled = source.resampled(spacing_mm, kernel).unwrap();
        prop_assert!(resampled.i16_view().unwrap().iter().all(|hu| (low..=high).contains(hu)));
        let same = source.resampled(source.spacing_mm(), kernel).unwrap();
        prop_assert_eq!(same.voxels(), source.voxels());
    }
}
