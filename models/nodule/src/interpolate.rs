//! Sampling between voxels.

use ndarray::ArrayView3;

/// HU at a fractional index (column, row, slice) of `[slice][row][column]`, linear in each direction; beyond the
/// grid its nearest voxel.
pub(crate) fn sample(hu: ArrayView3<'_, i16>, at: [f32; 3]) -> f32 {
    linear(hu.dim(), at, |kji| f32::from(hu[kji]))
}

/// The same for real values.
pub(crate) fn sample_f32(field: ArrayView3<'_, f32>, at: [f32; 3]) -> f32 {
    linear(field.dim(), at, |kji| field[kji])
}

/// Value at a fractional index (column, row, slice) of a grid of so many slices, rows and columns, linear in each
/// direction between what `value` says of the voxels (slice, row, column) around; beyond the grid that of its nearest
/// voxel. No side of the grid may be 0.
pub fn linear(
    (nk, nj, ni): (usize, usize, usize),
    [i, j, k]: [f32; 3],
    value: impl Fn([usize; 3]) -> f32,
) -> f32 {
    let (i0, i1, u) = bracket(i, ni);
    let (j0, j1, v) = bracket(j, nj);
    let (k0, k1, w) = bracket(k, nk);
    let row = |k: usize, j: usize| value([k, j, i0]) * (1.0 - u) + value([k, j, i1]) * u;
    let slice = |k: usize| row(k, j0) * (1.0 - v) + row(k, j1) * v;
    slice(k0) * (1.0 - w) + slice(k1) * w
}

fn bracket(at: f32, size: usize) -> (usize, usize, f32) {
    let at = at.clamp(0.0, (size - 1) as f32);
    let low = at.floor();
    let index = low as usize;
    (index, (index + 1).min(size - 1), at - low)
}
