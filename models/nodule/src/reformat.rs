//! Thin slices averaged to slabs of about 2.5 mm.
//!
//! The detector was trained on such slices; thin ones carry more noise and no more nodules of 4 mm.

use std::borrow::Cow;

use hilum_volume::Volume;
use ndarray::{Array2, Array3, ArrayView3, Axis, s};
use rayon::prelude::*;

/// Slabs are never thicker than about this.
const SLAB_MM: f64 = 2.5;

/// A volume by slabs `[slab][row][column]` in whole HU.
pub(crate) struct Reformat<'a> {
    hu: Cow<'a, Array3<i16>>,
    merge: usize,
    /// Column, row and slab spacing in mm.
    pub(crate) spacing_mm: [f64; 3],
}

impl<'a> Reformat<'a> {
    pub(crate) fn new(volume: &'a Volume) -> Self {
        let [sx, sy, sz] = volume.spacing_mm();
        let slices = volume.shape_kji()[0];
        // A quarter of a slice of tolerance lets 1.25 mm slices pair up to 2.5 mm exactly; at least three slabs.
        let merge = ((SLAB_MM / sz + 0.25).floor() as usize).clamp(1, (slices / 3).max(1));
        let thin = volume.whole_hu();
        let hu = if merge == 1 {
            thin
        } else {
            Cow::Owned(average_slabs(thin.view(), merge))
        };
        Self {
            hu,
            merge,
            spacing_mm: [sx, sy, sz * merge as f64],
        }
    }

    /// HU `[slab][row][column]`.
    pub(crate) fn hu(&self) -> ArrayView3<'_, i16> {
        self.hu.view()
    }

    /// Fractional index (column, row, slab) to fractional voxel index of the volume.
    pub(crate) fn to_voxel(&self, [i, j, k]: [f64; 3]) -> [f64; 3] {
        let merge = self.merge as f64;
        [i, j, k * merge + (merge - 1.0) / 2.0]
    }

    /// Fractional index (column, row, slab) of a fractional voxel index of the volume.
    pub(crate) fn of_voxel(&self, [i, j, k]: [f64; 3]) -> [f64; 3] {
        let merge = self.merge as f64;
        [i, j, (k - (merge - 1.0) / 2.0) / merge]
    }
}

fn average_slabs(thin: ArrayView3<'_, i16>, merge: usize) -> Array3<i16> {
    let (slices, rows, columns) = thin.dim();
    let mut slabs = Array3::zeros((slices / merge, rows, columns));
    slabs
        .axis_iter_mut(Axis(0))
        .into_par_iter()
        .enumerate()
        .for_each(|(slab, mut out)| {
            let mut sum = Array2::<i32>::zeros((rows, columns));
            for slice in thin
                .slice(s![slab * merge..(slab + 1) * merge, .., ..])
                .outer_iter()
            {
                sum.zip_mut_with(&slice, |sum, &hu| *sum += i32::from(hu));
            }
            out.zip_mut_with(&sum, |out, &sum| *out = (sum / merge as i32) as i16);
        });
    slabs
}
