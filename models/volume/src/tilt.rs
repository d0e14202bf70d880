//! Slices of a tilted gantry, put upon each other.
//!
//! The images of a tilted gantry are no less sharp than others, they only lie beside each other: slice `k` is
//! displaced within its plane by `k` times the same vector. That vector is taken from `ImagePositionPatient` and
//! `ImageOrientationPatient` alone; `GantryDetectorTilt` has no agreed sign and is never read. Each slice is shifted
//! back within its own plane, so nothing is interpolated across slices, and the grid is widened so that no voxel of
//! any slice is lost.

use hilum_domain::Affine;
use ndarray::Array3;
use rayon::prelude::*;

use crate::kernel::{Axis, Kernel, Sample, fill_plane};
use crate::{Interpolation, Volume, VolumeError, Voxels};

/// HU of what no slice covers: the value that scanners write outside their reconstruction.
const OUTSIDE_HU: i16 = -1024;

/// A shift smaller than this over the whole stack, in pixels, is rounding of decimal strings.
const NO_SHIFT_PIXELS: f64 = 0.01;

/// The stack may be displaced by this many of its own widths. A scan of 60 cm at 30 degrees in a field of view of
/// 25 cm needs 1.4; the limit bounds what a hostile position can make us allocate.
const MOST_WIDTHS: f64 = 3.0;

/// A stack that is sheared against its slice normal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Tilt {
    /// Angle between slice step and slice normal.
    pub(crate) degrees: f64,
    /// Displacement of each slice against the one before, along row and column direction, in millimetres.
    pub(crate) in_plane_mm: [f64; 2],
    /// Step from slice to slice along the normal.
    pub(crate) along_normal: [f64; 3],
}

impl Tilt {
    /// Shifts every slice back: the slice axis of the result is the normal, its outermost columns and rows hold
    /// those of the outermost slices, and what no slice covers is -1024 HU. Linear within the plane.
    pub(crate) fn straighten(&self, volume: &Volume) -> Result<Volume, VolumeError> {
        let [slices, rows, columns] = volume.shape_kji();
        let [column_mm, row_mm, _] = volume.spacing_mm();
        let refused = VolumeError::GantryTilt {
            degrees: self.degrees,
        };
        let shift_of = |input, mm, pixel_mm| Shift::new(input, slices, mm / pixel_mm);
        let (Some(column_shift), Some(row_shift)) = (
            shift_of(columns, self.in_plane_mm[0], column_mm),
            shift_of(rows, self.in_plane_mm[1], row_mm),
        ) else {
            return Err(refused);
        };
        let voxels = match volume.voxels() {
            Voxels::I16(array) => Voxels::I16(shift(array, &row_shift, &column_shift, OUTSIDE_HU)),
            Voxels::F32(array) => Voxels::F32(shift(array, &row_shift, &column_shift, OUTSIDE_HU.into())),
        };
        let matrix = volume.affine().matrix();
        let step = |axis: usize| [matrix[0][axis], matrix[1][axis], matrix[2][axis]];
        let origin = volume.affine().to_lps([column_shift.start, row_shift.start, 0.0]);
        let affine = Affine::new(step(0), step(1), self.along_normal, origin)?;
        let interpolation = Interpolation::Tilt {
            kernel: Kernel::Linear,
            degrees: self.degrees,
        };
        Ok(volume.with_grid(voxels, affine, interpolation))
    }
}

/// The displacement along one axis of the plane.
struct Shift {
    input: usize,
    output: usize,
    /// Where output pixel 0 lies in slice 0.
    start: f64,
    /// Pixels from slice to slice.
    per_slice: f64,
}

impl Shift {
    /// `None` when the shift is beyond reason.
    fn new(input: usize, slices: usize, per_slice: f64) -> Option<Self> {
        let total = per_slice * (slices - 1) as f64;
        if total.abs() < NO_SHIFT_PIXELS {
            return Some(Self {
                input,
                output: input,
                start: 0.0,
                per_slice: 0.0,
            });
        }
        let is_sane = total.abs() <= MOST_WIDTHS * input as f64;
        is_sane.then(|| Self {
            input,
            output: input + total.abs().ceil() as usize,
            start: total.min(0.0).floor(),
            per_slice,
        })
    }

    fn axis(&self, slice: usize) -> Axis {
        let start = self.start - self.per_slice * slice as f64;
        Axis::new(Kernel::Linear, self.input, self.output, start, 1.0)
    }
}

fn shift<T: Sample>(array: &Array3<T>, rows: &Shift, columns: &Shift, outside: T) -> Array3<T> {
    let array = array.as_standard_layout();
    let input = array.as_slice().unwrap_or_default();
    let (slices, ..) = array.dim();
    let mut output = Array3::from_elem((slices, rows.output, columns.output), outside);
    output
        .as_slice_mut()
        .unwrap_or_default()
        .par_chunks_mut(rows.output * columns.output)
        .zip(input.par_chunks(rows.input * columns.input))
        .enumerate()
        .for_each_init(Vec::new, |line, (slice, (out, plane))| {
            let (rows, columns) = (rows.axis(slice), columns.axis(slice));
            fill_plane(&[(plane, 1.0)], &rows, &columns, outside, line, out);
        });
    output
}
