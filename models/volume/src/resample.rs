//! A volume on a grid of another spacing.

use ndarray::Array3;
use rayon::prelude::*;

use crate::kernel::{Axis, Kernel, Sample, fill_plane};
use crate::{Interpolation, Volume, VolumeShapeError, Voxels};

/// Spacings in millimetres that make sense for a CT of a chest.
const ALLOWED_MM: std::ops::RangeInclusive<f64> = 0.1..=20.0;

/// Most voxels of a resampled volume: half a metre cubed at half a millimetre.
const MOST_VOXELS: usize = 1 << 30;

/// Why a volume cannot be put on another grid.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ResampleError {
    /// A spacing out of range or no number.
    #[error("a spacing of {mm} mm is not between {} and {} mm", ALLOWED_MM.start(), ALLOWED_MM.end())]
    Spacing {
        /// Which was asked for.
        mm: f64,
    },
    /// The grid would be too large.
    #[error("{voxels} voxels would be more than {MOST_VOXELS}")]
    TooLarge {
        /// How many voxels it would have.
        voxels: usize,
    },
    /// The grid would be too small.
    #[error(transparent)]
    Shape(#[from] VolumeShapeError),
}

impl Volume {
    /// The same field of view in cubes of `spacing_mm`; see [`Volume::resampled`].
    pub fn isotropic(&self, spacing_mm: f64, kernel: Kernel) -> Result<Self, ResampleError> {
        self.resampled([spacing_mm; 3], kernel)
    }

    /// The same field of view with column, row and slice spacing `spacing_mm`.
    ///
    /// Voxels are cells around their centres. The number of new voxels is the extent (voxels times spacing) over the
    /// new spacing, rounded, and the centre of the new grid is the centre of the old one, so the spacing is exactly
    /// what was asked for and nothing is shifted. Where the extent is a multiple of the new spacing these are the
    /// places of torch's `interpolate(..., align_corners=False)`. Whole HU stay whole, rounded to the nearest.
    /// The digest of the inputs stays; [`Volume::interpolations`] tells what was done.
    pub fn resampled(&self, spacing_mm: [f64; 3], kernel: Kernel) -> Result<Self, ResampleError> {
        if let Some(&mm) = spacing_mm.iter().find(|mm| !ALLOWED_MM.contains(mm)) {
            return Err(ResampleError::Spacing { mm });
        }
        let from_mm = self.spacing_mm();
        let [slices, rows, columns] = self.shape_kji();
        let grids = [columns, rows, slices];
        let grids = [0, 1, 2].map(|axis: usize| Grid::new(grids[axis], from_mm[axis], spacing_mm[axis]));
        let voxels = grids
            .iter()
            .map(|grid| grid.output)
            .fold(1, usize::saturating_mul);
        if voxels > MOST_VOXELS {
            return Err(ResampleError::TooLarge { voxels });
        }
        let shape = [grids[2].output, grids[1].output, grids[0].output];
        VolumeShapeError::check(shape)?;
        let [columns, rows, slices] = grids.each_ref().map(|grid| grid.axis(kernel));
        let voxels = match self.voxels() {
            Voxels::I16(array) => Voxels::I16(resample(array, &slices, &rows, &columns)),
            Voxels::F32(array) => Voxels::F32(resample(array, &slices, &rows, &columns)),
        };
        let affine = self.affine().rescaled(
            grids.each_ref().map(|grid| grid.step),
            grids.each_ref().map(|grid| grid.start),
        );
        Ok(self.with_grid(voxels, affine, Interpolation::Spacing { kernel, from_mm }))
    }
}

/// One axis of the old grid and of the new one.
struct Grid {
    input: usize,
    output: usize,
    /// Old voxels from the first old centre to the first new one.
    start: f64,
    /// Old voxels in a new one.
    step: f64,
}

impl Grid {
    fn new(input: usize, from_mm: f64, to_mm: f64) -> Self {
        let step = to_mm / from_mm;
        let output = (input as f64 / step).round().max(1.0);
        let start = (input as f64 - output * step) / 2.0 + step / 2.0 - 0.5;
        Self {
            input,
            output: output as usize,
            start,
            step,
        }
    }

    fn axis(&self, kernel: Kernel) -> Axis {
        Axis::new(kernel, self.input, self.output, self.start, self.step)
    }
}

fn resample<T: Sample + Default>(array: &Array3<T>, slices: &Axis, rows: &Axis, columns: &Axis) -> Array3<T> {
    let plane = rows.input() * columns.input();
    let array = array.as_standard_layout();
    let input = array.as_slice().unwrap_or_default();
    let shape = (slices.output(), rows.output(), columns.output());
    let mut output = Array3::from_elem(shape, T::default());
    output
        .as_slice_mut()
        .unwrap_or_default()
        .par_chunks_mut(shape.1 * shape.2)
        .enumerate()
        .for_each_init(Vec::new, |line, (k, out)| {
            let planes: Vec<(&[T], f32)> = slices
                .sources(k)
                .map(|(source, weight)| (&input[source * plane..(source + 1) * plane], weight))
                .collect();
            fill_plane(&planes, rows, columns, T::default(), line, out);
        });
    output
}
