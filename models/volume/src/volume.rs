//! A CT volume in Hounsfield units with its geometry.

use hilum_domain::{Affine, Lps, Sha256, Uid, VoxelIndex};
use ndarray::{Array3, ArrayView3};

/// Voxel values in HU, indexed `[slice k][row j][column i]`, slices ascending along row x column.
#[derive(Debug, Clone, PartialEq)]
pub enum Voxels {
    /// Integral rescale: exact whole HU.
    I16(Array3<i16>),
    /// Rescale with a fraction.
    F32(Array3<f32>),
}

/// A CT series as one regular grid.
///
/// Invariants: at least three slices, spacing positive and uniform, affine invertible, and the third axis of the
/// grid points along (row direction) x (column direction). Only [`crate::load`] and [`Volume::new`] make one.
#[derive(Debug, Clone)]
pub struct Volume {
    voxels: Voxels,
    affine: Affine,
    study_instance_uid: Uid,
    series_instance_uid: Uid,
    inputs_sha256: Sha256,
}

/// Why voxels and geometry do not make a volume.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VolumeShapeError {
    /// A side is too short.
    #[error("a volume needs at least 3 slices, 2 rows and 2 columns; shape [slice,row,column] is {0:?}")]
    TooSmall([usize; 3]),
}

impl Volume {
    /// A volume from its parts; voxels are `[slice][row][column]`.
    pub fn new(
        voxels: Voxels,
        affine: Affine,
        study_instance_uid: Uid,
        series_instance_uid: Uid,
        inputs_sha256: Sha256,
    ) -> Result<Self, VolumeShapeError> {
        let shape = match &voxels {
            Voxels::I16(array) => array.dim(),
            Voxels::F32(array) => array.dim(),
        };
        if shape.0 < 3 || shape.1 < 2 || shape.2 < 2 {
            return Err(VolumeShapeError::TooSmall([shape.0, shape.1, shape.2]));
        }
        Ok(Self {
            voxels,
            affine,
            study_instance_uid,
            series_instance_uid,
            inputs_sha256,
        })
    }

    /// The same volume under another digest of its inputs.
    #[must_use]
    pub(crate) fn with_inputs_sha256(self, inputs_sha256: Sha256) -> Self {
        Self {
            inputs_sha256,
            ..self
        }
    }

    /// The voxel values in HU.
    pub const fn voxels(&self) -> &Voxels {
        &self.voxels
    }

    /// Slices, rows, columns.
    pub fn shape_kji(&self) -> [usize; 3] {
        let (k, j, i) = match &self.voxels {
            Voxels::I16(array) => array.dim(),
            Voxels::F32(array) => array.dim(),
        };
        [k, j, i]
    }

    /// Column, row and slice spacing in millimetres.
    pub fn spacing_mm(&self) -> [f64; 3] {
        self.affine.spacing_mm()
    }

    /// Voxel (column, row, slice) to LPS mm.
    pub const fn affine(&self) -> &Affine {
        &self.affine
    }

    /// HU of one voxel. Panics outside the grid, like an array.
    pub fn hu(&self, VoxelIndex([i, j, k]): VoxelIndex) -> f32 {
        match &self.voxels {
            Voxels::I16(array) => f32::from(array[[k, j, i]]),
            Voxels::F32(array) => array[[k, j, i]],
        }
    }

    /// All voxels as whole HU, rounded when the rescale has a fraction; `[slice][row][column]`.
    ///
    /// Segmentation and detection work on this: a fraction of an HU is below any scanner's noise.
    pub fn whole_hu(&self) -> std::borrow::Cow<'_, Array3<i16>> {
        match &self.voxels {
            Voxels::I16(array) => std::borrow::Cow::Borrowed(array),
            Voxels::F32(array) => std::borrow::Cow::Owned(array.mapv(|hu| hu.round() as i16)),
        }
    }

    /// The voxel that holds a point, or `None` outside the grid.
    pub fn voxel_at(&self, point: Lps) -> Option<VoxelIndex> {
        let ijk = self.affine.to_voxel(point);
        let [nk, nj, ni] = self.shape_kji();
        let mut index = [0; 3];
        for (axis, limit) in [ni, nj, nk].into_iter().enumerate() {
            let rounded = ijk[axis].round();
            if !(rounded >= 0.0 && rounded < limit as f64) {
                return None;
            }
            index[axis] = rounded as usize;
        }
        Some(VoxelIndex(index))
    }

    /// Study of the series.
    pub const fn study_instance_uid(&self) -> &Uid {
        &self.study_instance_uid
    }

    /// The series.
    pub const fn series_instance_uid(&self) -> &Uid {
        &self.series_instance_uid
    }

    /// Digest over the instances that make the volume, in slice order, so independent of file order.
    pub const fn inputs_sha256(&self) -> &Sha256 {
        &self.inputs_sha256
    }

    /// A view of integral voxels; `None` when the rescale has a fraction.
    pub fn i16_view(&self) -> Option<ArrayView3<'_, i16>> {
        match &self.voxels {
            Voxels::I16(array) => Some(array.view()),
            Voxels::F32(_) => None,
        }
    }
}
