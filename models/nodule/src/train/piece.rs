//! A nodule cut out of the cohort's tiles.

use hilum_cohort::{Nodule, TILE_SIDE};
use ndarray::{Array3, ArrayView3, s};

use crate::distance::squared_distance;
use crate::interpolate::sample_f32;

/// The cut fades out over this distance from the outline.
const FADE_MM: f32 = 1.5;
/// In-plane spacing of chest CT; the estimate from volume and area is held to it.
const SPACING_MM: std::ops::Range<f64> = 0.45..1.0;
/// Aerated lung in the cohort's estimated HU is moved to this.
const LUNG_HU: f32 = -860.0;
/// But no farther: a scar or a mass may leave little lung in the tile.
const MOST_SHIFT_HU: f32 = 150.0;

/// HU and weight of a nodule on its own grid, `[slice][row][column]`.
pub(super) struct Piece {
    hu: Array3<f32>,
    /// 1 inside the readers' majority outline, fading to 0.
    weight: Array3<f32>,
    /// Column, row, slice.
    pub(super) spacing_mm: [f64; 3],
    /// Centre of the outline (column, row, slice).
    pub(super) centre: [f32; 3],
    /// Diameter of the ball of the outline's volume.
    pub(super) diameter_mm: f64,
}

impl Piece {
    /// `None` where volume, slice positions or HU estimates are missing, or the readers agree on no pixel.
    pub(super) fn cut(nodule: &Nodule) -> Option<Self> {
        let n = nodule.slices.len();
        let first = nodule.slices.first()?.z_mm?;
        let last = nodule.slices.last()?.z_mm?;
        if n < 2 || (last - first).abs() < 0.5 {
            return None;
        }
        let gap_mm = (last - first).abs() / (n - 1) as f64;
        let majority = u32::from(nodule.n_masks).div_ceil(2);
        // One empty slice before and behind lets the weight fade along z.
        let shape = (n + 2, TILE_SIDE, TILE_SIDE);
        let slice = |k: usize| &nodule.slices[k.saturating_sub(1).min(n - 1)];
        let mask = Array3::from_shape_fn(shape, |(k, j, i)| {
            (1..=n).contains(&k) && slice(k).mask[j * TILE_SIDE + i].count_ones() >= majority
        });
        let maps: Vec<_> = (0..n + 2).map(|k| slice(k).hu_map).collect::<Option<_>>()?;
        let mut hu = Array3::from_shape_fn(shape, |(k, j, i)| maps[k].hu(slice(k).tile[j * TILE_SIDE + i]));

        let inside: Vec<_> = mask
            .indexed_iter()
            .filter(|(_, inside)| **inside)
            .map(|(at, _)| at)
            .collect();
        if inside.is_empty() {
            return None;
        }
        let area = inside.len() as f64;
        let spacing = (nodule.volume_mm3? / (area * gap_mm))
            .sqrt()
            .clamp(SPACING_MM.start, SPACING_MM.end);
        let near = squared_distance(&mask, [gap_mm, spacing, spacing]).mapv(f32::sqrt);
        if let Some(lung_hu) = lung_hu(&hu, &near) {
            hu += (LUNG_HU - lung_hu).clamp(-MOST_SHIFT_HU, MOST_SHIFT_HU);
        }
        let mean = |axis: fn(&(usize, usize, usize)) -> usize| {
            inside.iter().map(|at| axis(at) as f32).sum::<f32>() / area as f32
        };
        let volume_mm3 = area * spacing * spacing * gap_mm;
        Some(Self {
            hu,
            weight: near.mapv(|d| (1.0 - d / FADE_MM).clamp(0.0, 1.0)),
            spacing_mm: [spacing, spacing, gap_mm],
            centre: [mean(|at| at.2), mean(|at| at.1), mean(|at| at.0)],
            diameter_mm: (6.0 * volume_mm3 / std::f64::consts::PI).cbrt(),
        })
    }

    /// Estimated HU of the slices that were outlined, `[slice][row][column]`; slice `k` is at `k + 1` of
    /// [`Piece::centre`].
    pub(super) fn outlined_hu(&self) -> ArrayView3<'_, f32> {
        let outlined = 1..self.hu.dim().0 - 1;
        self.hu.slice(s![outlined, .., ..])
    }

    /// HU and weight at an offset (x, y, z in mm) from the centre, averaged along z over a slice of the host.
    pub(super) fn at(&self, [x, y, z]: [f32; 3], host_gap_mm: f32) -> (f32, f32) {
        let [sx, sy, sz] = self.spacing_mm.map(|spacing| spacing as f32);
        let taps: &[f32] = if sz < host_gap_mm / 1.5 {
            &[-0.33, 0.0, 0.33]
        } else {
            &[0.0]
        };
        let (mut hu, mut weight) = (0.0, 0.0);
        for tap in taps {
            let dz = z + tap * host_gap_mm;
            let index = [
                self.centre[0] + x / sx,
                self.centre[1] + y / sy,
                self.centre[2] + dz / sz,
            ];
            hu += sample_f32(self.hu.view(), index);
            weight += sample_f32(self.weight.view(), index);
        }
        let n = taps.len() as f32;
        (hu / n, weight / n)
    }

    /// Farther than this from the centre the weight is 0.
    pub(super) fn reach_mm(&self) -> [f32; 3] {
        let mut reach = [0.0_f32; 3];
        for ((k, j, i), _) in self.weight.indexed_iter().filter(|(_, weight)| **weight > 0.0) {
            for (axis, at) in [i, j, k].into_iter().enumerate() {
                let distance = (at as f32 - self.centre[axis]).abs() * self.spacing_mm[axis] as f32;
                reach[axis] = reach[axis].max(distance);
            }
        }
        reach
    }
}

/// Median of the aerated voxels away from the nodule.
fn lung_hu(hu: &Array3<f32>, near_mm: &Array3<f32>) -> Option<f32> {
    let mut lung: Vec<f32> = hu
        .iter()
        .zip(near_mm)
        .filter(|(hu, near)| **hu < -600.0 && **near > 2.0 * FADE_MM)
        .map(|(hu, _)| *hu)
        .collect();
    if lung.len() < 200 {
        return None;
    }
    let middle = lung.len() / 2;
    Some(*lung.select_nth_unstable_by(middle, f32::total_cmp).1)
}
