//! A slice without its nodule.
//!
//! The cohort holds slices only where readers drew, so nothing there shows how a nodule ends along z. A slice beyond
//! the end is made from one within: lung from beside the nodule takes its place, and a quarter of it at most shines
//! through, as the slice that a nodule just reaches would show.

use hilum_cohort::TILE_SIDE;
use ndarray::{Array3, s};
use rand::Rng;

use super::tile::Tile;
use crate::distance::squared_distance;

/// Pixels around the readers' outlines that are replaced whole, and over which the replacement fades.
const REPLACED_PX: f32 = 2.5;
const FADE_PX: f32 = 2.0;
/// Tries to find a place beside the nodule.
const TRIES: usize = 30;
/// Most of the nodule that shines through.
const MOST_LEFT: f32 = 0.25;

/// The tile's HU with slice `k` emptied; `None` where the tile has no room beside the nodule.
pub(super) fn vanished(tile: &Tile, k: usize, rng: &mut impl Rng) -> Option<Array3<i16>> {
    let nodule = Array3::from_shape_fn((1, TILE_SIDE, TILE_SIDE), |(_, j, i)| tile.touched([k, j, i]));
    let away = squared_distance(&nodule, [1.0; 3]).mapv(f32::sqrt);
    let weight = away.mapv(|away| (1.0 - (away - REPLACED_PX) / FADE_PX).clamp(0.0, 1.0));
    let shift = free_shift(&weight, &away, rng)?;
    let replaced = 1.0 - rng.random_range(0.0..=MOST_LEFT);
    let mut hu = tile.hu.clone();
    let from = tile.hu.slice(s![k, .., ..]);
    for ((_, j, i), &weight) in weight.indexed_iter().filter(|(_, weight)| **weight > 0.0) {
        let beside = f32::from(from[moved([j, i], shift)?]);
        let own = f32::from(from[[j, i]]);
        hu[[k, j, i]] = (own + weight * replaced * (beside - own)).round() as i16;
    }
    Some(hu)
}

/// A shift (rows, columns) that takes everything with a weight into the tile and off the nodule.
fn free_shift(weight: &Array3<f32>, away: &Array3<f32>, rng: &mut impl Rng) -> Option<[isize; 2]> {
    let half = TILE_SIDE as i32 / 2;
    (0..TRIES).find_map(|_| {
        let shift = [0; 2].map(|_: i32| rng.random_range(-half..=half) as isize);
        let free = weight
            .indexed_iter()
            .filter(|(_, weight)| **weight > 0.0)
            .all(|((_, j, i), _)| moved([j, i], shift).is_some_and(|[j, i]| away[[0, j, i]] > REPLACED_PX));
        free.then_some(shift)
    })
}

fn moved([j, i]: [usize; 2], shift: [isize; 2]) -> Option<[usize; 2]> {
    let at = [j.checked_add_signed(shift[0])?, i.checked_add_signed(shift[1])?];
    at.iter().all(|&at| at < TILE_SIDE).then_some(at)
}
