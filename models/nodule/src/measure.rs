//! Size, density, shape and type of a segmented nodule.

use hilum_domain::{Lps, NoduleType, VoxelIndex};
use hilum_volume::Volume;

use crate::attenuation::{AttenuationProfile, TypeThresholds};
use crate::caliper::{Axes, axes, span_mm};
use crate::shape::{Shape, shape};
use crate::solid::{SolidExtent, solid_part};
use crate::{NoduleError, Segmentation, occupancy, outline};

/// A dense piece this wide is a solid component, however little of a ground glass it is: category 4A of Lung-RADS
/// v2022 begins at 6 mm, less the error of a caliper (1 mm).
const LEAST_SOLID_MM: f64 = 5.0;

/// What is measured on one nodule.
#[derive(Debug, Clone, PartialEq)]
pub struct Measurement {
    /// Centre of mass.
    pub center_lps: Lps,
    /// Voxel nearest to it (column, row, slice).
    pub center_voxel: VoxelIndex,
    /// Longest line within the outline on the best slice: the one with the largest mean diameter.
    pub long_axis_mm: f64,
    /// Longest line within the outline perpendicular to the long axis, same slice.
    pub short_axis_mm: f64,
    /// Mean of both, not rounded: guidelines round in their own ways.
    pub mean_diameter_mm: f64,
    /// Sum of the shares of voxels that are nodule, see [`occupancy()`].
    pub volume_mm3: f64,
    /// Diameter of the ball of that volume.
    pub equivalent_diameter_mm: f64,
    /// Mean attenuation of all voxels.
    pub mean_hu: f64,
    /// `V (HU + 1000) / 1000` in mg with V in mm³: 1 g/cm³ at 0 HU, nothing at -1000 HU (the mass of de Hoop et al.,
    /// Radiology 255(1), 2010).
    pub mass_mg: f64,
    /// Attenuation type.
    pub nodule_type: NoduleType,
    /// Share of the interior denser than the limit of a solid component, 0 to 1.
    pub solid_fraction: f64,
    /// The solid component: the whole of a solid or calcified nodule, nothing of ground glass; `None` for fat.
    pub solid: Option<SolidPart>,
    /// Roundness, spikes and lobes.
    pub shape: Shape,
    /// First and last slice.
    pub slices: [usize; 2],
    /// The slice of the axes.
    pub axis_slice: usize,
    /// Ends of the long axis.
    pub long_axis_ends: [Lps; 2],
    /// Ends of the short axis.
    pub short_axis_ends: [Lps; 2],
}

/// Size of the solid component, measured like the nodule itself; all 0 where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct SolidPart {
    /// Sum of its voxels.
    pub volume_mm3: f64,
    /// Longest line within it on its own best slice.
    pub long_axis_mm: f64,
    /// Mean of long and short axis.
    pub mean_diameter_mm: f64,
    /// Its long axis over that of the nodule (consolidation/tumour ratio), 0 to 1.
    pub consolidation_tumour_ratio: f64,
}

/// Measures a nodule.
///
/// # Errors
/// [`NoduleError::SegmentationBeyondVolume`] when the mask was made on another volume.
pub fn measure(volume: &Volume, segmentation: &Segmentation) -> Result<Measurement, NoduleError> {
    let thresholds = TypeThresholds::default();
    let profile = AttenuationProfile::of(volume, segmentation)?;
    let shares = occupancy(volume, segmentation)?;
    // Where no voxel is half nodule (a speck of noise) the mask is all there is.
    let (axis_slice, best) = best_axes(volume, segmentation.slices(), &|k| shares.contours(k))
        .or_else(|| axes_of_mask(volume, segmentation))
        .ok_or(NoduleError::EmptySegmentation)?;
    let center_lps = segmentation.center(volume);
    let center = volume.affine().to_voxel(center_lps);
    let volume_mm3 = shares.volume_mm3();
    let sum_hu: f64 = segmentation.indices().map(|at| f64::from(volume.hu(at))).sum();
    let mean_hu = sum_hu / segmentation.voxels() as f64;
    let dense = solid_part(volume, segmentation, thresholds.solid_above_hu);
    let nodule_type = match profile.nodule_type(&thresholds) {
        // In a large ground glass a component that counts is a small share.
        NoduleType::GroundGlass if dense.as_ref().is_some_and(|dense| counts(volume, dense)) => {
            NoduleType::PartSolid
        }
        nodule_type => nodule_type,
    };
    let whole = SolidPart {
        volume_mm3,
        long_axis_mm: best.long_mm(),
        mean_diameter_mm: best.mean_mm(),
        consolidation_tumour_ratio: 1.0,
    };
    let solid = match SolidExtent::of(nodule_type) {
        SolidExtent::Whole => Some(whole),
        SolidExtent::Part => Some(part_of(whole, volume, dense.as_ref())),
        SolidExtent::None => Some(SolidPart::default()),
        SolidExtent::NotApplicable => None,
    };
    Ok(Measurement {
        center_lps,
        center_voxel: VoxelIndex(center.map(|at| at.round().max(0.0) as usize)),
        long_axis_mm: best.long_mm(),
        short_axis_mm: best.short_mm(),
        mean_diameter_mm: best.mean_mm(),
        volume_mm3,
        equivalent_diameter_mm: (6.0 * volume_mm3 / std::f64::consts::PI).cbrt(),
        mean_hu,
        mass_mg: (volume_mm3 * (mean_hu + 1000.0) / 1000.0).max(0.0),
        nodule_type,
        solid_fraction: profile.share_above(thresholds.solid_above_hu),
        solid,
        shape: shape(segmentation, volume.spacing_mm()),
        slices: segmentation.slices(),
        axis_slice,
        long_axis_ends: best.long,
        short_axis_ends: best.short,
    })
}

fn volume_mm3(volume: &Volume, segmentation: &Segmentation) -> f64 {
    segmentation.voxels() as f64 * volume.affine().voxel_mm3()
}

/// Whether a dense piece is a solid component by its size alone, in both directions: a vessel is long only.
fn counts(volume: &Volume, dense: &Segmentation) -> bool {
    axes_of_mask(volume, dense).is_some_and(|(_, axes)| axes.short_mm() >= LEAST_SOLID_MM)
}

/// The solid component of a part-solid nodule.
fn part_of(whole: SolidPart, volume: &Volume, dense: Option<&Segmentation>) -> SolidPart {
    let Some(part) = dense else {
        return SolidPart::default();
    };
    axes_of_mask(volume, part).map_or_else(SolidPart::default, |(_, axes)| SolidPart {
        volume_mm3: volume_mm3(volume, part),
        long_axis_mm: axes.long_mm(),
        mean_diameter_mm: axes.mean_mm(),
        consolidation_tumour_ratio: (axes.long_mm() / whole.long_axis_mm).min(1.0),
    })
}

/// Closed contours in a slice, (column, row).
type Contours<'a> = &'a dyn Fn(usize) -> Vec<Vec<[f64; 2]>>;

fn axes_of_mask(volume: &Volume, segmentation: &Segmentation) -> Option<(usize, Axes)> {
    best_axes(volume, segmentation.slices(), &|k| outline(segmentation, k))
}

/// The slice with the largest mean diameter and its axes.
fn best_axes(volume: &Volume, [first, last]: [usize; 2], contours: Contours<'_>) -> Option<(usize, Axes)> {
    let [sx, sy, _] = volume.spacing_mm();
    let half_pixel_mm = sx.min(sy) / 2.0;
    let mut slices: Vec<(usize, Vec<Vec<Lps>>, f64)> = (first..=last)
        .map(|k| {
            let rings = rings(volume, k, contours(k));
            let span_mm = span_mm(&rings);
            (k, rings, span_mm)
        })
        .collect();
    slices.sort_by(|(_, _, a), (_, _, b)| b.total_cmp(a));
    let mut best: Option<(usize, Axes)> = None;
    for (k, rings, span_mm) in slices {
        if best.is_some_and(|(_, axes)| axes.mean_mm() >= span_mm) {
            break;
        }
        if let Some(axes) = axes(&rings, half_pixel_mm)
            && best.is_none_or(|(_, best)| axes.mean_mm() > best.mean_mm())
        {
            best = Some((k, axes));
        }
    }
    best
}

/// Contours in slice `k`, LPS mm.
fn rings(volume: &Volume, k: usize, contours: Vec<Vec<[f64; 2]>>) -> Vec<Vec<Lps>> {
    let lift = |[i, j]: [f64; 2]| volume.affine().to_lps([i, j, k as f64]);
    contours
        .into_iter()
        .map(|ring| ring.into_iter().map(lift).collect())
        .collect()
}
