//! Quantum noise and lung texture, reproducible from a seed.

use rand::{RngCore as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// Noise of one slice: normal to the eye, standard deviation 1, smoothed over 3x3 pixels like a soft kernel.
pub(crate) fn plane(seed: u64, slice: usize, size: usize) -> Vec<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(slice as u64 + 1);
    // The sum of four uniform 16-bit numbers has a standard deviation of 65536 * sqrt(4 / 12).
    let white: Vec<f32> = (0..size * size)
        .map(|_| {
            let bits = rng.next_u64();
            let sum: u64 = (0..4).map(|part| bits >> (16 * part) & 0xFFFF).sum();
            (sum as f32 - 2.0 * 65_535.0) / 37_837.0
        })
        .collect();
    smooth(&white, size)
}

/// Weighted mean over 3x3 (binomial), scaled back to standard deviation 1.
fn smooth(white: &[f32], size: usize) -> Vec<f32> {
    // The weights 1 2 1 / 4 keep a variance of 6/16 along each of the two axes.
    const SCALE: f32 = 16.0 / 6.0;
    let blend = |a: f32, b: f32, c: f32| 0.25 * a + 0.5 * b + 0.25 * c;
    let at = |row: usize, column: usize| white[row * size + column];
    let mut along_rows = vec![0.0; white.len()];
    for row in 0..size {
        for column in 0..size {
            let (before, after) = (column.saturating_sub(1), (column + 1).min(size - 1));
            along_rows[row * size + column] = blend(at(row, before), at(row, column), at(row, after));
        }
    }
    let mut smoothed = vec![0.0; white.len()];
    for row in 0..size {
        let (before, after) = (row.saturating_sub(1), (row + 1).min(size - 1));
        for column in 0..size {
            let at = |row: usize| along_rows[row * size + column];
            smoothed[row * size + column] = SCALE * blend(at(before), at(row), at(after));
        }
    }
    smoothed
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
        let noise = plane(7, 3, 128);
        let mean = noise.iter().sum::<f32>() / noise.len() as f32;
        let variance = noise.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / noise.len() as f32;
        assert!(mean.abs() < 0.05, "{mean}");
        assert!((variance.sqrt() - 1.0).abs() < 0.05, "{variance}");
        assert_eq!(noise, plane(7, 3, 128));
        assert_ne!(noise, plane(7, 4, 128));
    }

    #[test]
    fn texture_stays_in_its_range() {
        for step in 0..1000 {
            let x = f64::from(step) * 0.37 - 100.0;
            assert!(texture(1, [x, -x, 0.5 * x], 6.0).abs() <= 1.0);
        }
    }
}
