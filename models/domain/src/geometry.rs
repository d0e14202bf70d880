//! Points in the patient and indices in the voxel grid.

use serde::{Deserialize, Serialize};

/// A point in the DICOM patient frame: x to the left, y to the back, z to the head, millimetres.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lps(pub [f64; 3]);

impl Lps {
    /// Distance to another point in millimetres.
    pub fn distance_mm(self, other: Self) -> f64 {
        let [x, y, z] = self.0;
        let [a, b, c] = other.0;
        ((x - a).powi(2) + (y - b).powi(2) + (z - c).powi(2)).sqrt()
    }
}

/// A voxel by column `i`, row `j` and slice `k`, counted from 0. Arrays in memory are `[k][j][i]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VoxelIndex(pub [usize; 3]);

/// Why an affine was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum GeometryError {
    /// The three axes do not span space.
    #[error("affine is singular (determinant {0:e})")]
    Singular(f64),
    /// NaN or infinity.
    #[error("affine holds a value that is not finite")]
    NotFinite,
}

/// Maps voxel centres (column, row, slice) to LPS millimetres.
///
/// Columns of the 3x3 part are the steps of one column, one row and one slice; the last column is the
/// centre of voxel (0, 0, 0). Always invertible: [`Affine::new`] refuses anything else.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Affine {
    forward: [[f64; 4]; 3],
    inverse: [[f64; 3]; 3],
}

impl Affine {
    /// From the steps along column, row and slice index (each in LPS mm) and the centre of voxel (0, 0, 0).
    pub fn new(
        column_step: [f64; 3],
        row_step: [f64; 3],
        slice_step: [f64; 3],
        origin: Lps,
    ) -> Result<Self, GeometryError> {
        let m = [0, 1, 2].map(|r| [column_step[r], row_step[r], slice_step[r]]);
        if !m.iter().flatten().chain(&origin.0).all(|v| v.is_finite()) {
            return Err(GeometryError::NotFinite);
        }
        let determinant = determinant(&m);
        if determinant.abs() < 1e-9 {
            return Err(GeometryError::Singular(determinant));
        }
        let forward = [0, 1, 2].map(|r| [m[r][0], m[r][1], m[r][2], origin.0[r]]);
        Ok(Self {
            forward,
            inverse: inverse(&m, determinant),
        })
    }

    /// The centre of a voxel; fractional indices are allowed.
    pub fn to_lps(&self, ijk: [f64; 3]) -> Lps {
        Lps(self
            .forward
            .map(|row| row[0] * ijk[0] + row[1] * ijk[1] + row[2] * ijk[2] + row[3]))
    }

    /// The fractional voxel index (column, row, slice) of a point.
    pub fn to_voxel(&self, point: Lps) -> [f64; 3] {
        let d = [0, 1, 2].map(|r| point.0[r] - self.forward[r][3]);
        self.inverse
            .map(|row| row[0] * d[0] + row[1] * d[1] + row[2] * d[2])
    }

    /// The grid whose voxel `n` of an axis lies at index `start + step * n` of this one's. Steps are positive.
    #[must_use]
    pub fn rescaled(&self, step: [f64; 3], start: [f64; 3]) -> Self {
        let Lps(origin) = self.to_lps(start);
        let mut forward = self.forward;
        let mut inverse = self.inverse;
        for axis in 0..3 {
            for row in &mut forward {
                row[axis] *= step[axis];
            }
            forward[axis][3] = origin[axis];
            inverse[axis] = inverse[axis].map(|value| value / step[axis]);
        }
        Self { forward, inverse }
    }

    /// Lengths of one step along column, row and slice index, in millimetres.
    pub fn spacing_mm(&self) -> [f64; 3] {
        [0, 1, 2].map(|c| self.forward.iter().map(|row| row[c] * row[c]).sum::<f64>().sqrt())
    }

    /// Volume of one voxel in cubic millimetres.
    pub fn voxel_mm3(&self) -> f64 {
        determinant(&[0, 1, 2].map(|r| [self.forward[r][0], self.forward[r][1], self.forward[r][2]])).abs()
    }

    /// Row-major 4x4 matrix, last row 0 0 0 1.
    pub fn matrix(&self) -> [[f64; 4]; 4] {
        [
            self.forward[0],
            self.forward[1],
            self.forward[2],
            [0.0, 0.0, 0.0, 1.0],
        ]
    }
}

fn determinant(m: &[[f64; 3]; 3]) -> f64 {
    m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
        + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
}

fn inverse(m: &[[f64; 3]; 3], determinant: f64) -> [[f64; 3]; 3] {
    let cofactor = |r: usize, c: usize| {
        let (r1, r2, c1, c2) = ((r + 1) % 3, (r + 2) % 3, (c + 1) % 3, (c + 2) % 3);
        m[r1][c1] * m[r2][c2] - m[r1][c2] * m[r2][c1]
    };
    [0, 1, 2].map(|r| [0, 1, 2].map(|c| cofactor(c, r) / determinant))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip_through_an_oblique_grid() {
        let affine = Affine::new(
            [0.6, 0.1, 0.0],
            [-0.1, 0.6, 0.2],
            [0.0, -0.5, 2.4],
            Lps([-166.0, -171.7, -340.0]),
        )
        .unwrap();
        let ijk = [317.0, 367.0, 43.5];
        let back = affine.to_voxel(affine.to_lps(ijk));
        for axis in 0..3 {
            assert!((back[axis] - ijk[axis]).abs() < 1e-9, "{back:?}");
        }
    }

    #[test]
    fn rescaled_grids_keep_places() {
        let affine = Affine::new(
            [0.6, 0.1, 0.0],
            [-0.1, 0.6, 0.2],
            [0.0, -0.5, 2.4],
            Lps([-166.0, -171.7, -340.0]),
        )
        .unwrap();
        let (step, start) = ([1.5, 0.5, 2.0], [0.25, -0.25, 3.0]);
        let rescaled = affine.rescaled(step, start);
        let ijk = [7.0, 11.0, 5.0];
        let old = [0, 1, 2].map(|axis| start[axis] + step[axis] * ijk[axis]);
        assert!(rescaled.to_lps(ijk).distance_mm(affine.to_lps(old)) < 1e-9);
        let back = rescaled.to_voxel(rescaled.to_lps(ijk));
        assert!(
            (0..3).all(|axis| (back[axis] - ijk[axis]).abs() < 1e-9),
            "{back:?}"
        );
    }

    #[test]
    fn refuses_flat_and_infinite_grids() {
        let x = [1.0, 0.0, 0.0];
        assert!(matches!(
            Affine::new(x, x, [0.0, 0.0, 1.0], Lps([0.0; 3])),
            Err(GeometryError::Singular(_))
        ));
        assert_eq!(
            Affine::new(x, [0.0, f64::NAN, 0.0], [0.0, 0.0, 1.0], Lps([0.0; 3])),
            Err(GeometryError::NotFinite)
        );
    }
}
