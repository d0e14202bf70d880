//! A second opinion on growth where tissue cannot be measured: the same region in both CTs.
//!
//! Two outlines may differ because the nodule did, or because one of them took the core of a part-solid nodule and the
//! other the whole. The larger outline is laid on both CTs: where the nodule is smaller, part of the region holds lung
//! and its mean density is lower; where only the outline differs, the densities are equal.

use hilum_domain::{Lps, VoxelIndex};
use hilum_volume::Volume;

use crate::nodule::Nodule;

/// Voxels of an outline that are looked at: enough for a mean.
const MOST_VOXELS: usize = 800;
/// Registration and outlines are not exact: the region is shifted by up to so many steps to where it is densest.
const STEPS: i32 = 2;
const STEP_MM: f64 = 1.5;
/// Lung around is looked for in a cube of so many mm to each side.
const AROUND_MM: f64 = 22.0;
/// Aerated voxels are darker.
const AERATED_BELOW_HU: f32 = -600.0;
/// Less contrast than this tells nothing.
const LEAST_CONTRAST_HU: f64 = 60.0;

/// How much of the tissue in the outline of `larger` the other CT holds at `place`: 1 for as much, 0 for lung alone.
/// `None` where that cannot be told: no lung around, or no contrast to it.
pub(crate) fn share_of_tissue(larger: (&Nodule, &Volume), other: &Volume, place: Lps) -> Option<f64> {
    let (nodule, volume) = larger;
    let voxels = nodule.segmentation.voxels();
    let offsets: Vec<[f64; 3]> = nodule
        .segmentation
        .indices()
        .step_by(voxels.div_ceil(MOST_VOXELS).max(1))
        .map(|VoxelIndex(at)| {
            let Lps(point) = volume.affine().to_lps(at.map(|at| at as f64));
            [0, 1, 2].map(|axis: usize| point[axis] - nodule.center.0[axis])
        })
        .collect();
    let own = mean_hu(volume, nodule.center, &offsets)? - lung_hu(volume, nodule.center)?;
    if own < LEAST_CONTRAST_HU {
        return None;
    }
    let steps = (-STEPS..=STEPS).map(|step| f64::from(step) * STEP_MM);
    let mut densest = f64::NEG_INFINITY;
    for z in steps.clone() {
        for y in steps.clone() {
            for x in steps.clone() {
                let Lps(at) = place;
                let shifted = Lps([at[0] + x, at[1] + y, at[2] + z]);
                if let Some(mean) = mean_hu(other, shifted, &offsets) {
                    densest = densest.max(mean);
                }
            }
        }
    }
    densest
        .is_finite()
        .then(|| lung_hu(other, place))
        .flatten()
        .map(|lung| (densest - lung) / own)
}

/// Mean HU of the voxels at offsets from a centre; `None` when one is outside.
fn mean_hu(volume: &Volume, Lps(centre): Lps, offsets: &[[f64; 3]]) -> Option<f64> {
    let mut sum = 0.0;
    for offset in offsets {
        let point = Lps([0, 1, 2].map(|axis: usize| centre[axis] + offset[axis]));
        sum += f64::from(volume.hu(volume.voxel_at(point)?));
    }
    Some(sum / offsets.len() as f64)
}

/// Median HU of the aerated voxels around a point, sampled every 3 mm.
fn lung_hu(volume: &Volume, Lps(centre): Lps) -> Option<f64> {
    const APART_MM: f64 = 3.0;
    let steps = (AROUND_MM / APART_MM) as i32;
    let mut aerated = Vec::new();
    for z in -steps..=steps {
        for y in -steps..=steps {
            for x in -steps..=steps {
                let by = [x, y, z].map(|step| f64::from(step) * APART_MM);
                let point = Lps([0, 1, 2].map(|axis: usize| centre[axis] + by[axis]));
                let hu = volume.voxel_at(point).map(|at| volume.hu(at));
                aerated.extend(hu.filter(|hu| *hu < AERATED_BELOW_HU));
            }
        }
    }
    let middle = aerated.len() / 2;
    (aerated.len() > 20).then(|| f64::from(*aerated.select_nth_unstable_by(middle, f32::total_cmp).1))
}
