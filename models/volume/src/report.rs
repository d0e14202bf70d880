//! What `hilum volume --json` prints.

use hilum_domain::{Reason, ReasonCode};
use ndarray::Array3;
use rayon::prelude::*;
use serde::Serialize;

use crate::{Interpolation, LoadedSeries, Voxels};

/// Geometry, range and timing of a loaded series.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VolumeReport {
    /// Columns, rows, slices.
    pub shape_ijk: [usize; 3],
    /// Column, row and slice spacing in millimetres.
    pub spacing_mm: [f64; 3],
    /// (column, row, slice) to LPS mm, row by row.
    pub affine_lps_mm: [[f64; 4]; 4],
    /// Lowest voxel.
    pub min_hu: f64,
    /// Highest voxel.
    pub max_hu: f64,
    /// Mean over all voxels, padding included.
    pub mean_hu: f64,
    /// Files that are not part of the volume.
    pub set_aside: Vec<SetAsideFile>,
    /// What deserves attention.
    pub warnings: Vec<Reason>,
    /// What was interpolated, first step first; empty where every voxel is the scanner's own.
    pub interpolations: Vec<Interpolation>,
    /// Wall time of loading in milliseconds, without the start of the program and without this report.
    pub elapsed_ms: f64,
}

/// A file that is not part of the volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SetAsideFile {
    /// Its name.
    pub file: String,
    /// Why.
    pub code: ReasonCode,
}

impl VolumeReport {
    /// The report on a series that took `elapsed_ms` to load.
    pub fn new(series: &LoadedSeries, elapsed_ms: f64) -> Self {
        let [slices, rows, columns] = series.volume.shape_kji();
        let [min_hu, max_hu, mean_hu] = match series.volume.voxels() {
            Voxels::I16(array) => range_and_mean(array),
            Voxels::F32(array) => range_and_mean(array),
        };
        Self {
            shape_ijk: [columns, rows, slices],
            spacing_mm: series.volume.spacing_mm(),
            affine_lps_mm: series.volume.affine().matrix(),
            min_hu,
            max_hu,
            mean_hu,
            set_aside: series
                .set_aside
                .iter()
                .map(|aside| SetAsideFile {
                    file: aside.file.clone(),
                    code: aside.code,
                })
                .collect(),
            warnings: series.warnings.clone(),
            interpolations: series.volume.interpolations().to_vec(),
            elapsed_ms,
        }
    }
}

/// Minimum, maximum and mean. Sums are taken slice by slice in slice order, so the mean does not depend on threads.
fn range_and_mean<T: Copy + Into<f64> + Sync>(array: &Array3<T>) -> [f64; 3] {
    let (_, rows, columns) = array.dim();
    let planes: Vec<[f64; 3]> = array
        .as_slice()
        .unwrap_or_default()
        .par_chunks(rows * columns)
        .map(|plane| {
            plane
                .iter()
                .fold([f64::INFINITY, f64::NEG_INFINITY, 0.0], |[low, high, sum], hu| {
                    let hu: f64 = (*hu).into();
                    [low.min(hu), high.max(hu), sum + hu]
                })
        })
        .collect();
    let [low, high, sum] = planes.iter().fold(
        [f64::INFINITY, f64::NEG_INFINITY, 0.0],
        |[low, high, sum], plane| [low.min(plane[0]), high.max(plane[1]), sum + plane[2]],
    );
    [low, high, sum / array.len() as f64]
}
