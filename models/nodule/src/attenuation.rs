//! Solid, part-solid, ground glass, calcified, fat.

use hilum_domain::{NoduleType, VoxelIndex};
use hilum_volume::Volume;

use crate::{NoduleError, Segmentation};

/// Fewer interior voxels than this say less than all voxels.
const LEAST_INTERIOR: usize = 8;

/// Limits between the types.
///
/// The defaults are those of the best balanced accuracy against the readers of LIDC-IDRI within the published ranges
/// (example `lidc_measurement`: HU estimated there, folds 0-6); those of fat, which it lacks, are published ones.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeThresholds {
    /// Denser interior counts as solid; published limits lie between -300 and -160 HU for the solid component.
    pub solid_above_hu: f32,
    /// From this share of solid interior on the nodule is solid.
    pub solid_fraction_solid_min: f64,
    /// Up to this share it is ground glass.
    pub solid_fraction_ground_glass_max: f64,
    /// Denser interior is calcium; published 150 to 300 HU.
    pub calcium_above_hu: f32,
    /// From this share of calcium on it is calcified.
    pub calcium_fraction_min: f64,
    /// Fat lies between; published -120 to -40 HU.
    pub fat_hu: std::ops::Range<f32>,
    /// From this share of fat on it contains fat.
    pub fat_fraction_min: f64,
}

impl Default for TypeThresholds {
    fn default() -> Self {
        Self {
            solid_above_hu: -250.0,
            solid_fraction_solid_min: 0.40,
            solid_fraction_ground_glass_max: 0.10,
            calcium_above_hu: 300.0,
            calcium_fraction_min: 0.05,
            fat_hu: -120.0..-40.0,
            fat_fraction_min: 0.5,
        }
    }
}

/// The attenuation of a nodule's interior, from which its type follows.
///
/// The interior is what has its four neighbours in the slice in the nodule, each voxel averaged with them against
/// noise: the rim is half lung and would make a solid nodule part-solid. A nodule too thin to have an interior is
/// taken as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct AttenuationProfile {
    /// Ascending, at least one.
    interior_hu: Vec<f32>,
}

impl AttenuationProfile {
    /// The profile of a nodule.
    ///
    /// # Errors
    /// [`NoduleError::SegmentationBeyondVolume`] when the mask was made on another volume.
    pub fn of(volume: &Volume, segmentation: &Segmentation) -> Result<Self, NoduleError> {
        segmentation.check_within(volume)?;
        let mut interior_hu: Vec<f32> = segmentation
            .indices()
            .filter_map(|at| interior_mean_hu(volume, segmentation, at))
            .collect();
        if interior_hu.len() < LEAST_INTERIOR {
            interior_hu = segmentation.indices().map(|at| volume.hu(at)).collect();
        }
        interior_hu.sort_unstable_by(f32::total_cmp);
        Ok(Self { interior_hu })
    }

    /// Share of the interior above a limit in HU, 0 to 1.
    pub fn share_above(&self, limit_hu: f32) -> f64 {
        let below = self.interior_hu.partition_point(|&hu| hu <= limit_hu);
        (self.interior_hu.len() - below) as f64 / self.interior_hu.len() as f64
    }

    /// HU that this share of the interior (0 to 1) does not exceed.
    pub fn quantile_hu(&self, share: f64) -> f32 {
        let last = self.interior_hu.len() - 1;
        self.interior_hu[(share.clamp(0.0, 1.0) * last as f64).round() as usize]
    }

    /// The type.
    pub fn nodule_type(&self, thresholds: &TypeThresholds) -> NoduleType {
        let fat = self.share_above(thresholds.fat_hu.start) - self.share_above(thresholds.fat_hu.end);
        let solid = self.share_above(thresholds.solid_above_hu);
        if self.share_above(thresholds.calcium_above_hu) >= thresholds.calcium_fraction_min {
            NoduleType::Calcified
        } else if fat >= thresholds.fat_fraction_min {
            NoduleType::Fat
        } else if solid >= thresholds.solid_fraction_solid_min {
            NoduleType::Solid
        } else if solid <= thresholds.solid_fraction_ground_glass_max {
            NoduleType::GroundGlass
        } else {
            NoduleType::PartSolid
        }
    }
}

/// Mean HU of a voxel and its four neighbours in the slice; `None` when one of them is not in the nodule.
fn interior_mean_hu(volume: &Volume, segmentation: &Segmentation, at: VoxelIndex) -> Option<f32> {
    let mut sum = 0.0;
    let mut n = 0;
    for near in around_in_slice(at) {
        if !segmentation.contains(near) {
            return None;
        }
        sum += volume.hu(near);
        n += 1;
    }
    (n == 5).then(|| sum / 5.0)
}

/// A voxel and those of its four neighbours in the slice that have an index.
pub(crate) fn around_in_slice(VoxelIndex([i, j, k]): VoxelIndex) -> impl Iterator<Item = VoxelIndex> {
    [
        Some([i, j, k]),
        Some([i + 1, j, k]),
        Some([i, j + 1, k]),
        i.checked_sub(1).map(|i| [i, j, k]),
        j.checked_sub(1).map(|j| [i, j, k]),
    ]
    .into_iter()
    .flatten()
    .map(VoxelIndex)
}
