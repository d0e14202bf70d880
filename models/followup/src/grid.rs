//! Samples of CTs on a small lattice around a point.

use hilum_domain::{Lps, VoxelIndex};
use hilum_nodule::linear;
use hilum_volume::Volume;

/// A cube of points around a centre, `[z][y][x]` in LPS directions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grid {
    side: usize,
    step_mm: f64,
}

impl Grid {
    /// Reaches `half_mm` to each side.
    pub(crate) fn new(half_mm: f64, step_mm: f64) -> Self {
        Self {
            side: 2 * (half_mm / step_mm).ceil() as usize + 1,
            step_mm,
        }
    }

    /// Offsets of the points from the centre, mm.
    pub(crate) fn points(self) -> impl Iterator<Item = [f64; 3]> {
        let middle = (self.side / 2) as f64;
        (0..self.side.pow(3)).map(move |at| self.place(at).map(|at| (at as f64 - middle) * self.step_mm))
    }

    /// Whether a point has neighbours on every side.
    pub(crate) fn is_inner(self, at: usize) -> bool {
        self.place(at).iter().all(|&at| at > 0 && at + 1 < self.side)
    }

    /// Change per mm along x, y and z at an inner point.
    pub(crate) fn slope(self, values: &[f32], at: usize) -> [f64; 3] {
        [1, self.side, self.side.pow(2)]
            .map(|stride| f64::from(values[at + stride] - values[at - stride]) / (2.0 * self.step_mm))
    }

    /// The points within `by_mm` of a set.
    pub(crate) fn dilated(self, set: &[bool], by_mm: f64) -> Vec<bool> {
        let reach = (by_mm / self.step_mm) as isize;
        let ball: Vec<[isize; 3]> = (-reach..=reach)
            .flat_map(|z| (-reach..=reach).flat_map(move |y| (-reach..=reach).map(move |x| [x, y, z])))
            .filter(|by| by.iter().map(|by| by * by).sum::<isize>() as f64 <= (by_mm / self.step_mm).powi(2))
            .collect();
        let mut wider = set.to_vec();
        for (at, _) in set.iter().enumerate().filter(|(_, inside)| **inside) {
            // What is surrounded by the set reaches nothing that its neighbours do not.
            let strides = [1, self.side, self.side.pow(2)];
            if self.is_inner(at) && strides.iter().all(|stride| set[at - stride] && set[at + stride]) {
                continue;
            }
            let place = self.place(at);
            for by in &ball {
                let reached: [Option<usize>; 3] = [0, 1, 2].map(|axis: usize| {
                    place[axis]
                        .checked_add_signed(by[axis])
                        .filter(|&at| at < self.side)
                });
                if let [Some(x), Some(y), Some(z)] = reached {
                    wider[(z * self.side + y) * self.side + x] = true;
                }
            }
        }
        wider
    }

    fn place(self, at: usize) -> [usize; 3] {
        [at % self.side, at / self.side % self.side, at / self.side.pow(2)]
    }
}

/// HU between voxels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sampler<'a> {
    volume: &'a Volume,
}

impl<'a> Sampler<'a> {
    pub(crate) const fn new(volume: &'a Volume) -> Self {
        Self { volume }
    }

    /// HU at a point, linear between voxel centres; `None` beyond them.
    pub(crate) fn at(self, point: Lps) -> Option<f32> {
        let [nk, nj, ni] = self.volume.shape_kji();
        let ijk = self.volume.affine().to_voxel(point);
        let is_within = |(at, size): (f64, usize)| at >= 0.0 && at <= (size - 1) as f64;
        if !ijk.into_iter().zip([ni, nj, nk]).all(is_within) {
            return None;
        }
        let hu = |[k, j, i]: [usize; 3]| self.volume.hu(VoxelIndex([i, j, k]));
        Some(linear((nk, nj, ni), ijk.map(|at| at as f32), hu))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_grows_to_a_ball() {
        let grid = Grid::new(5.0, 1.0);
        let mut set = vec![false; 11 * 11 * 11];
        set[(5 * 11 + 5) * 11 + 5] = true;
        let ball = grid.dilated(&set, 2.0);
        assert_eq!(ball.iter().filter(|inside| **inside).count(), 33);
        let far: Vec<f64> = grid
            .points()
            .zip(&ball)
            .filter(|(_, inside)| **inside)
            .map(|(at, _)| at.iter().map(|at| at * at).sum::<f64>())
            .collect();
        assert!(far.iter().all(|square| *square <= 4.0));
        let wider = grid.dilated(&ball, 1.0);
        assert_eq!(wider, grid.dilated(&wider, 0.5), "less than a step adds nothing");
        assert!(wider.iter().filter(|inside| **inside).count() > 33);
    }

    #[test]
    fn slopes() {
        let grid = Grid::new(2.0, 0.5);
        let values: Vec<f32> = grid
            .points()
            .map(|[x, y, z]| (2.0 * x - y + 3.0 * z) as f32)
            .collect();
        let middle = values.len() / 2;
        let [x, y, z] = grid.slope(&values, middle);
        assert!((x - 2.0).abs() < 1e-5 && (y + 1.0).abs() < 1e-5 && (z - 3.0).abs() < 1e-5);
        assert!(grid.is_inner(middle) && !grid.is_inner(0));
    }
}
