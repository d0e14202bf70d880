//! Candidates: bright blobs of 3 to 30 mm inside the closed lungs.
//!
//! The dot filter of Li, Sone and Doi (Med Phys 30(8), 2003): at each scale the eigenvalues of the Hessian tell a
//! blob (three alike) from a vessel (two) and a wall (one). What is outside the lungs is painted as lung first, and
//! everything denser than ground glass as dense as that: where vessels may be three times as dense as a nodule of
//! ground glass, their branchings would come first.

use hilum_domain::{Affine, Lps};
use hilum_volume::Volume;
use ndarray::{Array3, Axis};
use rayon::prelude::*;

use crate::LungMask;
use crate::hessian::dot_response;
use crate::interpolate::sample;
use crate::reformat::Reformat;
use crate::smooth::{gaussian, halve};

/// Gaussian widths in mm. A ball of diameter d answers most at d / (2 * sqrt(3)): 3.5 to 29 mm.
const SIGMAS_MM: [f64; 7] = [1.0, 1.4, 2.0, 2.9, 4.2, 6.0, 8.5];
/// From this width on a grid of 2 mm is fine enough.
const COARSE_FROM_MM: f64 = 2.5;
/// Grid of the fine scales.
pub(crate) const GRID_MM: f64 = 1.0;
/// Tissue outside the lungs is painted with this.
const LUNG_HU: f32 = -850.0;
/// Soft tissue and calcium answer no more than dense ground glass does, so that shape counts more than density.
const CEILING_HU: f32 = -450.0;
/// Least answer of the dot filter, in HU. A ground-glass nodule of contrast 200 answers about 50 in the open, and half
/// of that where it is small or on a vessel.
const LEAST_RESPONSE_HU: f32 = 15.0;
/// Of two blobs closer than this share of the larger one's diameter the weaker is dropped.
const OVERLAP: f64 = 0.4;
/// No more than these, strongest first.
const MOST: usize = 600;

/// A place that may be a nodule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// Centre of the blob.
    pub center: Lps,
    /// Diameter of the ball that answers most at the blob's scale.
    pub diameter_mm: f64,
    /// Answer of the dot filter in HU.
    pub response_hu: f64,
}

/// Finds candidates, strongest first, at most 600.
pub fn find_candidates(volume: &Volume, lungs: &LungMask) -> Vec<Candidate> {
    Grid::over(volume, lungs).map_or_else(Vec::new, |grid| grid.strongest(volume.affine(), MOST))
}

struct Peak {
    ijk: [f64; 3],
    diameter_mm: f64,
    response: f32,
}

/// Strongest first; a weaker blob within a stronger one is the same thing seen at another scale.
fn suppress(mut peaks: Vec<Peak>, affine: &Affine, most: usize) -> Vec<Candidate> {
    peaks.sort_by(|a, b| b.response.total_cmp(&a.response));
    let mut kept: Vec<Candidate> = Vec::new();
    for peak in peaks {
        let center = affine.to_lps(peak.ijk);
        let covered = kept.iter().any(|other| {
            other.center.distance_mm(center) < OVERLAP * other.diameter_mm.max(peak.diameter_mm)
        });
        if !covered {
            kept.push(Candidate {
                center,
                diameter_mm: peak.diameter_mm,
                response_hu: f64::from(peak.response),
            });
            if kept.len() == most {
                break;
            }
        }
    }
    kept
}

/// An isotropic grid of [`GRID_MM`] over what is searched, along the axes of a volume.
pub(crate) struct Grid {
    /// `[z][y][x]`.
    hu: Array3<f32>,
    inside: Array3<bool>,
    spacing_mm: f64,
    /// Volume index (column, row, slice) of grid voxel (0, 0, 0) and per step.
    origin: [f64; 3],
    step: [f64; 3],
}

impl Grid {
    /// From its parts: `hu` and `inside` are `[z][y][x]` with [`GRID_MM`] between voxels, `origin` and `step`
    /// lead to the index (column, row, slice) of the volume. What is not inside is painted as lung.
    pub(crate) fn new(mut hu: Array3<f32>, inside: Array3<bool>, origin: [f64; 3], step: [f64; 3]) -> Self {
        hu.zip_mut_with(&inside, |hu, &inside| {
            *hu = if inside {
                hu.clamp(-1000.0, CEILING_HU)
            } else {
                LUNG_HU
            };
        });
        Self {
            hu,
            inside,
            spacing_mm: GRID_MM,
            origin,
            step,
        }
    }

    /// The `most` strongest blobs, in the frame of `affine`.
    pub(crate) fn strongest(mut self, affine: &Affine, most: usize) -> Vec<Candidate> {
        let mut peaks = Vec::new();
        let mut width_mm = 0.0;
        for sigma_mm in SIGMAS_MM {
            if sigma_mm >= COARSE_FROM_MM && self.spacing_mm == GRID_MM {
                self = self.halved();
            }
            let step_mm = f64::sqrt(sigma_mm * sigma_mm - width_mm * width_mm);
            self.hu = gaussian(&self.hu, step_mm / self.spacing_mm);
            width_mm = sigma_mm;
            let response = dot_response(&self.hu, &self.inside, sigma_mm / self.spacing_mm);
            self.peaks(&response, sigma_mm, &mut peaks);
        }
        suppress(peaks, affine, most)
    }

    /// Over the closed lungs of a volume; `None` when they are empty.
    fn over(volume: &Volume, lungs: &LungMask) -> Option<Self> {
        let reformat = Reformat::new(volume);
        let [low, high] = bounding_box(lungs.closed())?;
        let low = lungs.to_voxel(low.map(|at| at as f64 - 1.0));
        let high = lungs.to_voxel(high.map(|at| at as f64 + 1.0));
        let step = volume.spacing_mm().map(|spacing| GRID_MM / spacing);
        let [nx, ny, nz] = [0, 1, 2].map(|axis| ((high[axis] - low[axis]) / step[axis]).ceil() as usize + 1);
        let mut hu = Array3::zeros((nz, ny, nx));
        let mut inside = Array3::from_elem((nz, ny, nx), false);
        hu.axis_iter_mut(Axis(0))
            .into_par_iter()
            .zip(inside.axis_iter_mut(Axis(0)))
            .enumerate()
            .for_each(|(z, (mut hu, mut inside))| {
                for ((y, x), hu) in hu.indexed_iter_mut() {
                    let voxel = [0, 1, 2].map(|axis| low[axis] + [x, y, z][axis] as f64 * step[axis]);
                    if lungs.holds(voxel) {
                        inside[[y, x]] = true;
                        let at = reformat.of_voxel(voxel).map(|at| at as f32);
                        *hu = sample(reformat.hu(), at);
                    }
                }
            });
        Some(Self::new(hu, inside, low, step))
    }

    fn halved(&self) -> Self {
        Self {
            hu: halve(&self.hu),
            inside: halve(&self.inside),
            spacing_mm: self.spacing_mm * 2.0,
            origin: self.origin,
            step: self.step.map(|step| step * 2.0),
        }
    }

    /// Voxels that answer more than their 26 neighbours.
    fn peaks(&self, response: &Array3<f32>, sigma_mm: f64, peaks: &mut Vec<Peak>) {
        let (nz, ny, nx) = response.dim();
        let found = (1..nz.saturating_sub(1)).into_par_iter().flat_map_iter(|z| {
            (1..ny.saturating_sub(1))
                .flat_map(move |y| (1..nx.saturating_sub(1)).map(move |x| (z, y, x)))
                .filter(|&at| response[at] >= LEAST_RESPONSE_HU && is_peak(response, at))
        });
        let found: Vec<_> = found.collect();
        peaks.extend(found.into_iter().map(|(z, y, x)| Peak {
            ijk: [0, 1, 2].map(|axis| self.origin[axis] + [x, y, z][axis] as f64 * self.step[axis]),
            diameter_mm: 2.0 * 3.0_f64.sqrt() * sigma_mm,
            response: response[[z, y, x]],
        }));
    }
}

fn is_peak(response: &Array3<f32>, (z, y, x): (usize, usize, usize)) -> bool {
    let here = response[[z, y, x]];
    for c in z - 1..=z + 1 {
        for b in y - 1..=y + 1 {
            for a in x - 1..=x + 1 {
                if response[[c, b, a]] > here {
                    return false;
                }
            }
        }
    }
    true
}

/// Lowest and highest index (column, row, slice) inside a mask.
fn bounding_box(mask: &Array3<bool>) -> Option<[[usize; 3]; 2]> {
    let mut found: Option<[[usize; 3]; 2]> = None;
    for ((k, j, i), _) in mask.indexed_iter().filter(|(_, inside)| **inside) {
        let at = [i, j, k];
        let [low, high] = found.get_or_insert([at, at]);
        for axis in 0..3 {
            low[axis] = low[axis].min(at[axis]);
            high[axis] = high[axis].max(at[axis]);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A vessel with four branchings beside a ball of ground glass.
    fn scene() -> Array3<f32> {
        Array3::from_shape_fn((60, 60, 60), |(z, y, x)| {
            let [x, y, z] = [x, y, z].map(|at| at as f32);
            let ball = (x - 44.0).hypot(y - 30.0).hypot(z - 30.0);
            let stem = (x - 16.0).hypot(y - 30.0);
            let branch = |at: f32| {
                if x > 16.0 && x < 30.0 {
                    (z - at).hypot(y - 30.0)
                } else {
                    f32::INFINITY
                }
            };
            let vessel = [10.0, 22.0, 34.0, 46.0]
                .map(branch)
                .into_iter()
                .fold(stem, f32::min);
            if vessel < 3.0 {
                40.0
            } else if ball < 4.0 {
                -600.0
            } else {
                -850.0
            }
        })
    }

    #[test]
    fn ground_glass_comes_before_branching_vessels() {
        let hu = scene();
        let inside = Array3::from_elem(hu.dim(), true);
        let millimetres =
            Affine::new([1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], Lps([0.0; 3])).unwrap();
        let found = Grid::new(hu, inside, [0.0; 3], [1.0; 3]).strongest(&millimetres, 10);
        let ball = Lps([44.0, 30.0, 30.0]);
        assert!(found[0].center.distance_mm(ball) < 2.0, "{found:?}");
    }
}
