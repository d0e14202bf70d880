//! Lungs on a grid of about 2 mm, closed so that nodules at the pleura and large vessels lie inside.
//!
//! Air that is not connected to the sides of the picture, without the trachea; each side closed by a ball
//! (the order of steps follows Hu, Hoffman and Reinhardt, IEEE Trans Med Imaging 20(6), 2001).

use hilum_domain::Lps;
use hilum_volume::Volume;
use ndarray::{Array3, ArrayView2, Axis, s};
use rayon::prelude::*;

use crate::NoduleError;
use crate::components::{components, fill_slices, flood};
use crate::distance::{dilate, erode};
use crate::reformat::Reformat;
use crate::trachea::trachea;

/// Width of a voxel of the lung grid within the slice.
const GRID_MM: f64 = 2.0;
/// Between aerated lung (about -850) and soft tissue (about 40).
const AERATED_BELOW_HU: i16 = -400;
/// Free air is at -1000; even emphysematous lungs hold more.
const LUNG_MEAN_HU: std::ops::Range<f64> = -965.0..-500.0;
/// Less aerated volume is no adult chest. A single lung at full expiration has about 1000 ml.
const LEAST_LUNGS_ML: f64 = 500.0;
/// A piece of lung, cut off by a fissure or a tumour.
const LEAST_PIECE_ML: f64 = 60.0;
/// Closes over nodules of up to about 30 mm at the pleura.
const CLOSING_MM: f64 = 14.0;

/// The lungs of a volume.
#[derive(Debug, Clone)]
pub struct LungMask {
    closed: Array3<bool>,
    aerated: Array3<bool>,
    /// Original voxels (column, row, slice) per step of the lung grid.
    step: [f64; 3],
    /// Original voxel (column, row, slice) at the centre of lung voxel (0, 0, 0).
    origin: [f64; 3],
    spacing_mm: [f64; 3],
}

impl LungMask {
    /// Lungs with vessels and nodules, `[slice][row][column]` on the lung grid.
    pub const fn closed(&self) -> &Array3<bool> {
        &self.closed
    }

    /// Aerated lung only, same grid.
    pub const fn aerated(&self) -> &Array3<bool> {
        &self.aerated
    }

    /// Column, row and slice spacing of the lung grid in mm.
    pub const fn spacing_mm(&self) -> [f64; 3] {
        self.spacing_mm
    }

    /// Aerated volume in millilitres.
    pub fn aerated_ml(&self) -> f64 {
        millilitres(count(&self.aerated), self.spacing_mm)
    }

    /// Fractional voxel index of the volume (column, row, slice) at a position on the lung grid.
    pub fn to_voxel(&self, lung: [f64; 3]) -> [f64; 3] {
        [0, 1, 2].map(|axis| lung[axis] * self.step[axis] + self.origin[axis])
    }

    /// Position on the lung grid of a fractional voxel index of the volume.
    pub fn of_voxel(&self, ijk: [f64; 3]) -> [f64; 3] {
        [0, 1, 2].map(|axis| (ijk[axis] - self.origin[axis]) / self.step[axis])
    }

    /// Whether a point lies inside the closed lungs.
    pub fn contains(&self, volume: &Volume, point: Lps) -> bool {
        self.holds(volume.affine().to_voxel(point))
    }

    /// Whether a fractional voxel index of the volume lies inside the closed lungs.
    pub(crate) fn holds(&self, ijk: [f64; 3]) -> bool {
        let [i, j, k] = self.of_voxel(ijk).map(|at| (at + 0.5).floor());
        if i < 0.0 || j < 0.0 || k < 0.0 {
            return false;
        }
        self.closed
            .get([k as usize, j as usize, i as usize])
            .copied()
            .unwrap_or(false)
    }
}

/// Finds the lungs.
///
/// # Errors
/// [`NoduleError::NoLungs`] when less than 500 ml of enclosed aerated tissue is there.
pub fn segment_lungs(volume: &Volume) -> Result<LungMask, NoduleError> {
    let reformat = Reformat::new(volume);
    let grid = Coarse::new(&reformat);
    let enclosed = grid.enclosed_air();
    let lungs = grid.pick_lungs(&enclosed)?;
    let airway = trachea(&lungs, &grid.hu, grid.spacing_mm, head_is_last(volume));
    let mut aerated = lungs;
    aerated.zip_mut_with(&airway, |lung, &airway| *lung &= !airway);

    let mut closed = close_sides(&aerated, grid.spacing_mm);
    closed.zip_mut_with(&airway, |lung, &airway| *lung &= !airway);
    let first = reformat.to_voxel(grid.origin);
    let second = reformat.to_voxel([0, 1, 2].map(|axis| grid.origin[axis] + grid.step[axis]));
    Ok(LungMask {
        closed,
        aerated,
        step: [0, 1, 2].map(|axis| second[axis] - first[axis]),
        origin: first,
        spacing_mm: grid.spacing_mm,
    })
}

/// Block means of a reformat.
struct Coarse {
    hu: Array3<i16>,
    step: [f64; 3],
    origin: [f64; 3],
    spacing_mm: [f64; 3],
}

impl Coarse {
    fn new(reformat: &Reformat<'_>) -> Self {
        let [sx, sy, sz] = reformat.spacing_mm;
        let fine = reformat.hu();
        let (slabs, rows, columns) = fine.dim();
        let block = |spacing: f64, size: usize| ((GRID_MM / spacing).round() as usize).clamp(1, size);
        let (bx, by) = (block(sx, columns), block(sy, rows));
        let mut hu = Array3::zeros((slabs, rows / by, columns / bx));
        hu.axis_iter_mut(Axis(0))
            .into_par_iter()
            .zip(fine.axis_iter(Axis(0)))
            .for_each(|(mut out, slice)| {
                for ((j, i), out) in out.indexed_iter_mut() {
                    *out = mean(slice.slice(s![j * by..(j + 1) * by, i * bx..(i + 1) * bx]));
                }
            });
        Self {
            hu,
            step: [bx as f64, by as f64, 1.0],
            origin: [(bx as f64 - 1.0) / 2.0, (by as f64 - 1.0) / 2.0, 0.0],
            spacing_mm: [sx * bx as f64, sy * by as f64, sz],
        }
    }

    /// Air that cannot be reached from the four sides of the pictures.
    fn enclosed_air(&self) -> Array3<bool> {
        let air = self.hu.mapv(|hu| hu < AERATED_BELOW_HU);
        let (slices, rows, columns) = air.dim();
        let rim = (0..slices).flat_map(move |k| {
            let rows_rim = (0..rows).flat_map(move |j| [(k, j, 0), (k, j, columns - 1)]);
            rows_rim.chain((0..columns).flat_map(move |i| [(k, 0, i), (k, rows - 1, i)]))
        });
        let outside = flood(&air, rim);
        let mut enclosed = air;
        enclosed.zip_mut_with(&outside, |air, &outside| *air &= !outside);
        enclosed
    }

    /// The pieces that are large enough and neither free air nor fat.
    fn pick_lungs(&self, enclosed: &Array3<bool>) -> Result<Array3<bool>, NoduleError> {
        let found = components(enclosed);
        let mut sums = vec![0_i64; found.sizes.len()];
        ndarray::Zip::from(&found.labels)
            .and(&self.hu)
            .for_each(|&label, &hu| {
                if label > 0 {
                    sums[label as usize - 1] += i64::from(hu);
                }
            });
        let largest = found.sizes.iter().copied().max().unwrap_or(0);
        let is_lung: Vec<bool> = found
            .sizes
            .iter()
            .zip(&sums)
            .map(|(&size, &sum)| {
                millilitres(size, self.spacing_mm) >= LEAST_PIECE_ML
                    && size * 20 >= largest
                    && LUNG_MEAN_HU.contains(&(sum as f64 / size as f64))
            })
            .collect();
        let lungs = found
            .labels
            .mapv(|label| label > 0 && is_lung[label as usize - 1]);
        let found_ml = millilitres(count(&lungs), self.spacing_mm);
        if found_ml < LEAST_LUNGS_ML {
            return Err(NoduleError::NoLungs {
                found_ml,
                needed_ml: LEAST_LUNGS_ML,
            });
        }
        Ok(lungs)
    }
}

/// Whether the last slice lies nearer to the head than the first.
fn head_is_last(volume: &Volume) -> bool {
    volume.affine().matrix()[2][2] > 0.0
}

/// Closes left and right apart, so that the mediastinum between them stays open, then fills each slice.
fn close_sides(aerated: &Array3<bool>, [sx, sy, sz]: [f64; 3]) -> Array3<bool> {
    let columns = aerated.dim().2;
    let (mut sum, mut n) = (0, 0_usize);
    for ((_, _, i), _) in aerated.indexed_iter().filter(|(_, inside)| **inside) {
        sum += i;
        n += 1;
    }
    let middle = (sum / n.max(1)).clamp(1, columns - 1);
    let spacing = [sz, sy, sx];
    let mut closed = Array3::from_elem(aerated.dim(), false);
    for side in [0..middle, middle..columns] {
        let mut lung = Array3::from_elem(aerated.dim(), false);
        lung.slice_mut(s![.., .., side.clone()])
            .assign(&aerated.slice(s![.., .., side]));
        let mut lung = erode(&dilate(&lung, spacing, CLOSING_MM), spacing, CLOSING_MM);
        fill_slices(&mut lung);
        closed.zip_mut_with(&lung, |closed, &lung| *closed |= lung);
    }
    closed
}

fn mean(block: ArrayView2<'_, i16>) -> i16 {
    let sum: i32 = block.iter().map(|&hu| i32::from(hu)).sum();
    (sum / block.len() as i32) as i16
}

fn count(mask: &Array3<bool>) -> usize {
    mask.iter().filter(|inside| **inside).count()
}

fn millilitres(voxels: usize, spacing_mm: [f64; 3]) -> f64 {
    voxels as f64 * spacing_mm.iter().product::<f64>() / 1000.0
}
