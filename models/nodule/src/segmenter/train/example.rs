//! A nodule of the cohort as the segmenter learns it.

use hilum_cohort::{Nodule, TILE_SIDE};
use hilum_imaging::NoduleCrop;
use ndarray::Array3;

use crate::NoduleError;

/// Pixels of one tile.
const TILE: usize = TILE_SIDE * TILE_SIDE;

/// HU and readers' outlines of one nodule on its own grid, `[slice][80][80]`.
pub(super) struct Example<'a> {
    pub(super) nodule: &'a Nodule,
    /// Estimated HU.
    pub(super) hu: Array3<i16>,
    /// Readers who include the pixel.
    counts: Array3<u8>,
}

impl<'a> Example<'a> {
    pub(super) fn new(nodule: &'a Nodule) -> Result<Self, NoduleError> {
        let crop = NoduleCrop::from_nodule(nodule)?;
        let shape = (crop.n_slices(), TILE_SIDE, TILE_SIDE);
        let pixel = |(k, j, i): (usize, usize, usize)| k * TILE + j * TILE_SIDE + i;
        let hu = Array3::from_shape_fn(shape, |at| crop.hu()[pixel(at)]);
        let counts = Array3::from_shape_fn(shape, |(k, j, i)| {
            nodule.slices[k].mask[j * TILE_SIDE + i].count_ones() as u8
        });
        Ok(Self { nodule, hu, counts })
    }

    pub(super) fn n_slices(&self) -> usize {
        self.hu.dim().0
    }

    /// Readers who outlined the nodule.
    pub(super) fn readers(&self) -> u8 {
        self.nodule.n_masks
    }

    /// Share of readers who include a pixel.
    pub(super) fn share(&self, kji: [usize; 3]) -> f32 {
        f32::from(self.counts[kji]) / f32::from(self.readers())
    }

    /// Whether more than half of the readers include it.
    pub(super) fn majority(&self, kji: [usize; 3]) -> bool {
        2 * self.counts[kji] > self.readers()
    }

    /// Whether any reader includes it.
    pub(super) fn touched(&self, kji: [usize; 3]) -> bool {
        self.counts[kji] > 0
    }

    /// The strict majority, `[slice][80][80]`.
    pub(super) fn majority_mask(&self) -> Array3<bool> {
        Array3::from_shape_fn(self.hu.dim(), |(k, j, i)| self.majority([k, j, i]))
    }

    /// One reader's outline.
    pub(super) fn reader_mask(&self, reader: u8) -> Array3<bool> {
        self.of_bits(|bits| bits >> reader & 1 == 1)
    }

    /// The strict majority of all readers but one.
    pub(super) fn majority_without(&self, reader: u8) -> Array3<bool> {
        let others = u32::from(self.readers() - 1);
        self.of_bits(|bits| 2 * (bits & !(1 << reader)).count_ones() > others)
    }

    fn of_bits(&self, holds: impl Fn(u8) -> bool) -> Array3<bool> {
        Array3::from_shape_fn(self.hu.dim(), |(k, j, i)| {
            holds(self.nodule.slices[k].mask[j * TILE_SIDE + i])
        })
    }
}
