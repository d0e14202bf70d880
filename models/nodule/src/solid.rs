//! The solid component of a part-solid nodule.

use hilum_domain::{NoduleType, VoxelIndex};
use hilum_volume::Volume;
use ndarray::Array3;

use crate::Segmentation;
use crate::attenuation::around_in_slice;
use crate::components::components;

/// The largest connected piece denser than `above_hu`, each voxel averaged with its neighbours in the slice that
/// belong to the nodule, against noise; `None` when nothing is.
///
/// Smaller dense pieces are vessels and bronchial walls that pass through; Lung-RADS v2022 measures the largest
/// solid component.
pub(crate) fn solid_part(
    volume: &Volume,
    segmentation: &Segmentation,
    above_hu: f32,
) -> Option<Segmentation> {
    let VoxelIndex([i0, j0, k0]) = segmentation.origin();
    let dense = Array3::from_shape_fn(segmentation.mask().dim(), |(k, j, i)| {
        let at = VoxelIndex([i0 + i, j0 + j, k0 + k]);
        segmentation.contains(at) && mean_hu(volume, segmentation, at) > above_hu
    });
    let found = components(&dense);
    let largest = (0..found.sizes.len()).max_by_key(|&piece| found.sizes[piece])?;
    let piece = found.labels.mapv(|label| label as usize == largest + 1);
    Segmentation::cropped(&piece, segmentation.origin())
}

/// Whether a nodule of this type is solid throughout, has a component to be measured, or none.
pub(crate) enum SolidExtent {
    Whole,
    Part,
    None,
    /// Fat is neither solid nor ground glass.
    NotApplicable,
}

impl SolidExtent {
    pub(crate) const fn of(nodule_type: NoduleType) -> Self {
        match nodule_type {
            NoduleType::Solid | NoduleType::Calcified => Self::Whole,
            NoduleType::PartSolid => Self::Part,
            NoduleType::GroundGlass => Self::None,
            NoduleType::Fat => Self::NotApplicable,
        }
    }
}

fn mean_hu(volume: &Volume, segmentation: &Segmentation, at: VoxelIndex) -> f32 {
    let within = around_in_slice(at).filter(|&near| segmentation.contains(near));
    let (sum, n) = within.fold((0.0, 0.0), |(sum, n), near| (sum + volume.hu(near), n + 1.0));
    sum / n
}
