//! A CT at a few millimetres, for registration.

use hilum_domain::Lps;
use hilum_nodule::linear;
use hilum_volume::Volume;
use ndarray::{Array3, s};
use rayon::prelude::*;

/// Denser than this is bone or metal, which moves with the chest wall and not with the lung.
const CEILING_HU: f32 = 100.0;
const FLOOR_HU: f32 = -1000.0;

/// Block means of a volume, clipped to what lungs are made of.
pub(crate) struct Coarse<'a> {
    volume: &'a Volume,
    /// `[slice][row][column]` of blocks.
    hu: Array3<f32>,
    /// Voxels per block (column, row, slice).
    block: [usize; 3],
}

impl<'a> Coarse<'a> {
    /// Blocks of about `step_mm`.
    pub(crate) fn new(volume: &'a Volume, step_mm: f64) -> Self {
        let [nk, nj, ni] = volume.shape_kji();
        let spacing = volume.spacing_mm();
        let block: [usize; 3] = std::array::from_fn(|axis| {
            ((step_mm / spacing[axis]).round() as usize).clamp(1, [ni, nj, nk][axis])
        });
        let fine = volume.whole_hu();
        let (slices, rows, columns) = (nk / block[2], nj / block[1], ni / block[0]);
        let mut hu = Array3::zeros((slices, rows, columns));
        hu.outer_iter_mut()
            .into_par_iter()
            .enumerate()
            .for_each(|(k, mut plane)| {
                for ((j, i), mean) in plane.indexed_iter_mut() {
                    let at = |block: usize, index: usize| block * index..block * (index + 1);
                    let voxels = fine.slice(s![at(block[2], k), at(block[1], j), at(block[0], i)]);
                    let sum: i32 = voxels.iter().map(|&hu| i32::from(hu)).sum();
                    *mean = (sum as f32 / voxels.len() as f32).clamp(FLOOR_HU, CEILING_HU);
                }
            });
        Self { volume, hu, block }
    }

    /// HU at a point, linear between blocks; `None` outside the volume.
    pub(crate) fn at(&self, point: [f64; 3]) -> Option<f32> {
        let ijk = self.volume.affine().to_voxel(Lps(point));
        let (nk, nj, ni) = self.hu.dim();
        let mut at = [0.0; 3];
        for (axis, size) in [ni, nj, nk].into_iter().enumerate() {
            let block = self.block[axis] as f64;
            // Voxel (block - 1) / 2 is the middle of the first block.
            let along = (ijk[axis] - (block - 1.0) / 2.0) / block;
            if !(along > -1.0 && along < size as f64) {
                return None;
            }
            at[axis] = along as f32;
        }
        Some(linear(self.hu.dim(), at, |kji| self.hu[kji]))
    }
}
