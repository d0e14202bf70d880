//! Size, density and type of a segmented nodule.

use hilum_domain::{Lps, NoduleType, VoxelIndex};
use hilum_volume::Volume;

use crate::attenuation::{TypeThresholds, nodule_type};
use crate::caliper::{Axes, axes};
use crate::{NoduleError, Segmentation, outline};

/// What is measured on one nodule.
#[derive(Debug, Clone, PartialEq)]
pub struct Measurement {
    /// Centre of mass.
    pub center_lps: Lps,
    /// Voxel nearest to it (column, row, slice).
    pub center_voxel: VoxelIndex,
    /// Largest diameter on the best slice: the one with the largest mean diameter.
    pub long_axis_mm: f64,
    /// Largest diameter perpendicular to the long axis, same slice.
    pub short_axis_mm: f64,
    /// Mean of both, not rounded.
    pub mean_diameter_mm: f64,
    /// Sum of segmented voxels (DCM 126030).
    pub volume_mm3: f64,
    /// Diameter of the ball of that volume.
    pub equivalent_diameter_mm: f64,
    /// Mean attenuation of all voxels.
    pub mean_hu: f64,
    /// Attenuation type.
    pub nodule_type: NoduleType,
    /// Share of voxels denser than the limit of a solid component, 0 to 1.
    pub solid_fraction: f64,
    /// First and last slice.
    pub slices: [usize; 2],
    /// The slice of the axes.
    pub axis_slice: usize,
    /// Ends of the long axis.
    pub long_axis_ends: [Lps; 2],
    /// Ends of the short axis.
    pub short_axis_ends: [Lps; 2],
}

/// Measures a nodule.
///
/// # Errors
/// [`NoduleError::SegmentationBeyondVolume`] when the mask was made on another volume.
pub fn measure(volume: &Volume, segmentation: &Segmentation) -> Result<Measurement, NoduleError> {
    segmentation.check_within(volume)?;
    let (axis_slice, best) = best_axes(volume, segmentation).ok_or(NoduleError::EmptySegmentation)?;
    let center_lps = segmentation.center(volume);
    let center = volume.affine().to_voxel(center_lps);
    let voxels = segmentation.voxels() as f64;
    let volume_mm3 = voxels * volume.affine().voxel_mm3();
    let sum_hu: f64 = segmentation.indices().map(|at| f64::from(volume.hu(at))).sum();
    let kind = nodule_type(volume, segmentation, &TypeThresholds::default());
    Ok(Measurement {
        center_lps,
        center_voxel: VoxelIndex(center.map(|at| at.round().max(0.0) as usize)),
        long_axis_mm: best.long_mm(),
        short_axis_mm: best.short_mm(),
        mean_diameter_mm: best.mean_mm(),
        volume_mm3,
        equivalent_diameter_mm: (6.0 * volume_mm3 / std::f64::consts::PI).cbrt(),
        mean_hu: sum_hu / voxels,
        nodule_type: kind.nodule_type,
        solid_fraction: kind.solid_fraction,
        slices: segmentation.slices(),
        axis_slice,
        long_axis_ends: best.long,
        short_axis_ends: best.short,
    })
}

/// The slice with the largest mean diameter and its axes.
fn best_axes(volume: &Volume, segmentation: &Segmentation) -> Option<(usize, Axes)> {
    let [first, last] = segmentation.slices();
    (first..=last)
        .filter_map(|k| {
            let points: Vec<Vec<Lps>> = outline(segmentation, k)
                .into_iter()
                .map(|ring| {
                    ring.into_iter()
                        .map(|[i, j]| volume.affine().to_lps([i, j, k as f64]))
                        .collect()
                })
                .collect();
            Some((k, axes(&points)?))
        })
        .max_by(|(_, a), (_, b)| a.mean_mm().total_cmp(&b.mean_mm()))
}
