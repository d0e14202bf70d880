//! A CT volume in Hounsfield units with its geometry.

use std::sync::OnceLock;

use hilum_domain::{Affine, Lps, Sha256, Uid, VoxelIndex};
use ndarray::{Array3, ArrayView3};
use serde::Serialize;

use crate::{Kernel, digest};

/// Voxel values in HU, indexed `[slice k][row j][column i]`, slices ascending along row x column.
#[derive(Debug, Clone, PartialEq)]
pub enum Voxels {
    /// Integral rescale: exact whole HU.
    I16(Array3<i16>),
    /// Rescale with a fraction.
    F32(Array3<f32>),
}

impl Voxels {
    fn shape_kji(&self) -> [usize; 3] {
        let (k, j, i) = match self {
            Self::I16(array) => array.dim(),
            Self::F32(array) => array.dim(),
        };
        [k, j, i]
    }
}

/// How voxels were computed from other voxels, so that they are not what the scanner wrote.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Interpolation {
    /// Slices of a tilted gantry were shifted within their planes until they lay upon each other.
    Tilt {
        /// Kernel of the shift.
        kernel: Kernel,
        /// Angle between slice step and slice normal before.
        degrees: f64,
    },
    /// The volume was put on a grid of another spacing.
    Spacing {
        /// Kernel along each axis.
        kernel: Kernel,
        /// Column, row and slice spacing before, in millimetres.
        from_mm: [f64; 3],
    },
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
    inputs_sha256: OnceLock<Sha256>,
    interpolations: Vec<Interpolation>,
}

/// Why voxels and geometry do not make a volume.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VolumeShapeError {
    /// A side is too short.
    #[error("a volume needs at least 3 slices, 2 rows and 2 columns; shape [slice,row,column] is {0:?}")]
    TooSmall([usize; 3]),
}

impl VolumeShapeError {
    /// Refuses `[slices, rows, columns]` that make no volume.
    pub(crate) fn check(shape_kji: [usize; 3]) -> Result<(), Self> {
        let [slices, rows, columns] = shape_kji;
        if slices < 3 || rows < 2 || columns < 2 {
            return Err(Self::TooSmall(shape_kji));
        }
        Ok(())
    }
}

impl Volume {
    /// A volume from its parts, as the scanner wrote it; voxels are `[slice][row][column]`.
    pub fn new(
        voxels: Voxels,
        affine: Affine,
        study_instance_uid: Uid,
        series_instance_uid: Uid,
        inputs_sha256: Sha256,
    ) -> Result<Self, VolumeShapeError> {
        let volume = Self::of_series(voxels, affine, study_instance_uid, series_instance_uid)?;
        Ok(Self {
            inputs_sha256: inputs_sha256.into(),
            ..volume
        })
    }

    /// A volume whose inputs are the series itself: its digest is computed when it is first asked for.
    pub(crate) fn of_series(
        voxels: Voxels,
        affine: Affine,
        study_instance_uid: Uid,
        series_instance_uid: Uid,
    ) -> Result<Self, VolumeShapeError> {
        VolumeShapeError::check(voxels.shape_kji())?;
        Ok(Self {
            voxels,
            affine,
            study_instance_uid,
            series_instance_uid,
            inputs_sha256: OnceLock::new(),
            interpolations: Vec::new(),
        })
    }

    /// The same series with other voxels on another grid. Only for grids whose shape was checked.
    #[must_use]
    pub(crate) fn with_grid(&self, voxels: Voxels, affine: Affine, interpolation: Interpolation) -> Self {
        let mut interpolations = self.interpolations.clone();
        interpolations.push(interpolation);
        Self {
            voxels,
            affine,
            study_instance_uid: self.study_instance_uid.clone(),
            series_instance_uid: self.series_instance_uid.clone(),
            inputs_sha256: self.inputs_sha256().clone().into(),
            interpolations,
        }
    }

    /// The voxel values in HU.
    pub const fn voxels(&self) -> &Voxels {
        &self.voxels
    }

    /// Slices, rows, columns.
    pub fn shape_kji(&self) -> [usize; 3] {
        self.voxels.shape_kji()
    }

    /// What was interpolated, first step first; empty where every voxel is the scanner's own.
    pub fn interpolations(&self) -> &[Interpolation] {
        &self.interpolations
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
    ///
    /// Computed when it is first asked for, about 0.6 ms a slice of 512 x 512.
    pub fn inputs_sha256(&self) -> &Sha256 {
        if let Some(digest) = self.inputs_sha256.get() {
            return digest;
        }
        // Outside of the lock: threads that compute it together must not wait for one another inside of it.
        let digest = digest::of_series(
            &self.series_instance_uid,
            &self.affine,
            self.shape_kji(),
            &self.voxels,
        );
        self.inputs_sha256.get_or_init(|| digest)
    }

    /// A view of integral voxels; `None` when the rescale has a fraction.
    pub fn i16_view(&self) -> Option<ArrayView3<'_, i16>> {
        match &self.voxels {
            Voxels::I16(array) => Some(array.view()),
            Voxels::F32(_) => None,
        }
    }
}
