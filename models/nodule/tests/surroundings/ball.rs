//! An outline to ask about.

use hilum_domain::{Lps, VoxelIndex};
use hilum_nodule::Segmentation;
use hilum_volume::Volume;
use ndarray::Array3;

/// The voxels of a volume whose centres lie within a ball.
pub(crate) fn ball(volume: &Volume, center: Lps, radius_mm: f64) -> Segmentation {
    let [nk, nj, ni] = volume.shape_kji();
    let mask = Array3::from_shape_fn((nk, nj, ni), |(k, j, i)| {
        let point = volume.affine().to_lps([i as f64, j as f64, k as f64]);
        point.distance_mm(center) <= radius_mm
    });
    Segmentation::new(&mask, VoxelIndex([0; 3])).unwrap()
}
