//! What the scanner does to a slice: kernel, metal, motion.

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::noise::blur;
use crate::options::Kernel;

/// Overshoot of the sharp kernel, as a share of what the blur takes away.
const OVERSHOOT: f64 = 0.7;
/// Centre and half axes of the pacemaker in mm; the z of its centre is a share of the chest's height.
const METAL_XY: [f64; 2] = [85.0, -82.0];
const METAL_Z: f64 = 0.80;
const METAL_HALF: [f64; 3] = [20.0, 5.0, 18.0];
/// Highest HU that a 12-bit file holds.
const METAL_HU: f64 = 3071.0;
const STREAK_HU: f64 = 380.0;
const STREAK_REACH_MM: f64 = 80.0;
const STREAKS: f64 = 7.0;

/// Blurs or sharpens a plane of `size` x `size` pixels.
pub(crate) fn reconstruct(kernel: Kernel, plane: &mut [f64], size: usize) {
    if kernel == Kernel::Standard {
        return;
    }
    let blurred = blur(plane, size);
    for (hu, blurred) in plane.iter_mut().zip(blurred) {
        *hu = match kernel {
            Kernel::Soft => blurred,
            Kernel::Sharp | Kernel::Standard => *hu + OVERSHOOT * (*hu - blurred),
        };
    }
}

/// What a pacemaker adds to the HU of a point of the reference chest: itself, and streaks in its slices.
pub(crate) fn metal(hu: f64, [x, y, z]: [f64; 3], height_mm: f64) -> f64 {
    let off = [x - METAL_XY[0], y - METAL_XY[1], z - METAL_Z * height_mm];
    if off[2].abs() > METAL_HALF[2] {
        return hu;
    }
    let inside = (off[0] / METAL_HALF[0]).hypot(off[1] / METAL_HALF[1]);
    if inside < 1.0 {
        return METAL_HU;
    }
    let distance = off[0].hypot(off[1]);
    let angle = off[1].atan2(off[0]);
    hu + STREAK_HU * (STREAKS * angle).cos() * (-distance / STREAK_REACH_MM).exp()
}

/// How far the chest has moved while a slice was taken, x and y in mm.
pub(crate) fn motion(seed: u64, slice: usize, most_mm: f64) -> [f64; 2] {
    if most_mm == 0.0 {
        return [0.0; 2];
    }
    // Noise uses the streams from 1 on, so the highest ones are free.
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(u64::MAX - slice as u64);
    [0, 1].map(|_| rng.random_range(-most_mm..most_mm))
}

/// Blurs a plane along its columns over `reach_mm`: the mean over the way that the chest made.
pub(crate) fn smear(plane: &mut [f64], size: usize, reach_mm: f64, pixel_mm: f64) {
    let half = (0.5 * reach_mm / pixel_mm).round() as usize;
    if half == 0 {
        return;
    }
    let mut sums = vec![0.0; size + 1];
    for column in 0..size {
        for row in 0..size {
            sums[row + 1] = sums[row] + plane[row * size + column];
        }
        for row in 0..size {
            let (first, end) = (row.saturating_sub(half), (row + half + 1).min(size));
            plane[row * size + column] = (sums[end] - sums[first]) / (end - first) as f64;
        }
    }
}
