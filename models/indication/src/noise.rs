//! Noise of a scan, without a phantom.

use ndarray::{ArrayView2, ArrayView3, Axis, s};
use rayon::prelude::*;

/// Side of the squares that the standard deviation is taken over, and the least number of pixels along it: noise is
/// correlated over a few pixels, and a square that is hardly larger holds too little of it.
const SIDE_MM: f64 = 6.0;
const LEAST_PIXELS: usize = 8;
/// Squares of soft tissue: their mean lies between fat and enhanced blood.
const MEAN_HU: std::ops::Range<f64> = 0.0..100.0;
/// A square that holds lung, air or dense bone is no soft tissue, however noisy the scan.
const PIXEL_HU: std::ops::RangeInclusive<i16> = -450..=550;
/// At most so many slices are looked at, evenly spread.
const MOST_SLICES: usize = 64;
/// Fewer squares say nothing.
const LEAST_SQUARES: usize = 200;
/// Width of a bin of the histogram.
const BIN_HU: f64 = 1.0;
/// The histogram is smoothed over two bins on either side, and more where deviations scatter more: a sixteenth.
const SMOOTH_BINS: usize = 2;
const SMOOTH_PART: usize = 16;

/// The standard deviation that soft tissue most often has, in HU.
///
/// After Christianson et al., AJR 2015;205:W93-W99: local standard deviations over small squares of soft tissue; the
/// mode of their histogram is the noise, since edges and organs only add to its upper tail. `hu` is
/// `[slice][row][column]`, spacing (column, row, slice) in mm. `None` where fewer than 200 squares of soft tissue are
/// found.
pub fn noise_hu(hu: ArrayView3<'_, i16>, [sx, sy, _]: [f64; 3]) -> Option<f64> {
    let (slices, rows, columns) = hu.dim();
    let side = |spacing: f64| ((SIDE_MM / spacing).round() as usize).max(LEAST_PIXELS);
    let (width, height) = (side(sx), side(sy));
    let step = slices.div_ceil(MOST_SLICES).max(1);
    let deviations: Vec<f64> = (0..slices)
        .step_by(step)
        .collect::<Vec<_>>()
        .into_par_iter()
        .flat_map_iter(|k| {
            let slice = hu.index_axis_move(Axis(0), k);
            let corners = (0..rows / height).flat_map(move |j| (0..columns / width).map(move |i| (j, i)));
            corners.filter_map(move |(j, i)| {
                let square = slice.slice(s![j * height..(j + 1) * height, i * width..(i + 1) * width]);
                deviation(square)
            })
        })
        .collect();
    (deviations.len() >= LEAST_SQUARES).then(|| mode(&deviations))
}

/// Standard deviation of a square; `None` for what is no soft tissue.
fn deviation(square: ArrayView2<'_, i16>) -> Option<f64> {
    if square.iter().any(|hu| !PIXEL_HU.contains(hu)) {
        return None;
    }
    let count = square.len() as f64;
    let (sum, squares) = square.iter().fold((0.0, 0.0), |(sum, squares), &hu| {
        let hu = f64::from(hu);
        (sum + hu, squares + hu * hu)
    });
    let mean = sum / count;
    MEAN_HU
        .contains(&mean)
        .then(|| ((squares - sum * mean).max(0.0) / (count - 1.0)).sqrt())
}

/// The middle of the bin that lies where values are densest.
fn mode(values: &[f64]) -> f64 {
    let largest = values.iter().copied().fold(0.0, f64::max);
    let mut bins = vec![0_usize; (largest / BIN_HU) as usize + 1];
    for value in values {
        bins[(value / BIN_HU) as usize] += 1;
    }
    let density = |bin: usize| {
        let reach = SMOOTH_BINS + bin / SMOOTH_PART;
        let around = &bins[bin.saturating_sub(reach)..(bin + reach + 1).min(bins.len())];
        around.iter().sum::<usize>() as f64 / (2 * reach + 1) as f64
    };
    let best = (0..bins.len()).max_by(|&a, &b| density(a).total_cmp(&density(b)));
    (best.unwrap_or(0) as f64 + 0.5) * BIN_HU
}

#[cfg(test)]
mod tests {
    use ndarray::Array3;

    use super::*;

    /// Values of a normal distribution by the quantiles of a fixed order, standard deviation 1.
    fn scatter(index: usize) -> f64 {
        // The sum of twelve numbers of a linear congruence, less six (Irwin-Hall).
        let mut state = (index as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5851_F42D_4C95_7F2D;
        let mut sum = 0.0;
        for _ in 0..12 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            sum += (state >> 40) as f64 / (1_u64 << 24) as f64;
        }
        sum - 6.0
    }

    fn tissue(noise: f64, slope: f64) -> Array3<i16> {
        let shape = (8, 128, 128);
        let mut index = 0;
        Array3::from_shape_fn(shape, |(_, j, i)| {
            index += 1;
            // Bone, lung and a slow gradient beside the tissue.
            match i {
                0..20 => 900,
                20..40 => -850,
                _ => (50.0 + slope * (j as f64 - 64.0) + noise * scatter(index)).round() as i16,
            }
        })
    }

    #[test]
    fn noise_is_found_beside_edges_and_gradients() {
        for (noise, slope) in [(5.0, 0.0), (20.0, 0.0), (20.0, 0.3), (60.0, 0.0), (100.0, 0.0)] {
            let found = noise_hu(tissue(noise, slope).view(), [0.7, 0.7, 2.5]).unwrap();
            assert!(
                (found - noise).abs() < 0.05 * noise + 1.0,
                "{found} of {noise}, slope {slope}"
            );
        }
    }

    #[test]
    fn without_soft_tissue_there_is_no_noise() {
        let air = Array3::from_elem((8, 64, 64), -1000_i16);
        assert_eq!(noise_hu(air.view(), [0.7, 0.7, 2.5]), None);
        let one_slice_too_small = Array3::from_elem((3, 2, 2), 40_i16);
        assert_eq!(noise_hu(one_slice_too_small.view(), [0.7, 0.7, 2.5]), None);
    }
}
