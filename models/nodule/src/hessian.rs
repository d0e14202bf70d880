//! Second derivatives and what their eigenvalues say.

use ndarray::{Array3, Axis};
use rayon::prelude::*;

/// Answer of the dot filter, normalised for scale: `sigma² * |l3|² / |l1|` where all three eigenvalues of the
/// Hessian are negative (|l1| >= |l2| >= |l3|), 0 elsewhere and outside the mask. `sigma` in voxels.
pub(crate) fn dot_response(field: &Array3<f32>, inside: &Array3<bool>, sigma: f64) -> Array3<f32> {
    let (nz, ny, nx) = field.dim();
    let scale = (sigma * sigma) as f32;
    let mut response = Array3::zeros(field.dim());
    response
        .axis_iter_mut(Axis(0))
        .into_par_iter()
        .enumerate()
        .filter(|(z, _)| *z > 0 && z + 1 < nz)
        .for_each(|(z, mut response)| {
            for y in 1..ny.saturating_sub(1) {
                for x in 1..nx.saturating_sub(1) {
                    if inside[[z, y, x]] {
                        response[[y, x]] = scale * dot(hessian(field, z, y, x));
                    }
                }
            }
        });
    response
}

/// xx, yy, zz, xy, xz, yz by central differences.
pub(crate) fn hessian(f: &Array3<f32>, z: usize, y: usize, x: usize) -> [f32; 6] {
    let centre = 2.0 * f[[z, y, x]];
    [
        f[[z, y, x - 1]] + f[[z, y, x + 1]] - centre,
        f[[z, y - 1, x]] + f[[z, y + 1, x]] - centre,
        f[[z - 1, y, x]] + f[[z + 1, y, x]] - centre,
        (f[[z, y + 1, x + 1]] + f[[z, y - 1, x - 1]] - f[[z, y + 1, x - 1]] - f[[z, y - 1, x + 1]]) / 4.0,
        (f[[z + 1, y, x + 1]] + f[[z - 1, y, x - 1]] - f[[z + 1, y, x - 1]] - f[[z - 1, y, x + 1]]) / 4.0,
        (f[[z + 1, y + 1, x]] + f[[z - 1, y - 1, x]] - f[[z + 1, y - 1, x]] - f[[z - 1, y + 1, x]]) / 4.0,
    ]
}

fn dot(h: [f32; 6]) -> f32 {
    // All eigenvalues negative needs a negative diagonal.
    if h[0] >= 0.0 || h[1] >= 0.0 || h[2] >= 0.0 {
        return 0.0;
    }
    let [high, _, low] = eigenvalues(h);
    if high >= 0.0 { 0.0 } else { high * high / -low }
}

/// Eigenvalues of a symmetric 3x3 matrix, highest first (Smith, Comm ACM 4(4), 1961).
pub(crate) fn eigenvalues([xx, yy, zz, xy, xz, yz]: [f32; 6]) -> [f32; 3] {
    let off = xy * xy + xz * xz + yz * yz;
    let mean = (xx + yy + zz) / 3.0;
    let (a, b, c) = (xx - mean, yy - mean, zz - mean);
    let p = ((a * a + b * b + c * c + 2.0 * off) / 6.0).sqrt();
    if p == 0.0 {
        return [mean; 3];
    }
    let determinant = a * (b * c - yz * yz) - xy * (xy * c - yz * xz) + xz * (xy * yz - b * xz);
    let angle = (determinant / (2.0 * p * p * p)).clamp(-1.0, 1.0).acos() / 3.0;
    let high = mean + 2.0 * p * angle.cos();
    let low = mean + 2.0 * p * (angle + 2.0 * std::f32::consts::FRAC_PI_3).cos();
    [high, 3.0 * mean - high - low, low]
}

/// Direction (x, y, z) of length 1 that belongs to an eigenvalue, any sign: perpendicular to what the matrix less the
/// eigenvalue still reaches.
pub(crate) fn lowest_direction([xx, yy, zz, xy, xz, yz]: [f32; 6], eigenvalue: f32) -> [f32; 3] {
    let rows = [
        [xx - eigenvalue, xy, xz],
        [xy, yy - eigenvalue, yz],
        [xz, yz, zz - eigenvalue],
    ];
    let cross = |a: [f32; 3], b: [f32; 3]| {
        [
            a[1] * b[2] - a[2] * b[1],
            a[2] * b[0] - a[0] * b[2],
            a[0] * b[1] - a[1] * b[0],
        ]
    };
    let length = |v: [f32; 3]| v.iter().map(|part| part * part).sum::<f32>().sqrt();
    let candidates = [
        cross(rows[0], rows[1]),
        cross(rows[1], rows[2]),
        cross(rows[2], rows[0]),
    ];
    let longest =
        candidates.into_iter().fold(
            [0.0; 3],
            |best, next| {
                if length(next) > length(best) { next } else { best }
            },
        );
    let size = length(longest);
    if size == 0.0 {
        [0.0, 0.0, 1.0]
    } else {
        longest.map(|part| part / size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eigenvalues_of_known_matrices() {
        for (matrix, want) in [
            ([-1.0, -2.0, -3.0, 0.0, 0.0, 0.0], [-1.0, -2.0, -3.0]),
            ([-2.0, -2.0, -5.0, 1.0, 0.0, 0.0], [-1.0, -3.0, -5.0]),
            ([4.0, 4.0, 4.0, 0.0, 0.0, 0.0], [4.0, 4.0, 4.0]),
        ] {
            let got = eigenvalues(matrix);
            for (got, want) in got.into_iter().zip(want) {
                assert!((got - want).abs() < 1e-5, "{matrix:?}: {got} {want}");
            }
        }
    }

    #[test]
    fn direction_of_a_tilted_sheet() {
        // A sheet whose normal is (0, 0.6, 0.8): -5 along it, nothing across.
        let second = [0.0, -5.0 * 0.36, -5.0 * 0.64, 0.0, 0.0, -5.0 * 0.48];
        let [high, middle, low] = eigenvalues(second);
        assert!(high.abs() < 1e-5 && middle.abs() < 1e-5 && (low + 5.0).abs() < 1e-5);
        let [x, y, z] = lowest_direction(second, low).map(f32::abs);
        assert!(
            x < 1e-4 && (y - 0.6).abs() < 1e-4 && (z - 0.8).abs() < 1e-4,
            "{x} {y} {z}"
        );
    }

    #[test]
    fn blobs_answer_vessels_and_walls_do_not() {
        assert!((dot([-3.0, -3.0, -3.0, 0.0, 0.0, 0.0]) - 3.0).abs() < 1e-5);
        assert!(dot([-3.0, -3.0, -0.1, 0.0, 0.0, 0.0]) < 0.01);
        assert!(dot([-3.0, -0.1, -0.1, 0.0, 0.0, 0.0]) < 0.01);
        assert!(dot([3.0, 3.0, 3.0, 0.0, 0.0, 0.0]).abs() < f32::EPSILON);
    }
}
