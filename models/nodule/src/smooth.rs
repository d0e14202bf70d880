//! Gaussian smoothing of isotropic grids.

use ndarray::{Array3, Axis};
use rayon::prelude::*;

/// Convolves with a Gaussian of `sigma` voxels; beyond the grid its edge goes on.
pub(crate) fn gaussian(field: &Array3<f32>, sigma: f64) -> Array3<f32> {
    let kernel = kernel(sigma);
    // The first intermediate field goes before the last is made: each may have a hundred megabytes.
    let along_y = blur_planes(&blur_rows(field, &kernel), &kernel, 1);
    blur_planes(&along_y, &kernel, 0)
}

/// Every second voxel in each direction.
pub(crate) fn halve<T: Copy>(field: &Array3<T>) -> Array3<T> {
    field.slice(ndarray::s![..;2, ..;2, ..;2]).to_owned()
}

/// Weights from the centre outwards, to three sigma.
fn kernel(sigma: f64) -> Vec<f32> {
    let radius = (3.0 * sigma).ceil() as usize;
    let weight = |t: usize| f64::exp(-0.5 * (t as f64 / sigma).powi(2));
    let total: f64 = weight(0) + 2.0 * (1..=radius).map(weight).sum::<f64>();
    (0..=radius).map(|t| (weight(t) / total) as f32).collect()
}

fn blur_rows(field: &Array3<f32>, kernel: &[f32]) -> Array3<f32> {
    let nx = field.dim().2;
    let radius = kernel.len() - 1;
    let mut out = Array3::zeros(field.dim());
    out.axis_iter_mut(Axis(0))
        .into_par_iter()
        .zip(field.axis_iter(Axis(0)))
        .for_each(|(mut out, plane)| {
            let mut padded = vec![0.0; nx + 2 * radius];
            for (mut out, row) in out.rows_mut().into_iter().zip(plane.rows()) {
                for (at, value) in padded.iter_mut().enumerate() {
                    *value = row[at.saturating_sub(radius).min(nx - 1)];
                }
                for (x, out) in out.iter_mut().enumerate() {
                    let centre = x + radius;
                    *out = kernel[0] * padded[centre]
                        + (1..=radius)
                            .map(|t| kernel[t] * (padded[centre - t] + padded[centre + t]))
                            .sum::<f32>();
                }
            }
        });
    out
}

/// Blurs along axis 0 or 1: each output row is a weighted sum of whole rows.
fn blur_planes(field: &Array3<f32>, kernel: &[f32], axis: usize) -> Array3<f32> {
    let (nz, ny, _) = field.dim();
    let last = [nz, ny][axis] as isize - 1;
    let radius = kernel.len() as isize - 1;
    let mut out = Array3::zeros(field.dim());
    out.axis_iter_mut(Axis(0))
        .into_par_iter()
        .enumerate()
        .for_each(|(z, mut out)| {
            for (y, mut out) in out.rows_mut().into_iter().enumerate() {
                for t in -radius..=radius {
                    let mut from = [z, y];
                    from[axis] = (from[axis] as isize + t).clamp(0, last) as usize;
                    let weight = kernel[t.unsigned_abs()];
                    let row = field.slice(ndarray::s![from[0], from[1], ..]);
                    out.zip_mut_with(&row, |out, &value| *out += weight * value);
                }
            }
        });
    out
}
