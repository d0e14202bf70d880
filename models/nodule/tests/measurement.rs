//! Bodies whose size is known in closed form.

use std::f64::consts::PI;

use hilum_domain::{Affine, Lps, NoduleType, Sha256, Uid, VoxelIndex};
use hilum_nodule::{NoduleError, Segmentation, measure};
use hilum_volume::{Volume, Voxels};
use ndarray::Array3;

const SPACING_MM: [f64; 3] = [0.6, 0.7, 1.0];
const SIDE: usize = 60;

/// Value inside an ellipsoid (semi-axes in mm along column, row, slice) and outside it.
fn ellipsoid(semi_mm: [f64; 3], inside_hu: i16) -> (Volume, Segmentation) {
    let center = [29.3, 30.1, 29.6];
    let mask = Array3::from_shape_fn((SIDE, SIDE, SIDE), |(k, j, i)| {
        let at = [i, j, k];
        (0..3)
            .map(|axis| ((at[axis] as f64 - center[axis]) * SPACING_MM[axis] / semi_mm[axis]).powi(2))
            .sum::<f64>()
            <= 1.0
    });
    let volume = volume(mask.mapv(|inside| if inside { inside_hu } else { -850 }));
    (volume, Segmentation::new(&mask, VoxelIndex([0; 3])).unwrap())
}

fn volume(hu: Array3<i16>) -> Volume {
    let [x, y, z] = SPACING_MM;
    let affine = Affine::new(
        [x, 0.0, 0.0],
        [0.0, y, 0.0],
        [0.0, 0.0, z],
        Lps([-20.0, 5.0, -300.0]),
    )
    .unwrap();
    let uid = || Uid::parse("1.2.3").unwrap();
    Volume::new(Voxels::I16(hu), affine, uid(), uid(), Sha256::of(b"ellipsoid")).unwrap()
}

/// Volume within 5 %, axes within the diagonal of a pixel.
#[test]
fn volume_and_axes_of_ellipsoids() {
    let pixel = SPACING_MM[0].hypot(SPACING_MM[1]);
    for semi in [
        [3.1, 3.1, 3.1],
        [5.0, 5.0, 5.0],
        [4.0, 7.5, 5.0],
        [9.0, 4.0, 12.0],
        [15.0, 15.0, 15.0],
    ] {
        let (volume, segmentation) = ellipsoid(semi, 30);
        let m = measure(&volume, &segmentation).unwrap();
        let want = 4.0 / 3.0 * PI * semi.iter().product::<f64>();
        assert!(
            (m.volume_mm3 / want - 1.0).abs() < 0.05,
            "{semi:?}: {} not {want}",
            m.volume_mm3
        );
        let (long, short) = (2.0 * semi[0].max(semi[1]), 2.0 * semi[0].min(semi[1]));
        assert!(
            (m.long_axis_mm - long).abs() < pixel,
            "{semi:?}: long {}",
            m.long_axis_mm
        );
        assert!(
            (m.short_axis_mm - short).abs() < pixel,
            "{semi:?}: short {}",
            m.short_axis_mm
        );
        assert!((m.mean_diameter_mm - f64::midpoint(m.long_axis_mm, m.short_axis_mm)).abs() < 1e-12);
        assert!((m.mean_hu - 30.0).abs() < 1e-9);

        let center = volume.affine().to_lps([29.3, 30.1, 29.6]);
        assert!(m.center_lps.distance_mm(center) < 0.3, "{:?}", m.center_lps);
        let [a, b] = m.long_axis_ends;
        assert!((a.distance_mm(b) - m.long_axis_mm).abs() < 1e-9);
        assert!(m.slices[0] <= m.axis_slice && m.axis_slice <= m.slices[1]);
    }
}

/// The limits that ship, from both sides.
#[test]
fn types_by_attenuation() {
    for (hu, want) in [
        (30, NoduleType::Solid),
        (-249, NoduleType::Solid),
        (-251, NoduleType::GroundGlass),
        (-600, NoduleType::GroundGlass),
        (301, NoduleType::Calcified),
        (299, NoduleType::Solid),
        (-80, NoduleType::Fat),
    ] {
        let (volume, segmentation) = ellipsoid([5.0; 3], hu);
        let got = measure(&volume, &segmentation).unwrap().nodule_type;
        assert_eq!(got, want, "{hu} HU");
    }
}

#[test]
fn refuses_what_is_no_mask_of_the_volume() {
    let empty = Array3::from_elem((2, 2, 2), false);
    assert!(matches!(
        Segmentation::new(&empty, VoxelIndex([0; 3])),
        Err(NoduleError::EmptySegmentation)
    ));
    let (volume, _) = ellipsoid([5.0; 3], 30);
    let beyond = Segmentation::new(&Array3::from_elem((2, 2, 2), true), VoxelIndex([59, 0, 0])).unwrap();
    assert!(matches!(
        measure(&volume, &beyond),
        Err(NoduleError::SegmentationBeyondVolume { .. })
    ));
}

/// One voxel has a size too.
#[test]
fn a_single_voxel() {
    let (volume, _) = ellipsoid([5.0; 3], 30);
    let one = Segmentation::new(&Array3::from_elem((1, 1, 1), true), VoxelIndex([3, 4, 5])).unwrap();
    let m = measure(&volume, &one).unwrap();
    assert!((m.volume_mm3 - 0.42).abs() < 1e-9);
    assert_eq!((m.center_voxel, m.slices), (VoxelIndex([3, 4, 5]), [5, 5]));
}
