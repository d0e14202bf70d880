//! A slice: anatomy, fissures, vessels and nodules averaged over its thickness, then what the scanner does to it.

use crate::chest::ChestPhantom;
use crate::vector::along;
use crate::{noise, scanner};

const VESSEL_HU: f64 = 40.0;
const CONTRAST_VESSEL_HU: f64 = 240.0;
/// Fewest points within a slice's thickness that vessels and nodules are averaged over.
const LEAST_SAMPLES: usize = 5;
/// Distance of these points in thicker slices.
const SAMPLE_MM: f64 = 0.5;
/// The rest of the chest changes little within this distance, so that it is averaged over fewer points.
const ANATOMY_SAMPLE_MM: f64 = 2.5;
/// A fissure is a plate of tissue so thick, and so dense as a scanner shows it.
const FISSURE_MM: f64 = 1.0;
const FISSURE_HU: f64 = -520.0;

/// One slice of the grid; points are LPS mm of the scanner.
pub(crate) struct Slice {
    /// Centre of the first pixel.
    first: [f64; 3],
    /// From row to row.
    pub(crate) row_step: [f64; 3],
    /// Direction of the thickness.
    pub(crate) normal: [f64; 3],
    pixel_mm: f64,
    size: usize,
    /// Offsets along the normal that are averaged over, fine and coarse.
    offsets_mm: Vec<f64>,
    anatomy_offsets_mm: Vec<f64>,
}

impl ChestPhantom {
    /// HU of slice `k`, `[row][column]`.
    pub fn slice_hu(&self, k: usize) -> Vec<i16> {
        let options = &self.options;
        let slice = self.slice(k);
        let mut plane = self.draw_anatomy(&slice);
        self.draw_vessels(&mut plane, &slice);
        self.draw_nodules(&mut plane, &slice);
        scanner::smear(&mut plane, slice.size, options.motion_mm, slice.pixel_mm);
        scanner::reconstruct(options.kernel, &mut plane, slice.size);
        plane
            .iter()
            .zip(noise::plane(options.kernel, self.noise_seed(), k, slice.size))
            .map(|(hu, noise)| {
                (hu + options.noise_hu * f64::from(noise))
                    .round()
                    .clamp(-1024.0, 3071.0) as i16
            })
            .collect()
    }

    fn noise_seed(&self) -> u64 {
        self.options.noise_seed.unwrap_or(self.truth.seed)
    }

    pub(crate) fn slice(&self, k: usize) -> Slice {
        let options = &self.options;
        let first = self.affine.to_lps([0.0, 0.0, k as f64]).0;
        let second_row = self.affine.to_lps([0.0, 1.0, k as f64]).0;
        let (sin, cos) = options.tilt_degrees.to_radians().sin_cos();
        let thickness = options.thickness_mm();
        let moved = scanner::motion(self.noise_seed(), k, options.motion_mm);
        Slice {
            first: [first[0] + moved[0], first[1] + moved[1], first[2]],
            row_step: [0, 1, 2].map(|axis: usize| second_row[axis] - first[axis]),
            normal: [0.0, -sin, cos],
            pixel_mm: options.pixel_spacing_mm(),
            size: usize::from(options.size),
            offsets_mm: offsets(thickness, samples(thickness, SAMPLE_MM).max(LEAST_SAMPLES)),
            anatomy_offsets_mm: offsets(thickness, samples(thickness, ANATOMY_SAMPLE_MM)),
        }
    }

    fn draw_anatomy(&self, slice: &Slice) -> Vec<f64> {
        let mut plane = Vec::with_capacity(slice.size * slice.size);
        for row in 0..slice.size {
            for column in 0..slice.size {
                let point = slice.point(row, column);
                plane.push(match slice.anatomy_offsets_mm.as_slice() {
                    [_] => self.anatomy_hu(slice, point),
                    several => {
                        let sum: f64 = several
                            .iter()
                            .map(|&offset| self.anatomy_hu(slice, along(point, slice.normal, offset)))
                            .sum();
                        sum / several.len() as f64
                    }
                });
            }
        }
        plane
    }

    fn anatomy_hu(&self, slice: &Slice, point: [f64; 3]) -> f64 {
        let tissue = self.space.tissue(point);
        let mut hu = tissue.hu;
        if let Some(lung) = tissue.lung.filter(|_| self.options.fissures) {
            let reach = slice.half_thickness_mm() / slice.anatomy_offsets_mm.len() as f64;
            let near = self.space.fissure_distance_mm(lung, point);
            if near < reach + FISSURE_MM {
                let part = slice.mean_within(reach, point, |point| {
                    let distance = self.space.fissure_distance_mm(lung, point);
                    ((FISSURE_MM / 2.0 - distance) / slice.pixel_mm + 0.5).clamp(0.0, 1.0)
                });
                hu += (FISSURE_HU - hu) * part;
            }
        }
        if self.options.metal {
            let reference = self.space.pose.to_reference(point);
            hu = scanner::metal(hu, reference, self.space.anatomy.height_mm);
        }
        hu
    }

    fn draw_vessels(&self, plane: &mut [f64], slice: &Slice) {
        let vessel_hu = if self.options.contrast {
            CONTRAST_VESSEL_HU
        } else {
            VESSEL_HU
        };
        let half = slice.half_thickness_mm();
        for vessel in &self.posed_vessels {
            slice.for_pixels([0, 1, 2].map(|axis| vessel.extent(axis)), |index, point| {
                let reach = vessel.radius_mm + slice.pixel_mm + half;
                if vessel.distance_mm(point) > reach || self.space.lung_at(point).is_none() {
                    return;
                }
                let part = slice.mean_over_thickness(point, |point| {
                    ((vessel.radius_mm - vessel.distance_mm(point)) / slice.pixel_mm + 0.5).clamp(0.0, 1.0)
                });
                let drawn = plane[index] + (vessel_hu - plane[index]) * part;
                plane[index] = plane[index].max(drawn);
            });
        }
    }

    fn draw_nodules(&self, plane: &mut [f64], slice: &Slice) {
        for body in &self.bodies {
            let centre = body.centre();
            let reach = body.reach_mm() + slice.pixel_mm;
            let extents = [0, 1, 2].map(|axis: usize| [centre[axis] - reach, centre[axis] + reach]);
            slice.for_pixels(extents, |index, point| {
                let background = plane[index];
                plane[index] = slice.mean_over_thickness(point, |point| {
                    body.blend(&self.space, point, slice.pixel_mm, background)
                });
            });
        }
    }
}

impl Slice {
    pub(crate) fn point(&self, row: usize, column: usize) -> [f64; 3] {
        let [x, y, z] = along(self.first, self.row_step, row as f64);
        [x + column as f64 * self.pixel_mm, y, z]
    }

    fn half_thickness_mm(&self) -> f64 {
        let last = self.offsets_mm.last().copied().unwrap_or_default();
        last * self.offsets_mm.len() as f64 / (self.offsets_mm.len() - 1) as f64
    }

    /// Calls `draw` with index and centre of the pixels that a box in LPS mm may show in.
    fn for_pixels(&self, [x, y, z]: [[f64; 2]; 3], mut draw: impl FnMut(usize, [f64; 3])) {
        let reach = self.half_thickness_mm();
        let shear = reach * self.normal[1].abs();
        let first = ((x[0] - self.first[0]) / self.pixel_mm).floor().max(0.0) as usize;
        let end = ((x[1] - self.first[0]) / self.pixel_mm).ceil().max(-1.0) + 1.0;
        let end = (end as usize).min(self.size);
        for row in 0..self.size {
            let [_, row_y, row_z] = self.point(row, 0);
            let beside = row_y < y[0] - self.pixel_mm - shear || row_y > y[1] + self.pixel_mm + shear;
            if beside || row_z + reach < z[0] || row_z - reach > z[1] {
                continue;
            }
            for column in first..end {
                draw(row * self.size + column, self.point(row, column));
            }
        }
    }

    /// A slice shows the mean over its thickness.
    fn mean_over_thickness(&self, point: [f64; 3], value: impl Fn([f64; 3]) -> f64) -> f64 {
        let sum: f64 = self
            .offsets_mm
            .iter()
            .map(|&offset| value(along(point, self.normal, offset)))
            .sum();
        sum / self.offsets_mm.len() as f64
    }

    /// Mean over as many points within `reach` mm of a point along the thickness.
    fn mean_within(&self, reach: f64, point: [f64; 3], value: impl Fn([f64; 3]) -> f64) -> f64 {
        let shrink = reach / self.half_thickness_mm();
        let sum: f64 = self
            .offsets_mm
            .iter()
            .map(|&offset| value(along(point, self.normal, shrink * offset)))
            .sum();
        sum / self.offsets_mm.len() as f64
    }
}

fn samples(thickness_mm: f64, step_mm: f64) -> usize {
    // A hundredth of a step of tolerance: 2.5 mm is one step of 2.5 mm.
    (thickness_mm / step_mm - 0.01).ceil().max(1.0) as usize
}

/// Middles of equal parts of a thickness.
fn offsets(thickness_mm: f64, parts: usize) -> Vec<f64> {
    (0..parts)
        .map(|part| ((part as f64 + 0.5) / parts as f64 - 0.5) * thickness_mm)
        .collect()
}
