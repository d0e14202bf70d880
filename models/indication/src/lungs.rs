//! The lungs as this crate needs them.

use ndarray::ArrayView3;

/// Lungs on a grid of slabs along the slice axis, `[slab][row][column]`, from the first slice to the last.
#[derive(Debug, Clone, Copy)]
pub struct LungView<'a> {
    /// Aerated lung without trachea and main bronchi.
    pub aerated: ArrayView3<'a, bool>,
    /// Column, row and slab spacing in millimetres.
    pub spacing_mm: [f64; 3],
    /// Whether the last slab is the one nearest to the head.
    pub head_is_last: bool,
}
