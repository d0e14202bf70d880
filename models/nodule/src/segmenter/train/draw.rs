//! Random looks at a tile: what a true CT, another scanner and an imprecise seed would make of it.

use hilum_cohort::TILE_SIDE;
use rand::Rng;
use serde::{Deserialize, Serialize};

use super::tile::Tile;
use super::vanish::vanished;
use crate::interpolate::linear;
use crate::segmenter::sight::{Frame, for_pixels, write_sample};
use crate::segmenter::walk::COARSE;

/// Strength of the random looks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmenterJitter {
    /// Largest translation in pixels: a seed is not the nodule's centre.
    pub shift_px: f64,
    /// Largest zoom in or out, as a factor: pixel spacing is unknown in training.
    pub zoom: f64,
    /// How often the pixels are as large as those that large nodules are looked at again with.
    pub coarse: f64,
    /// Largest change of the scale of HU + 1000 as a fraction, and half of it again per slice: HU are estimates.
    pub gain: f32,
    /// Largest shift in HU, and half of it again per slice.
    pub offset_hu: f32,
    /// Width of added noise in HU (uniform), drawn from 0 to this.
    pub noise_hu: f32,
    /// How often a neighbour is replaced by the slice itself, as it is at the ends of what the readers left.
    pub neighbour_lost: f64,
    /// How often the nodule is taken out of the slice (but not out of a neighbour): how its end along z looks.
    pub vanished: f64,
}

impl Default for SegmenterJitter {
    fn default() -> Self {
        Self {
            shift_px: 5.0,
            zoom: 1.25,
            coarse: 0.2,
            gain: 0.08,
            offset_hu: 40.0,
            noise_hu: 60.0,
            neighbour_lost: 0.15,
            vanished: 0.12,
        }
    }
}

/// One training sample's targets, `[SIDE][SIDE]` each.
#[derive(Default)]
pub(super) struct Targets {
    /// Strict majority, 0 to 1 where it is interpolated.
    pub(super) majority: Vec<f32>,
    /// Share of readers.
    pub(super) share: Vec<f32>,
}

impl SegmenterJitter {
    /// Adds a random look at a random slice of a tile.
    pub(super) fn draw(
        &self,
        tile: &Tile,
        rng: &mut impl Rng,
        samples: &mut Vec<f32>,
        targets: &mut Targets,
    ) {
        let last = tile.n_slices() - 1;
        let k = rng.random_range(0..=last);
        let mut slices = [k.saturating_sub(1), k, (k + 1).min(last)];
        for beside in [0, 2] {
            if rng.random_bool(self.neighbour_lost) {
                slices[beside] = k;
            }
        }
        if rng.random_bool(0.5) {
            slices.swap(0, 2);
        }
        let frame = self.frame(rng);
        let gain = 1.0 + rng.random_range(-self.gain..=self.gain);
        let offset = rng.random_range(-self.offset_hu..=self.offset_hu);
        let by_slice: [(f32, f32); 3] = std::array::from_fn(|_| {
            (
                gain * (1.0 + 0.5 * rng.random_range(-self.gain..=self.gain)),
                offset + 0.5 * rng.random_range(-self.offset_hu..=self.offset_hu),
            )
        });
        let noise = rng.random_range(0.0..=self.noise_hu);
        // One neighbour becomes the emptied slice itself, so that the nodule ends here and not a slice earlier.
        let emptied = rng
            .random_bool(self.vanished)
            .then(|| vanished(tile, k, rng))
            .flatten();
        let hu = match &emptied {
            Some(hu) => {
                slices[0] = k;
                hu.view()
            }
            None => tile.hu.view(),
        };
        let adjust = |channel: usize, hu: f32| {
            let (gain, offset) = by_slice[channel];
            (hu + 1000.0) * gain - 1000.0 + offset + noise * (rng.random::<f32>() - 0.5)
        };
        write_sample(hu, slices, &frame, adjust, samples);
        let shape = tile.hu.dim();
        let shown = if emptied.is_some() { 0.0 } else { 1.0 };
        for_pixels(|x, y| {
            let [i, j] = frame.of_pixel(x, y);
            let at = [i as f32, j as f32, k as f32];
            targets
                .majority
                .push(linear(shape, at, |kji| shown * tile.majority(kji)));
            targets
                .share
                .push(linear(shape, at, |kji| shown * tile.share(kji)));
        });
    }

    /// Any turn, any mirror, zoom and shift.
    fn frame(&self, rng: &mut impl Rng) -> Frame {
        let (sin, cos) = rng.random_range(0.0..std::f64::consts::TAU).sin_cos();
        let log_zoom = self.zoom.ln();
        let size = if rng.random_bool(self.coarse) { COARSE } else { 1.0 };
        let step = size * rng.random_range(-log_zoom..=log_zoom).exp();
        let mirror = if rng.random_bool(0.5) { -step } else { step };
        let middle = (TILE_SIDE / 2) as f64;
        let mut shift = || middle + rng.random_range(-self.shift_px..=self.shift_px);
        Frame {
            centre: [shift(), shift()],
            axes: [[cos * mirror, sin * mirror], [-sin * step, cos * step]],
        }
    }
}
