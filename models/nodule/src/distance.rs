//! Exact Euclidean distance on an anisotropic grid.
//!
//! Felzenszwalb and Huttenlocher, Distance Transforms of Sampled Functions, Theory of Computing 8 (2012).

use ndarray::{Array3, Axis};
use rayon::prelude::*;

/// Squared distance in mm² from each voxel to the nearest voxel for which `target` holds; infinite where there
/// is none. Spacing is (slice, row, column) in mm, the order of the array's axes. Beyond the grid there is nothing.
pub(crate) fn squared_distance(target: &Array3<bool>, spacing_kji: [f64; 3]) -> Array3<f32> {
    let mut field = target.mapv(|inside| if inside { 0.0 } else { f32::INFINITY });
    for (axis, spacing) in spacing_kji.into_iter().enumerate() {
        let mut lanes: Vec<_> = field.lanes_mut(Axis(axis)).into_iter().collect();
        lanes
            .par_iter_mut()
            .for_each_init(Parabolas::default, |parabolas, lane| {
                parabolas.transform(lane, spacing as f32);
            });
    }
    field
}

/// Voxels within `radius_mm` of the mask.
pub(crate) fn dilate(mask: &Array3<bool>, spacing_kji: [f64; 3], radius_mm: f64) -> Array3<bool> {
    let limit = (radius_mm * radius_mm) as f32;
    squared_distance(mask, spacing_kji).mapv(|d| d <= limit)
}

/// Voxels farther than `radius_mm` from every voxel outside the mask. The border of the grid erodes nothing.
pub(crate) fn erode(mask: &Array3<bool>, spacing_kji: [f64; 3], radius_mm: f64) -> Array3<bool> {
    let limit = (radius_mm * radius_mm) as f32;
    squared_distance(&mask.mapv(|inside| !inside), spacing_kji).mapv(|d| d > limit)
}

/// Lower envelope of the parabolas rooted at the samples of one line.
#[derive(Default)]
struct Parabolas {
    values: Vec<f32>,
    roots: Vec<usize>,
    starts: Vec<f32>,
}

impl Parabolas {
    fn transform(&mut self, lane: &mut ndarray::ArrayViewMut1<'_, f32>, spacing: f32) {
        self.values.clear();
        self.values.extend(lane.iter().copied());
        self.roots.clear();
        self.starts.clear();
        let square = spacing * spacing;
        for q in 0..self.values.len() {
            if self.values[q].is_infinite() {
                continue;
            }
            let mut start = f32::NEG_INFINITY;
            while let (Some(&root), Some(&from)) = (self.roots.last(), self.starts.last()) {
                start = self.crossing(root, q, square);
                if start > from {
                    break;
                }
                self.roots.pop();
                self.starts.pop();
                start = f32::NEG_INFINITY;
            }
            self.roots.push(q);
            self.starts.push(start);
        }
        if self.roots.is_empty() {
            return;
        }
        let mut at = 0;
        for (q, out) in lane.iter_mut().enumerate() {
            while at + 1 < self.roots.len() && self.starts[at + 1] <= q as f32 {
                at += 1;
            }
            let step = q as f32 - self.roots[at] as f32;
            *out = square * step * step + self.values[self.roots[at]];
        }
    }

    /// Where the parabola rooted at `q` becomes lower than the one at `root`, in samples.
    fn crossing(&self, root: usize, q: usize, square: f32) -> f32 {
        let (r, p) = (root as f32, q as f32);
        ((self.values[q] - self.values[root]) / square + p * p - r * r) / (2.0 * (p - r))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_brute_force(bits in proptest::collection::vec(proptest::bool::weighted(0.1), 5 * 6 * 7)) {
            let mask = Array3::from_shape_vec((5, 6, 7), bits).unwrap();
            let spacing = [2.5, 0.7, 0.9];
            let fast = squared_distance(&mask, spacing);
            for ((k, j, i), &got) in fast.indexed_iter() {
                let want = mask
                    .indexed_iter()
                    .filter(|(_, inside)| **inside)
                    .map(|((c, b, a), _)| {
                        [(k, c), (j, b), (i, a)]
                            .iter()
                            .zip(spacing)
                            .map(|(&(p, q), s)| ((p as f64 - q as f64) * s).powi(2))
                            .sum::<f64>() as f32
                    })
                    .fold(f32::INFINITY, f32::min);
                prop_assert!((got.is_infinite() && want.is_infinite()) || (got - want).abs() < 1e-3, "{got} {want}");
            }
        }
    }
}
