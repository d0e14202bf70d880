//! The voxels of one nodule.

use hilum_domain::{Lps, VoxelIndex};
use hilum_volume::Volume;
use ndarray::{Array3, ArrayView2, s};

use crate::NoduleError;

/// A mask in its bounding box on the volume's own grid.
///
/// Invariant: at least one voxel is set, and every side of the box touches one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segmentation {
    mask: Array3<bool>,
    origin: VoxelIndex,
}

impl Segmentation {
    /// From a mask `[slice][row][column]` whose first voxel is `origin` (column, row, slice) of the volume.
    ///
    /// # Errors
    /// [`NoduleError::EmptySegmentation`] when no voxel is set.
    pub fn new(mask: &Array3<bool>, origin: VoxelIndex) -> Result<Self, NoduleError> {
        Self::cropped(mask, origin).ok_or(NoduleError::EmptySegmentation)
    }

    /// Cut to the bounding box; `None` when no voxel is set.
    pub(crate) fn cropped(mask: &Array3<bool>, VoxelIndex([i0, j0, k0]): VoxelIndex) -> Option<Self> {
        let mut bounds: Option<[(usize, usize); 3]> = None;
        for ((k, j, i), _) in mask.indexed_iter().filter(|(_, inside)| **inside) {
            let at = [k, j, i];
            let bounds = bounds.get_or_insert(at.map(|at| (at, at)));
            for (bound, at) in bounds.iter_mut().zip(at) {
                *bound = (bound.0.min(at), bound.1.max(at));
            }
        }
        let [(k, k1), (j, j1), (i, i1)] = bounds?;
        Some(Self {
            mask: mask.slice(s![k..=k1, j..=j1, i..=i1]).to_owned(),
            origin: VoxelIndex([i0 + i, j0 + j, k0 + k]),
        })
    }

    /// The mask, `[slice][row][column]`.
    pub const fn mask(&self) -> &Array3<bool> {
        &self.mask
    }

    /// The volume's voxel (column, row, slice) at the first voxel of the mask.
    pub const fn origin(&self) -> VoxelIndex {
        self.origin
    }

    /// First and last slice of the volume that the nodule is in.
    pub fn slices(&self) -> [usize; 2] {
        let first = self.origin.0[2];
        [first, first + self.mask.dim().0 - 1]
    }

    /// Rows and columns of one slice of the volume, starting at the origin's row and column; `None` when the
    /// nodule is not in that slice.
    pub fn slice(&self, k: usize) -> Option<ArrayView2<'_, bool>> {
        let at = k.checked_sub(self.origin.0[2])?;
        (at < self.mask.dim().0).then(|| self.mask.slice(s![at, .., ..]))
    }

    /// Whether a voxel of the volume belongs to the nodule.
    pub fn contains(&self, VoxelIndex(at): VoxelIndex) -> bool {
        let [i0, j0, k0] = self.origin.0;
        let inside = |at: usize, first: usize| at.checked_sub(first);
        match (inside(at[2], k0), inside(at[1], j0), inside(at[0], i0)) {
            (Some(k), Some(j), Some(i)) => self.mask.get([k, j, i]).copied().unwrap_or(false),
            _ => false,
        }
    }

    /// Number of voxels.
    pub fn voxels(&self) -> usize {
        self.mask.iter().filter(|inside| **inside).count()
    }

    /// Indices of the voxels in the volume (column, row, slice).
    pub fn indices(&self) -> impl Iterator<Item = VoxelIndex> + '_ {
        let [i0, j0, k0] = self.origin.0;
        self.mask
            .indexed_iter()
            .filter(|(_, inside)| **inside)
            .map(move |((k, j, i), _)| VoxelIndex([i0 + i, j0 + j, k0 + k]))
    }

    /// Centre of mass in LPS mm.
    pub fn center(&self, volume: &Volume) -> Lps {
        let mut sum = [0.0; 3];
        for VoxelIndex(at) in self.indices() {
            for axis in 0..3 {
                sum[axis] += at[axis] as f64;
            }
        }
        let n = self.voxels() as f64;
        volume.affine().to_lps(sum.map(|sum| sum / n))
    }

    /// Share of voxels that two masks have in common: twice the intersection over the sum (Dice).
    pub fn dice(&self, other: &Self) -> f64 {
        let common = self.indices().filter(|&at| other.contains(at)).count();
        2.0 * common as f64 / (self.voxels() + other.voxels()) as f64
    }

    /// Refuses a mask that reaches out of the volume.
    pub(crate) fn check_within(&self, volume: &Volume) -> Result<(), NoduleError> {
        let [nk, nj, ni] = volume.shape_kji();
        let (slices, rows, columns) = self.mask.dim();
        let [i, j, k] = self.origin.0;
        let reaches = [i + columns, j + rows, k + slices];
        let size = [ni, nj, nk];
        if reaches.iter().zip(size).any(|(&reach, size)| reach > size) {
            return Err(NoduleError::SegmentationBeyondVolume { reaches, size });
        }
        Ok(())
    }
}
