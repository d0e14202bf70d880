//! Quantum noise and lung texture, reproducible from a seed.

use std::ops::{Add, Mul};

use rand::{RngCore as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::options::Kernel;

/// Share of the smoothed noise that the sharp kernel takes out: what is left is fine.
const SHARPENED: f32 = 0.8;

/// Noise of one slice: normal to the eye, standard deviation 1, with the grain of a kernel.
pub(crate) fn plane(kernel: Kernel, seed: u64, slice: usize, size: usize) -> Vec<f32> {
    let white = white(seed, slice, size);
    let scaled = |plane: Vec<f32>, scale: f32| plane.into_iter().map(|x| scale * x).collect();
    match kernel {
        // The weights 1 2 1 / 4 keep a variance of 6/16 along each of the two axes.
        Kernel::Standard => scaled(blur(&white, size), 16.0 / 6.0),
        // Twice: the weights 1 4 6 4 1 / 16 keep 70/256.
        Kernel::Soft => scaled(blur(&blur(&white, size), size), 256.0 / 70.0),
        Kernel::Sharp => {
            let smooth = blur(&white, size);
            // Variance of white - s * smooth: the centre has a weight of 1/4 in smooth, whose variance is (6/16)^2.
            let variance = 1.0 - 2.0 * SHARPENED / 4.0 + (SHARPENED * 6.0 / 16.0).powi(2);
            let fine = white.iter().zip(smooth).map(|(x, smooth)| x - SHARPENED * smooth);
            scaled(fine.collect(), 1.0 / variance.sqrt())
        }
    }
}

/// Independent pixels with standard deviation 1.
fn white(seed: u64, slice: usize, size: usize) -> Vec<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(slice as u64 + 1);
    // The sum of four uniform 16-bit numbers has a standard deviation of 65536 * sqrt(4 / 12).
    (0..size * size)
        .map(|_| {
            let bits = rng.next_u64();
            let sum: u64 = (0..4).map(|part| bits >> (16 * part) & 0xFFFF).sum();
            (sum as f32 - 2.0 * 65_535.0) / 37_837.0
        })
        .collect()
}

/// Weighted mean over 3x3 pixels (binomial) of a plane of `size` x `size`.
pub(crate) fn blur<T>(plane: &[T], size: usize) -> Vec<T>
where
    T: Copy + From<f32> + Add<Output = T> + Mul<Output = T>,
{
    let (quarter, half) = (T::from(0.25), T::from(0.5));
    let blend = |a: T, b: T, c: T| quarter * a + half * b + quarter * c;
    let at = |plane: &[T], row: usize, column: usize| plane[row * size + column];
    let mut along_rows = plane.to_vec();
    for row in 0..size {
        for column in 0..size {
            let (before, after) = (column.saturating_sub(1), (column + 1).min(size - 1));
            along_rows[row * size + column] = blend(
                at(plane, row, before),
                at(plane, row, column),
                at(plane, row, after),
            );
        }
    }
    let mut blurred = plane.to_vec();
    for row in 0..size {
        let (before, after) = (row.saturating_sub(1), (row + 1).min(size - 1));
        for column in 0..size {
            blurred[row * size + column] = blend(
                at(&along_rows, before, column),
                at(&along_rows, row, column),
                at(&along_rows, after, column),
            );
        }
    }
    blurred
}

/// Smooth random texture between -1 and 1 on a lattice of `cell_mm`, the same wherever it is asked.
pub(crate) fn texture(seed: u64, point: [f64; 3], cell_mm: f64) -> f64 {
    let scaled = point.map(|x| x / cell_mm);
    let base = scaled.map(f64::floor);
    let [u, v, w] = [0, 1, 2].map(|axis: usize| scaled[axis] - base[axis]);
    let corner = |dx: i64, dy: i64, dz: i64| {
        let [x, y, z] = [base[0] as i64 + dx, base[1] as i64 + dy, base[2] as i64 + dz];
        lattice(seed, x, y, z)
    };
    let mix = |a: f64, b: f64, t: f64| a + (b - a) * t;
    let face = |dz: i64| {
        mix(
            mix(corner(0, 0, dz), corner(1, 0, dz), u),
            mix(corner(0, 1, dz), corner(1, 1, dz), u),
            v,
        )
    };
    mix(face(0), face(1), w)
}

/// A number between -1 and 1 for a lattice point (the finalizer of `splitmix64`).
fn lattice(seed: u64, x: i64, y: i64, z: i64) -> f64 {
    let mut hash = seed
        ^ (x as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        ^ (y as u64).wrapping_mul(0xC2B2_AE3D_27D4_EB4F)
        ^ (z as u64).wrapping_mul(0x1656_67B1_9E37_79F9);
    hash = (hash ^ hash >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    hash = (hash ^ hash >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    hash ^= hash >> 31;
    (hash >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_has_unit_deviation_and_repeats() {
        for kernel in [Kernel::Soft, Kernel::Standard, Kernel::Sharp] {
            let noise = plane(kernel, 7, 3, 128);
            let mean = noise.iter().sum::<f32>() / noise.len() as f32;
            let variance = noise.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / noise.len() as f32;
            assert!(mean.abs() < 0.05, "{kernel:?}: {mean}");
            assert!((variance.sqrt() - 1.0).abs() < 0.05, "{kernel:?}: {variance}");
            assert_eq!(noise, plane(kernel, 7, 3, 128));
            assert_ne!(noise, plane(kernel, 7, 4, 128));
        }
    }

    /// Neighbours are alike with a soft kernel and unlike with a sharp one.
    #[test]
    fn the_grain_follows_the_kernel() {
        let likeness = |kernel| {
            let noise = plane(kernel, 7, 3, 128);
            let pairs = noise.iter().zip(&noise[1..]);
            pairs.map(|(a, b)| a * b).sum::<f32>() / noise.len() as f32
        };
        let [soft, standard, sharp] = [Kernel::Soft, Kernel::Standard, Kernel::Sharp].map(likeness);
        assert!(
            soft > standard + 0.05 && standard > sharp + 0.3,
            "{soft} {standard} {sharp}"
        );
    }

    #[test]
    fn texture_stays_in_its_range() {
        for step in 0..1000 {
            let x = f64::from(step) * 0.37 - 100.0;
            assert!(texture(1, [x, -x, 0.5 * x], 6.0).abs() <= 1.0);
        }
    }
}
