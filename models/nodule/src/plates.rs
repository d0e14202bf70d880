//! Thin sheets in the lung: what a fissure looks like from nearby.
//!
//! Of the Hessian's eigenvalues only one is large, and negative; a vessel has two (Wiemker et al., Unsupervised
//! extraction of the pulmonary interlobar fissures, Int Congr Ser 1281, 2005).

use hilum_domain::Lps;
use hilum_volume::Volume;
use ndarray::{Array3, ArrayView3, Axis};
use rayon::prelude::*;

use crate::LungMask;
use crate::hessian::{eigenvalues, hessian, lowest_direction};
use crate::interpolate::{sample, sample_f32};
use crate::smooth::gaussian;

/// Grid and width of the filter: a fissure is thinner than this and seen by the trace that it leaves.
const GRID_MM: f64 = 1.5;
const SIGMA_VOXELS: f64 = 1.0;
/// Vessels answer no more than this, and are left out where they stay above the second limit when smoothed.
const CEILING_HU: f32 = -500.0;
const VESSEL_ABOVE_HU: f32 = -620.0;
/// Painted outside the lungs, so that their surface is no step.
const LUNG_HU: f32 = -860.0;
/// The lung's surface is a plate too.
const LEAST_DEPTH_MM: f32 = 5.0;
/// Weaker plates are noise.
const LEAST_STRENGTH_HU: f32 = 8.0;
/// The other two eigenvalues stay below this share of the largest.
const FLATNESS: f32 = 0.5;

/// A place on a sheet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plate {
    /// LPS mm.
    pub(crate) at: [f64; 3],
    /// Of length 1, LPS; its sign means nothing.
    pub(crate) normal: [f64; 3],
    /// Contrast of the smoothed sheet, HU.
    pub(crate) strength_hu: f32,
}

/// Places on sheets inside the lungs. `depth_mm` is the depth below the lungs' surface on the lung grid.
pub(crate) fn plates(volume: &Volume, lungs: &LungMask, depth_mm: &Array3<f32>) -> Vec<Plate> {
    let Some([low, high]) = bounding_box(lungs) else {
        return Vec::new();
    };
    let step = volume.spacing_mm().map(|spacing| GRID_MM / spacing);
    let [nx, ny, nz] = [0, 1, 2].map(|axis| ((high[axis] - low[axis]) / step[axis]).ceil() as usize + 1);
    let voxel =
        |z: usize, y: usize, x: usize| [0, 1, 2].map(|axis| low[axis] + [x, y, z][axis] as f64 * step[axis]);
    let depth = |voxel: [f64; 3]| depth_at(depth_mm.view(), lungs, voxel);

    let whole = volume.whole_hu();
    let mut hu = Array3::from_elem((nz, ny, nx), LUNG_HU);
    hu.axis_iter_mut(Axis(0))
        .into_par_iter()
        .enumerate()
        .for_each(|(z, mut slice)| {
            for ((y, x), hu) in slice.indexed_iter_mut() {
                let voxel = voxel(z, y, x);
                if lungs.holds(voxel) {
                    *hu = sample(whole.view(), voxel.map(|at| at as f32)).clamp(-1000.0, CEILING_HU);
                }
            }
        });
    let hu = gaussian(&hu, SIGMA_VOXELS);

    let matrix = volume.affine().matrix();
    let spacing = volume.spacing_mm();
    let direction = |normal: [f32; 3]| {
        [0, 1, 2].map(|row: usize| {
            (0..3)
                .map(|axis| f64::from(normal[axis]) * matrix[row][axis] / spacing[axis])
                .sum()
        })
    };
    let found: Vec<Vec<Plate>> = (1..nz.saturating_sub(1))
        .into_par_iter()
        .map(|z| {
            let mut found = Vec::new();
            for y in 1..ny.saturating_sub(1) {
                for x in 1..nx.saturating_sub(1) {
                    let here = hu[[z, y, x]];
                    if here > VESSEL_ABOVE_HU || here == LUNG_HU {
                        continue;
                    }
                    let second = hessian(&hu, z, y, x);
                    let [high, middle, low] = eigenvalues(second);
                    let strength_hu = -low * (SIGMA_VOXELS * SIGMA_VOXELS) as f32;
                    let flat = high.abs().max(middle.abs()) <= FLATNESS * -low;
                    let voxel = voxel(z, y, x);
                    if strength_hu < LEAST_STRENGTH_HU || !flat || depth(voxel) < LEAST_DEPTH_MM {
                        continue;
                    }
                    let Lps(at) = volume.affine().to_lps(voxel);
                    found.push(Plate {
                        at,
                        normal: direction(lowest_direction(second, low)),
                        strength_hu,
                    });
                }
            }
            found
        })
        .collect();
    found.concat()
}

/// Depth below the lungs' surface at a fractional voxel index of the volume, 0 outside.
pub(crate) fn depth_at(depth_mm: ArrayView3<'_, f32>, lungs: &LungMask, voxel: [f64; 3]) -> f32 {
    let at = lungs.of_voxel(voxel);
    let (nk, nj, ni) = depth_mm.dim();
    let within = at
        .iter()
        .zip([ni, nj, nk])
        .all(|(&at, size)| at > -0.5 && at < size as f64 - 0.5);
    if within {
        sample_f32(depth_mm, at.map(|at| at as f32))
    } else {
        0.0
    }
}

/// Lowest and highest voxel of the volume around the closed lungs.
fn bounding_box(lungs: &LungMask) -> Option<[[f64; 3]; 2]> {
    let inside = lungs.closed().indexed_iter().filter(|(_, inside)| **inside);
    let bounds = inside.fold(None, |bounds: Option<[[usize; 3]; 2]>, ((k, j, i), _)| {
        let at = [i, j, k];
        let [low, high] = bounds.unwrap_or([at, at]);
        Some([
            [0, 1, 2].map(|axis| low[axis].min(at[axis])),
            [0, 1, 2].map(|axis| high[axis].max(at[axis])),
        ])
    });
    bounds.map(|[low, high]| [low, high].map(|corner| lungs.to_voxel(corner.map(|at| at as f64))))
}
