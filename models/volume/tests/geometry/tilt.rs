//! Tilted and oblique series: every voxel must hold the HU of the place where the affine says that it lies.

use hilum_domain::{Lps, ReasonCode, VoxelIndex};
use hilum_volume::{Interpolation, Kernel, Volume};

use crate::series::{Lie, Slice, field_hu, field_series, try_load};

const OUTSIDE: f32 = -1024.0;

fn normal(row: [f64; 3], column: [f64; 3]) -> [f64; 3] {
    let ([a, b, c], [d, e, f]) = (row, column);
    [b * f - c * e, c * d - a * f, a * e - b * d]
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    (0..3).map(|axis| a[axis] * b[axis]).sum()
}

/// 9 slices of 20 x 24 pixels, 2 mm apart along the normal and displaced by `in_plane_mm` per slice.
fn lie(row: [f64; 3], column: [f64; 3], in_plane_mm: [f64; 2]) -> Lie {
    let normal = normal(row, column);
    Lie {
        row,
        column,
        step: [0, 1, 2]
            .map(|axis| 2.0 * normal[axis] + in_plane_mm[0] * row[axis] + in_plane_mm[1] * column[axis]),
        origin: [-7.0, -9.0, 12.0],
        slices: 9,
        rows: 20,
        columns: 24,
    }
}

/// Number of voxels that hold the field at their place; panics at one that holds anything else.
fn voxels_in_place(volume: &Volume, tolerance_hu: f64, name: &str) -> usize {
    let [slices, rows, columns] = volume.shape_kji();
    let mut inside = 0;
    for k in 0..slices {
        for j in 0..rows {
            for i in 0..columns {
                let hu = volume.hu(VoxelIndex([i, j, k]));
                if hu.to_bits() == OUTSIDE.to_bits() {
                    continue;
                }
                let Lps(place) = volume.affine().to_lps([i as f64, j as f64, k as f64]);
                let off = f64::from(hu) - field_hu(place);
                assert!(
                    off.abs() <= tolerance_hu,
                    "{name}: [{k},{j},{i}] is off by {off} HU"
                );
                inside += 1;
            }
        }
    }
    inside
}

#[test]
fn tilted_stacks_are_put_right() {
    let (s, c) = 17f64.to_radians().sin_cos();
    let axial = ([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]);
    let tilted = ([1.0, 0.0, 0.0], [0.0, c, s]);
    let oblique = ([c, s, 0.0], [-s * c, c * c, s]);
    let feet_first = ([-1.0, 0.0, 0.0], [0.0, c, s]);
    let tan = |degrees: f64| 2.0 * degrees.to_radians().tan();
    let rows = [
        ("rows back", axial, [0.0, tan(15.0)], 15.0),
        ("rows forward", axial, [0.0, tan(-15.0)], 15.0),
        ("one degree", axial, [0.0, tan(1.0)], 1.0),
        ("thirty degrees", axial, [0.0, tan(30.0)], 30.0),
        ("columns", axial, [tan(-12.0), 0.0], 12.0),
        ("both", oblique, [tan(9.0), tan(-20.0)], 21.650),
        // The table moves along z while the images lean: what a tilted gantry writes.
        ("a real gantry", tilted, [0.0, tan(17.0)], 17.0),
        ("a real gantry, feet first", feet_first, [0.0, tan(-17.0)], 17.0),
    ];
    for (name, (row, column), in_plane_mm, degrees) in rows {
        let loaded = try_load(&field_series(&lie(row, column, in_plane_mm))).unwrap();
        let volume = &loaded.volume;
        let [Interpolation::Tilt { kernel, degrees: got }] = volume.interpolations() else {
            panic!("{name}: {:?}", volume.interpolations());
        };
        assert_eq!(*kernel, Kernel::Linear);
        assert!((got - degrees).abs() < 0.01, "{name}: {got}");
        assert_eq!(loaded.warnings[0].code, ReasonCode::GantryTilt, "{name}");

        let matrix = volume.affine().matrix();
        let axis = |n: usize| [matrix[0][n], matrix[1][n], matrix[2][n]];
        for (a, b) in [(0, 1), (0, 2), (1, 2)] {
            assert!(dot(axis(a), axis(b)).abs() < 1e-6, "{name}: axes {a} and {b}");
        }
        let spacing = volume.spacing_mm();
        for (got, wanted) in spacing.iter().zip([0.7, 0.8, 2.0]) {
            assert!((got - wanted).abs() < 1e-6, "{name}: {spacing:?}");
        }
        // Half an HU of rounding before and after; half a pixel over the edge, where pixels repeat, makes up to 1.5.
        let inside = voxels_in_place(volume, 2.6, name);
        // No slice lost more than the rim: a shifted line has one voxel more or less.
        let [slices, ..] = volume.shape_kji();
        assert!(inside >= slices * 19 * 23, "{name}: {inside}");
        assert!(inside <= slices * 21 * 25, "{name}: {inside}");
    }
}

#[test]
fn oblique_stacks_need_no_interpolation() {
    let (s, c) = 33f64.to_radians().sin_cos();
    let rows = [
        ("sagittal", [0.0, 1.0, 0.0], [0.0, 0.0, -1.0]),
        ("coronal", [1.0, 0.0, 0.0], [0.0, 0.0, -1.0]),
        ("leaning", [1.0, 0.0, 0.0], [0.0, c, s]),
        ("turned", [c, s, 0.0], [-s, c, 0.0]),
        ("oblique", [c, s, 0.0], [-s * c, c * c, s]),
        ("feet first", [-1.0, 0.0, 0.0], [0.0, 1.0, 0.0]),
        ("prone", [-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]),
    ];
    for (name, row, column) in rows {
        let mut slices = field_series(&lie(row, column, [0.0; 2]));
        slices.reverse();
        let loaded = try_load(&slices).unwrap();
        assert!(loaded.warnings.is_empty() && loaded.volume.interpolations().is_empty());
        // Half an HU of rounding.
        let inside = voxels_in_place(&loaded.volume, 0.51, name);
        assert_eq!(inside, 9 * 20 * 24, "{name}");
    }
}

/// `GantryDetectorTilt` has no agreed sign: whatever it says, positions decide.
#[test]
fn the_tilt_attribute_is_not_believed() {
    let (s, c) = 17f64.to_radians().sin_cos();
    let lie = lie(
        [1.0, 0.0, 0.0],
        [0.0, c, s],
        [0.0, 2.0 * 17f64.to_radians().tan()],
    );
    let slices = field_series(&lie);
    let plain = try_load(&slices).unwrap().volume;
    for said in ["17", "-17", "0"] {
        let said: Vec<Slice> = slices
            .iter()
            .map(|slice| {
                slice
                    .clone()
                    .text(dicom_dictionary_std::tags::GANTRY_DETECTOR_TILT, said)
            })
            .collect();
        let volume = try_load(&said).unwrap().volume;
        assert_eq!(volume.voxels(), plain.voxels());
        assert_eq!(volume.affine(), plain.affine());
    }
}
