//! An isotropic cube around a seed, and the way back to the volume's own grid.

use hilum_domain::{Lps, VoxelIndex};
use hilum_volume::Volume;
use ndarray::Array3;

use crate::LungMask;
use crate::interpolate::{sample, sample_f32};
use crate::segmentation::Segmentation;
use crate::smooth::gaussian;

/// Half the side of the cube: nodules of up to 50 mm with a margin.
const HALF_SIDE_MM: f64 = 30.0;
/// The grid follows the pixels within these limits.
const SPACING_MM: std::ops::Range<f64> = 0.6..1.0;
/// Width of the smoothing that finds the core, mm.
const CORE_SIGMA_MM: f64 = 1.0;

/// HU on a cube, `[z][y][x]` along the volume's slices, rows and columns.
pub(crate) struct LocalBox {
    pub(crate) hu: Array3<f32>,
    pub(crate) smooth: Array3<f32>,
    pub(crate) spacing_mm: f64,
    /// Volume index (column, row, slice) of voxel (0, 0, 0) and per step.
    origin: [f64; 3],
    step: [f64; 3],
}

impl LocalBox {
    /// The cube around a point of the volume; beyond the volume its last slice goes on.
    pub(crate) fn around(volume: &Volume, seed: Lps) -> Self {
        let [sx, sy, sz] = volume.spacing_mm();
        let spacing_mm = sx.min(sy).min(sz).clamp(SPACING_MM.start, SPACING_MM.end);
        let half = (HALF_SIDE_MM / spacing_mm).round();
        let side = 2 * half as usize + 1;
        let step = [sx, sy, sz].map(|s| spacing_mm / s);
        let centre = volume.affine().to_voxel(seed);
        let origin = [0, 1, 2].map(|axis| centre[axis] - half * step[axis]);
        let whole = volume.whole_hu();
        let hu = Array3::from_shape_fn((side, side, side), |(z, y, x)| {
            let at = [0, 1, 2].map(|axis| (origin[axis] + [x, y, z][axis] as f64 * step[axis]) as f32);
            sample(whole.view(), at)
        });
        let smooth = gaussian(&hu, CORE_SIGMA_MM / spacing_mm);
        Self {
            hu,
            smooth,
            spacing_mm,
            origin,
            step,
        }
    }

    /// Voxels from the centre to a side.
    pub(crate) fn half_side(&self) -> usize {
        self.hu.dim().0 / 2
    }

    /// The voxel with the highest smoothed HU within a distance of the seed.
    pub(crate) fn brightest_within(&self, distance_mm: f64) -> (usize, usize, usize) {
        let centre = self.half_side();
        let reach = (distance_mm / self.spacing_mm).floor() as usize;
        let square = |at: usize| at.abs_diff(centre).pow(2);
        let range = || centre - reach..=centre + reach;
        let mut best = (centre, centre, centre);
        for z in range() {
            for y in range() {
                for x in range() {
                    let near = square(z) + square(y) + square(x) <= reach * reach;
                    if near && self.smooth[[z, y, x]] > self.smooth[best] {
                        best = (z, y, x);
                    }
                }
            }
        }
        best
    }

    /// The voxel of a mask nearest to a place, at most two steps away in each direction.
    pub(crate) fn nearest(
        &self,
        mask: &Array3<bool>,
        (z, y, x): (usize, usize, usize),
    ) -> Option<(usize, usize, usize)> {
        let range = |at: usize| at.saturating_sub(2)..(at + 3).min(self.hu.dim().0);
        range(z)
            .flat_map(|c| range(y).flat_map(move |b| range(x).map(move |a| (c, b, a))))
            .filter(|&at| mask[at])
            .min_by_key(|&(c, b, a)| c.abs_diff(z).pow(2) + b.abs_diff(y).pow(2) + a.abs_diff(x).pow(2))
    }

    /// Voxels inside the closed lungs.
    pub(crate) fn inside(&self, volume: &Volume, lungs: &LungMask) -> Array3<bool> {
        let [nk, nj, ni] = volume.shape_kji();
        Array3::from_shape_fn(self.hu.dim(), |(z, y, x)| {
            let voxel = self.voxel([x, y, z]);
            let within = [ni, nj, nk]
                .iter()
                .zip(voxel)
                .all(|(&size, at)| at >= -0.5 && at < size as f64 - 0.5);
            within && lungs.holds(voxel)
        })
    }

    /// Every voxel of the cube.
    pub(crate) fn everywhere(&self) -> Array3<bool> {
        Array3::from_elem(self.hu.dim(), true)
    }

    /// The mask on the volume's grid; `None` when no voxel centre lies in it.
    pub(crate) fn to_segmentation(&self, volume: &Volume, mask: &Array3<bool>) -> Option<Segmentation> {
        let soft = mask.mapv(|inside| if inside { 1.0 } else { 0.0 });
        let [nk, nj, ni] = volume.shape_kji();
        let side = self.hu.dim().0 as f64 - 1.0;
        let range = |axis: usize, size: usize| {
            let first = self.origin[axis].ceil().max(0.0) as usize;
            let last = (self.origin[axis] + side * self.step[axis]).floor();
            first..((last + 1.0).max(0.0) as usize).min(size)
        };
        let (columns, rows, slices) = (range(0, ni), range(1, nj), range(2, nk));
        let wide = Array3::from_shape_fn((slices.len(), rows.len(), columns.len()), |(k, j, i)| {
            let voxel = [columns.start + i, rows.start + j, slices.start + k];
            let at =
                [0, 1, 2].map(|axis| ((voxel[axis] as f64 - self.origin[axis]) / self.step[axis]) as f32);
            sample_f32(soft.view(), at) >= 0.5
        });
        Segmentation::cropped(&wide, VoxelIndex([columns.start, rows.start, slices.start]))
    }

    pub(crate) fn voxel(&self, xyz: [usize; 3]) -> [f64; 3] {
        [0, 1, 2].map(|axis| self.origin[axis] + xyz[axis] as f64 * self.step[axis])
    }
}
