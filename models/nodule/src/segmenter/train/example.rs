//! A nodule of the cohort as the segmenter learns it.

use hilum_cohort::{Nodule, TILE_SIDE};
use hilum_imaging::NoduleCrop;
use ndarray::Array3;

use super::tile::Tile;
use crate::NoduleError;

/// Pixels of one tile.
const TILE: usize = TILE_SIDE * TILE_SIDE;

/// HU and readers' outlines of one nodule on its own grid, `[slice][80][80]`.
pub(super) struct Example<'a> {
    pub(super) nodule: &'a Nodule,
    /// Estimated HU and how many readers include each pixel.
    pub(super) tile: Tile,
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
        let tile = Tile::of_readers(hu, counts, nodule.n_masks);
        Ok(Self { nodule, tile })
    }

    /// Readers who outlined the nodule.
    pub(super) fn readers(&self) -> u8 {
        self.nodule.n_masks
    }

    /// The strict majority, `[slice][80][80]`.
    pub(super) fn majority_mask(&self) -> Array3<bool> {
        Array3::from_shape_fn(self.tile.hu.dim(), |(k, j, i)| {
            self.tile.majority([k, j, i]) > 0.0
        })
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
        Array3::from_shape_fn(self.tile.hu.dim(), |(k, j, i)| {
            holds(self.nodule.slices[k].mask[j * TILE_SIDE + i])
        })
    }
}
