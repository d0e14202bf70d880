//! Shape indices and solid parts of bodies known in closed form, in voxels of a usual CT.

use std::f64::consts::PI;

use hilum_domain::{Affine, Lps, NoduleType, Sha256, Uid, VoxelIndex};
use hilum_nodule::{Measurement, Segmentation, measure};
use hilum_volume::{Volume, Voxels};
use ndarray::Array3;

const THIN: [f64; 3] = [0.7, 0.7, 1.0];
const THICK: [f64; 3] = [0.7, 0.7, 2.5];
const HALF_MM: f64 = 24.0;

/// What is measured on a body given by its HU at each point (mm from the middle of the grid), `None` outside.
fn measured(spacing_mm: [f64; 3], body: impl Fn([f64; 3]) -> Option<i16>) -> Measurement {
    let [ni, nj, nk] = spacing_mm.map(|spacing| (2.0 * HALF_MM / spacing) as usize);
    // Off the voxel centres, as in life.
    let point = |k: usize, j: usize, i: usize| {
        [0, 1, 2].map(|axis: usize| [i, j, k][axis] as f64 * spacing_mm[axis] - HALF_MM + 0.17)
    };
    let inside = Array3::from_shape_fn((nk, nj, ni), |(k, j, i)| body(point(k, j, i)));
    let [x, y, z] = spacing_mm;
    let affine = Affine::new([x, 0.0, 0.0], [0.0, y, 0.0], [0.0, 0.0, z], Lps([-HALF_MM; 3])).unwrap();
    let uid = || Uid::parse("1.2.3").unwrap();
    let hu = inside.mapv(|hu| hu.unwrap_or(-850));
    let volume = Volume::new(Voxels::I16(hu), affine, uid(), uid(), Sha256::of(b"body")).unwrap();
    let mask = inside.mapv(|hu| hu.is_some());
    measure(&volume, &Segmentation::new(&mask, VoxelIndex([0; 3])).unwrap()).unwrap()
}

fn soft(inside: bool) -> Option<i16> {
    inside.then_some(30)
}

fn length(p: [f64; 3]) -> f64 {
    p.iter().map(|part| part * part).sum::<f64>().sqrt()
}

#[test]
fn balls_are_round_smooth_and_convex() {
    for spacing in [THIN, THICK] {
        for radius in [4.0, 6.0, 10.0, 15.0] {
            let shape = measured(spacing, |p| soft(length(p) <= radius)).shape;
            assert!(shape.sphericity > 0.94, "{spacing:?} {radius}: {shape:?}");
            assert!(shape.spiculation_index < 0.05, "{spacing:?} {radius}: {shape:?}");
            assert!(shape.lobulation_index < 0.01, "{spacing:?} {radius}: {shape:?}");
        }
    }
}

/// Against Thomsen's formula for the area (its own error is below 1.1 %).
#[test]
fn sphericity_of_ellipsoids() {
    for semi in [[10.0, 5.0, 5.0], [5.0, 5.0, 12.0], [12.0, 9.0, 4.0]] {
        let power = |a: f64, b: f64| (a * b).powf(1.6075);
        let [a, b, c] = semi;
        let area = 4.0 * PI * ((power(a, b) + power(a, c) + power(b, c)) / 3.0).powf(1.0 / 1.6075);
        let volume = 4.0 / 3.0 * PI * a * b * c;
        let want = PI.cbrt() * (6.0 * volume).powf(2.0 / 3.0) / area;
        for spacing in [THIN, THICK] {
            let inside = |p: [f64; 3]| length([p[0] / a, p[1] / b, p[2] / c]) <= 1.0;
            let got = measured(spacing, |p| soft(inside(p))).shape.sphericity;
            assert!(
                (got - want).abs() < 0.05,
                "{semi:?} {spacing:?}: {got} not {want}"
            );
        }
    }
}

/// A ball of 7 mm radius with strands of 2.2 mm thickness along some directions of the slice.
fn spiked(spikes: usize, height_mm: f64) -> impl Fn([f64; 3]) -> bool {
    let directions: [[f64; 2]; 6] = [
        [1.0, 0.0],
        [0.0, 1.0],
        [-1.0, 0.0],
        [0.0, -1.0],
        [0.6, 0.8],
        [-0.6, -0.8],
    ];
    move |p| {
        length(p) <= 7.0
            || directions.iter().take(spikes).any(|[x, y]| {
                let along = p[0] * x + p[1] * y;
                let off = length([p[0] - along * x, p[1] - along * y, p[2]]);
                along > 0.0 && along < 7.0 + height_mm && off <= 1.1
            })
    }
}

#[test]
fn spiculation_grows_with_height_and_number_of_spikes() {
    let index = |spikes, height| {
        measured(THIN, |p| soft(spiked(spikes, height)(p)))
            .shape
            .spiculation_index
    };
    let by_height: Vec<f64> = [0.0, 3.0, 5.0, 7.0, 9.0, 12.0]
        .map(|height| index(4, height))
        .to_vec();
    assert!(
        by_height.windows(2).all(|pair| pair[0] < pair[1]),
        "{by_height:?}"
    );
    let by_number: Vec<f64> = (0..=6).map(|spikes| index(spikes, 7.0)).collect();
    assert!(
        by_number.windows(2).all(|pair| pair[0] < pair[1]),
        "{by_number:?}"
    );
}

/// Balls around a ring: the farther out, the deeper the notches between them. Broad lobes are no spikes.
#[test]
fn lobulation_grows_with_the_depth_of_lobes() {
    let lobed = |out_mm: f64| {
        move |p: [f64; 3]| {
            length(p) <= 7.0
                || (0..5).any(|lobe| {
                    let angle = f64::from(lobe) * 2.0 * PI / 5.0;
                    length([p[0] - out_mm * angle.cos(), p[1] - out_mm * angle.sin(), p[2]]) <= 4.5
                })
        }
    };
    for spacing in [THIN, THICK] {
        let shapes = [0.0, 5.0, 6.5, 8.0, 9.5].map(|out| measured(spacing, |p| soft(lobed(out)(p))).shape);
        let indices = shapes.map(|shape| shape.lobulation_index);
        assert!(indices[0] < 0.01 && indices[4] > 0.1, "{indices:?}");
        assert!(
            indices.windows(2).all(|pair| pair[0] < pair[1] || pair[1] == 0.0),
            "{indices:?}"
        );
        assert!(
            shapes.iter().all(|shape| shape.spiculation_index < 0.3),
            "{shapes:?}"
        );
    }
}

#[test]
fn spikes_make_no_lobes() {
    let plain = measured(THIN, |p| soft(spiked(0, 1.0)(p))).shape.lobulation_index;
    let spiky = measured(THIN, |p| soft(spiked(6, 9.0)(p))).shape.lobulation_index;
    assert!((spiky - plain).abs() < 0.04, "{plain} {spiky}");
}

#[test]
fn mass_is_volume_times_density() {
    for (hu, mg_per_mm3) in [(30, 1.03), (-600, 0.4), (400, 1.4)] {
        let m = measured(THIN, |p| (length(p) <= 6.0).then_some(hu));
        assert!(
            (m.mass_mg - m.volume_mm3 * mg_per_mm3).abs() < 1e-6 * m.mass_mg,
            "{hu}: {}",
            m.mass_mg
        );
    }
    // Nothing weighs less than nothing.
    assert!(
        measured(THIN, |p| (length(p) <= 6.0).then_some(-1010))
            .mass_mg
            .abs()
            < 1e-9
    );
}

#[test]
fn solid_part_of_a_part_solid_nodule() {
    for radius in [3.0, 4.5, 6.0] {
        // The core, and a vessel that passes through the ground glass.
        let m = measured(THIN, |p| {
            let vessel = p[0].hypot(p[1] - 7.7) <= 0.8;
            (length(p) <= 9.0).then_some(if length(p) <= radius || vessel { 20 } else { -600 })
        });
        assert_eq!(
            m.nodule_type,
            NoduleType::PartSolid,
            "{radius}: {}",
            m.solid_fraction
        );
        let solid = m.solid.unwrap();
        let want = 4.0 / 3.0 * PI * radius.powi(3);
        assert!(
            (solid.volume_mm3 / want - 1.0).abs() < 0.15,
            "{radius}: {} not {want}",
            solid.volume_mm3
        );
        assert!(
            (solid.mean_diameter_mm - 2.0 * radius).abs() < 0.7,
            "{radius}: {}",
            solid.mean_diameter_mm
        );
        let ratio = solid.consolidation_tumour_ratio;
        assert!((ratio - radius / 9.0).abs() < 0.06, "{radius}: {ratio}");
    }
}

#[test]
fn solid_part_of_the_other_types() {
    let of = |hu: i16| measured(THIN, |p| (length(p) <= 6.0).then_some(hu));
    let m = of(30);
    let solid = m.solid.unwrap();
    assert_eq!(
        (solid.volume_mm3, solid.mean_diameter_mm),
        (m.volume_mm3, m.mean_diameter_mm)
    );
    assert!((solid.consolidation_tumour_ratio - 1.0).abs() < 1e-12);
    assert!(of(-600).solid.unwrap().volume_mm3.abs() < 1e-12);
    assert_eq!(of(-80).solid, None);
}
