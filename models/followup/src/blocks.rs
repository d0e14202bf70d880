//! Block matching: where a piece of one CT lies in the other.
//!
//! Normalised cross-correlation of cubes around lattice points, over whole steps, then a parabola through the peak
//! along each axis (as in Ourselin et al., Image and Vision Computing 19, 2001).

use hilum_domain::Lps;
use rayon::prelude::*;

use crate::coarse::Coarse;
use crate::rigid::Pair;

/// Size of cubes and search, in steps of the coarse CTs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Search {
    pub(crate) step_mm: f64,
    /// Half the side of a cube.
    pub(crate) cube: usize,
    /// Farthest offset.
    pub(crate) reach: usize,
    /// Lowest correlation that counts as found.
    pub(crate) least_correlation: f32,
}

/// A cube of lung and air alone holds nothing to recognise it by.
const LEAST_DEVIATION_HU: f32 = 25.0;

/// Pairs of the points that were recognised, in the order of the points.
pub(crate) fn match_points(
    current: &Coarse<'_>,
    prior: &Coarse<'_>,
    points: &[Lps],
    guess: impl Fn(Lps) -> Lps + Sync,
    search: Search,
) -> Vec<Pair> {
    points
        .par_iter()
        .filter_map(|&from| {
            let expected = guess(from);
            let offset_mm = search.find(current, prior, from, expected)?;
            let Lps(to) = expected;
            Some(Pair {
                from,
                to: Lps([0, 1, 2].map(|axis: usize| to[axis] + offset_mm[axis])),
            })
        })
        .collect()
}

impl Search {
    /// Offset in mm of the best match from the expected place.
    fn find(self, current: &Coarse<'_>, prior: &Coarse<'_>, from: Lps, expected: Lps) -> Option<[f64; 3]> {
        let template = self.cube(current, from, self.cube)?;
        let template = normalised(&template)?;
        let field = self.cube(prior, expected, self.cube + self.reach)?;
        let offsets = 2 * self.reach + 1;
        let mut scores = vec![0.0_f32; offsets.pow(3)];
        let mut best = (f32::NEG_INFINITY, [0; 3]);
        for dz in 0..offsets {
            for dy in 0..offsets {
                for dx in 0..offsets {
                    let score = self.correlation(&template, &field, [dx, dy, dz]);
                    scores[(dz * offsets + dy) * offsets + dx] = score;
                    if score > best.0 {
                        best = (score, [dx, dy, dz]);
                    }
                }
            }
        }
        let (score, at) = best;
        // At the edge of the search the peak may lie beyond it.
        let is_inside = at.iter().all(|&at| at > 0 && at + 1 < offsets);
        if score < self.least_correlation || !is_inside {
            return None;
        }
        let score_at = |[x, y, z]: [usize; 3]| scores[(z * offsets + y) * offsets + x];
        Some([0, 1, 2].map(|axis: usize| {
            let (mut before, mut after) = (at, at);
            before[axis] -= 1;
            after[axis] += 1;
            let peak = parabola(score_at(before), score, score_at(after));
            (at[axis] as f64 - self.reach as f64 + f64::from(peak)) * self.step_mm
        }))
    }

    /// HU on a cube `[z][y][x]` of `2 * half + 1` steps a side; `None` when a corner of it leaves the CT.
    fn cube(self, coarse: &Coarse<'_>, Lps(centre): Lps, half: usize) -> Option<Vec<f32>> {
        let side = 2 * half + 1;
        let at = |axis: usize, index: usize| centre[axis] + (index as f64 - half as f64) * self.step_mm;
        let mut values = Vec::with_capacity(side.pow(3));
        for z in 0..side {
            for y in 0..side {
                for x in 0..side {
                    values.push(coarse.at([at(0, x), at(1, y), at(2, z)])?);
                }
            }
        }
        Some(values)
    }

    /// Correlation of the template with the part of the field that is offset by `[dx, dy, dz]`.
    fn correlation(self, template: &[f32], field: &[f32], [dx, dy, dz]: [usize; 3]) -> f32 {
        let side = 2 * self.cube + 1;
        let field_side = 2 * (self.cube + self.reach) + 1;
        let (mut sum, mut squares, mut product) = (0.0, 0.0, 0.0);
        for (row, template) in template.chunks_exact(side).enumerate() {
            let (z, y) = (row / side, row % side);
            let start = ((z + dz) * field_side + y + dy) * field_side + dx;
            for (a, b) in template.iter().zip(&field[start..start + side]) {
                sum += b;
                squares += b * b;
                product += a * b;
            }
        }
        let n = side.pow(3) as f32;
        let variance = squares / n - (sum / n).powi(2);
        // The template has mean 0 and variance 1.
        product / n / variance.max(1.0).sqrt()
    }
}

/// To mean 0 and standard deviation 1; `None` when there is nothing but noise in it.
fn normalised(values: &[f32]) -> Option<Vec<f32>> {
    let n = values.len() as f32;
    let mean = values.iter().sum::<f32>() / n;
    let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / n;
    let deviation = variance.sqrt();
    (deviation >= LEAST_DEVIATION_HU).then(|| values.iter().map(|x| (x - mean) / deviation).collect())
}

/// Where the peak of a parabola through three values lies, in steps from the middle one.
fn parabola(before: f32, middle: f32, after: f32) -> f32 {
    let bend = before - 2.0 * middle + after;
    if bend >= 0.0 {
        return 0.0;
    }
    (0.5 * (before - after) / bend).clamp(-0.5, 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_of_a_parabola() {
        let value = |x: f32| 3.0 - (x - 0.3).powi(2);
        assert!((parabola(value(-1.0), value(0.0), value(1.0)) - 0.3).abs() < 1e-5);
        assert!(parabola(1.0, 1.0, 1.0).abs() < 1e-9);
    }
}
