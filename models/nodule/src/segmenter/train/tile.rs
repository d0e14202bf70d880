//! What looks are drawn from: HU around a nodule and how much of each pixel is nodule.

use hilum_cohort::TILE_SIDE;
use ndarray::Array3;

use crate::NoduleError;

/// Shares of a synthetic nodule are kept in so many steps.
const STEPS: u8 = 200;

/// A SYNTHETIC nodule whose extent is known exactly, as training takes it.
#[derive(Debug, Clone, PartialEq)]
pub struct SyntheticNodule {
    /// HU, `[slice][80][80]` with the nodule in the middle; slices beyond its ends show how it ends.
    pub hu: Array3<i16>,
    /// Share of each voxel that is nodule, 0 to 1, of the same shape.
    pub share: Array3<f32>,
}

/// HU and targets on one grid, `[slice][80][80]`.
pub(super) struct Tile {
    pub(super) hu: Array3<i16>,
    /// Readers who include the pixel, or steps of its share.
    pub(super) counts: Array3<u8>,
    target: Target,
}

/// Where targets come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    /// From so many readers.
    Readers(u8),
    /// From a body that fills part of a voxel: both targets are that part.
    Body,
}

impl Tile {
    pub(super) const fn of_readers(hu: Array3<i16>, counts: Array3<u8>, readers: u8) -> Self {
        Self {
            hu,
            counts,
            target: Target::Readers(readers),
        }
    }

    /// Refuses another shape than that of a tile.
    pub(super) fn of_body(nodule: &SyntheticNodule) -> Result<Self, NoduleError> {
        let (slices, rows, columns) = nodule.hu.dim();
        let fits = slices > 0 && [rows, columns] == [TILE_SIDE; 2] && nodule.share.dim() == nodule.hu.dim();
        if !fits {
            return Err(NoduleError::Training(format!(
                "a synthetic nodule has HU of {:?} and shares of {:?}, want slices of {TILE_SIDE} x {TILE_SIDE}",
                nodule.hu.dim(),
                nodule.share.dim()
            )));
        }
        Ok(Self {
            hu: nodule.hu.clone(),
            counts: nodule
                .share
                .mapv(|share| (share.clamp(0.0, 1.0) * f32::from(STEPS)).round() as u8),
            target: Target::Body,
        })
    }

    pub(super) fn n_slices(&self) -> usize {
        self.hu.dim().0
    }

    /// Readers, where there are some.
    pub(super) const fn readers(&self) -> Option<u8> {
        match self.target {
            Target::Readers(readers) => Some(readers),
            Target::Body => None,
        }
    }

    /// Share of readers who include a pixel, or how much of it is nodule.
    pub(super) fn share(&self, kji: [usize; 3]) -> f32 {
        let whole = self.readers().unwrap_or(STEPS);
        f32::from(self.counts[kji]) / f32::from(whole)
    }

    /// 1 where more than half of the readers include a pixel and 0 elsewhere, or how much of it is nodule.
    pub(super) fn majority(&self, kji: [usize; 3]) -> f32 {
        match self.target {
            Target::Readers(readers) => f32::from(u8::from(2 * self.counts[kji] > readers)),
            Target::Body => self.share(kji),
        }
    }

    /// Whether any reader includes a pixel, or any of it is nodule.
    pub(super) fn touched(&self, kji: [usize; 3]) -> bool {
        self.counts[kji] > 0
    }
}
