//! Solid, part-solid, ground glass, calcified, fat.

use hilum_domain::{NoduleType, VoxelIndex};
use hilum_volume::Volume;

use crate::Segmentation;

/// Limits between the types. All are engineering defaults; published values differ, as noted at each.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeThresholds {
    /// Denser voxels are solid component; literature uses -300 to -160. Unconfirmed.
    pub solid_above_hu: f32,
    /// From this share of solid component on the nodule is solid. Unconfirmed.
    pub solid_fraction_solid_min: f64,
    /// Up to this share it is ground glass. Unconfirmed.
    pub solid_fraction_ground_glass_max: f64,
    /// Denser voxels are calcium; published 150 to 300. Unconfirmed.
    pub calcium_above_hu: f32,
    /// From this share of calcium on it is calcified. Unconfirmed.
    pub calcium_fraction_min: f64,
    /// Fat lies between; published -40 to -120. Unconfirmed.
    pub fat_hu: std::ops::Range<f32>,
    /// From this share of fat in the interior on it contains fat. Unconfirmed.
    pub fat_fraction_min: f64,
}

impl Default for TypeThresholds {
    fn default() -> Self {
        Self {
            solid_above_hu: -300.0,
            solid_fraction_solid_min: 0.80,
            solid_fraction_ground_glass_max: 0.05,
            calcium_above_hu: 200.0,
            calcium_fraction_min: 0.10,
            fat_hu: -120.0..-40.0,
            fat_fraction_min: 0.5,
        }
    }
}

pub(crate) struct Attenuation {
    pub(crate) nodule_type: NoduleType,
    pub(crate) solid_fraction: f64,
}

/// The type by the interior of the nodule: its rim is half lung and would make a solid nodule part-solid.
pub(crate) fn nodule_type(
    volume: &Volume,
    segmentation: &Segmentation,
    thresholds: &TypeThresholds,
) -> Attenuation {
    let interior = interior_hu(volume, segmentation);
    let share = |is: &dyn Fn(f32) -> bool| {
        interior.iter().filter(|hu| is(**hu)).count() as f64 / interior.len() as f64
    };
    let solid_fraction = share(&|hu| hu > thresholds.solid_above_hu);
    let nodule_type = if share(&|hu| hu > thresholds.calcium_above_hu) >= thresholds.calcium_fraction_min {
        NoduleType::Calcified
    } else if share(&|hu| thresholds.fat_hu.contains(&hu)) >= thresholds.fat_fraction_min {
        NoduleType::Fat
    } else if solid_fraction >= thresholds.solid_fraction_solid_min {
        NoduleType::Solid
    } else if solid_fraction <= thresholds.solid_fraction_ground_glass_max {
        NoduleType::GroundGlass
    } else {
        NoduleType::PartSolid
    };
    Attenuation {
        nodule_type,
        solid_fraction,
    }
}

/// HU of the voxels whose neighbours in the slice all belong to the nodule, each averaged with them against
/// noise; of all voxels where the nodule is too thin to have an interior.
fn interior_hu(volume: &Volume, segmentation: &Segmentation) -> Vec<f32> {
    let around = |VoxelIndex([i, j, k]): VoxelIndex| {
        [
            Some([i, j, k]),
            Some([i + 1, j, k]),
            Some([i, j + 1, k]),
            i.checked_sub(1).map(|i| [i, j, k]),
            j.checked_sub(1).map(|j| [i, j, k]),
        ]
    };
    let interior: Vec<f32> = segmentation
        .indices()
        .filter_map(|at| {
            let mut sum = 0.0;
            for neighbour in around(at) {
                let neighbour = VoxelIndex(neighbour?);
                if !segmentation.contains(neighbour) {
                    return None;
                }
                sum += volume.hu(neighbour);
            }
            Some(sum / 5.0)
        })
        .collect();
    // Fewer than a handful of voxels say less than the whole.
    if interior.len() >= 8 {
        interior
    } else {
        segmentation.indices().map(|at| volume.hu(at)).collect()
    }
}
