//! What the network sees of a slice: the one form that training tiles and whole CTs take.
//!
//! 48x48 pixels at the CT's own pixel spacing around the seed, in the slice and its two neighbours, and as a fourth
//! channel the distance from the seed, which tells the nodule from others beside it. Tiles have no spacing, so
//! training zooms instead, and a CT whose pixels lie outside [`PIXEL_MM`] is resampled to the nearer limit.

use ndarray::ArrayView3;

use crate::interpolate::sample;

/// Pixels along a side.
pub(crate) const SIDE: usize = 48;
/// Pixels of one channel.
pub(crate) const PIXELS: usize = SIDE * SIDE;
/// Slice before, slice, slice behind, distance from the seed.
pub(crate) const CHANNELS: usize = 4;
/// Values of one sample: `[channel][SIDE][SIDE]`.
pub(crate) const INPUT: usize = CHANNELS * PIXELS;
/// The pixel of the seed, in columns and rows.
pub(crate) const CENTRE: usize = SIDE / 2;
/// Pixel spacing of most chest CT, in training as elsewhere.
pub(crate) const PIXEL_MM: std::ops::Range<f64> = 0.5..0.95;
/// Window of the network, HU: lung to dense soft tissue.
const WINDOW_HU: [f32; 2] = [-1000.0, 400.0];

/// Where the pixels of a view lie in the array that it is cut from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Frame {
    /// Column and row of the array at the centre pixel.
    pub(crate) centre: [f64; 2],
    /// Columns and rows of the array per step along the view's columns (first) and rows (second).
    pub(crate) axes: [[f64; 2]; 2],
}

impl Frame {
    /// Upright, `step` columns and rows of the array per pixel. Where pixels are the array's own they lie on them.
    pub(crate) fn upright(centre: [f64; 2], step: [f64; 2]) -> Self {
        let centre = [0, 1].map(|axis| {
            let own = (step[axis] - 1.0).abs() < 1e-9;
            if own { centre[axis].round() } else { centre[axis] }
        });
        Self {
            centre,
            axes: [[step[0], 0.0], [0.0, step[1]]],
        }
    }

    /// Column and row of the array at a pixel of the view.
    pub(crate) fn of_pixel(&self, x: f64, y: f64) -> [f64; 2] {
        let (x, y) = (x - CENTRE as f64, y - CENTRE as f64);
        [0, 1].map(|axis| self.centre[axis] + self.axes[0][axis] * x + self.axes[1][axis] * y)
    }
}

/// Writes one sample: slices `k` (before, middle, behind) of `hu` (`[slice][row][column]`) in a frame. Beyond the
/// array its edge goes on. `adjust` changes HU by channel before the window (jitter in training).
pub(crate) fn write_sample(
    hu: ArrayView3<'_, i16>,
    slices: [usize; 3],
    frame: &Frame,
    mut adjust: impl FnMut(usize, f32) -> f32,
    out: &mut Vec<f32>,
) {
    for (channel, k) in slices.into_iter().enumerate() {
        for_pixels(|x, y| {
            let [i, j] = frame.of_pixel(x, y);
            let value = adjust(channel, sample(hu, [i as f32, j as f32, k as f32]));
            out.push(windowed(value));
        });
    }
    for_pixels(|x, y| {
        let from_seed = (x - CENTRE as f64).hypot(y - CENTRE as f64);
        out.push((from_seed / CENTRE as f64) as f32 - 1.0);
    });
}

/// Calls with column and row of every pixel of a view, row by row.
pub(crate) fn for_pixels(mut at: impl FnMut(f64, f64)) {
    for y in 0..SIDE {
        for x in 0..SIDE {
            at(x as f64, y as f64);
        }
    }
}

/// HU to -1..1.
fn windowed(hu: f32) -> f32 {
    let [low, high] = WINDOW_HU;
    2.0 * (hu.clamp(low, high) - low) / (high - low) - 1.0
}
