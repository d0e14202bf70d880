//! Roundness, spikes and lobes of a nodule, from its outline alone.

use std::f64::consts::PI;

use hilum_domain::VoxelIndex;
use ndarray::Array3;

use crate::body::Body;
use crate::components::components;
use crate::convexity::{Pockets, pockets};
use crate::distance::{dilate, erode, squared_distance};
use crate::surface::surface_mm2;
use crate::{Segmentation, outline};

/// What is thinner than twice this is a spike, what is thicker a lobe. Coarse spiculation begins at 2 mm of
/// thickness (Zwirewich et al., Radiology 179, 1991); a pixel more is left for its blur.
const SPIKE_HALF_WIDTH_MM: f64 = 1.5;
/// Small nodules keep at least this share of their radius.
const SPIKE_SHARE_OF_RADIUS: f64 = 0.5;
/// Lower spikes are the stairs of the grid, in voxels.
const LEAST_HEIGHT_VOXELS: f64 = 2.0;

/// Shape indices without a unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shape {
    /// `pi^(1/3) (6 V)^(2/3) / A`: 1 for a ball, less for anything else (Wadell 1935; IBSI QCFX). The area is
    /// Crofton's, which may exceed the truth by a few percent on small nodules; more than 1 is written as 1.
    pub sphericity: f64,
    /// Sum over the spikes of height times `exp(-solid angle)`, over the radius of the ball with the volume of the
    /// body: 0 without spikes, larger for more, longer and sharper ones. The solid angle is that of the cone from
    /// the spike's tip to its base. Height and solid angle after Dhara et al. (J Digit Imaging 29, 2016), who divide by
    /// the sum of heights; here more spikes count more.
    pub spiculation_index: f64,
    /// Share of the convex hull of the body, spikes taken off, that lies in notches deeper than a pixel, over all
    /// axial slices: 0 for a convex nodule, larger for deeper lobes (convexity deficiency).
    pub lobulation_index: f64,
}

/// The shape of a nodule; `spacing_mm` of its volume: column, row, slice.
pub(crate) fn shape(segmentation: &Segmentation, spacing_mm: [f64; 3]) -> Shape {
    let body = Body::of(segmentation, spacing_mm);
    if body.voxels() == 0 {
        // Thinner than the grid can hold: a dot.
        return Shape {
            sphericity: 1.0,
            spiculation_index: 0.0,
            lobulation_index: 0.0,
        };
    }
    let core = core(&body);
    Shape {
        sphericity: sphericity(&body),
        spiculation_index: spiculation(&body, &core),
        lobulation_index: lobulation(&core),
    }
}

fn sphericity(body: &Body) -> f64 {
    let area = surface_mm2(&body.inside, body.spacing_mm);
    (PI.cbrt() * (6.0 * body.volume_mm3()).powf(2.0 / 3.0) / area).min(1.0)
}

/// The body without its spikes: opened with a ball.
fn core(body: &Body) -> Array3<bool> {
    let spacing = [body.spacing_mm; 3];
    let depth = squared_distance(&body.inside.mapv(|inside| !inside), spacing);
    let deepest = f64::from(depth.iter().fold(0.0_f32, |deepest, &depth| deepest.max(depth))).sqrt();
    let radius = SPIKE_HALF_WIDTH_MM.min(SPIKE_SHARE_OF_RADIUS * deepest);
    let mut opened = dilate(&erode(&body.inside, spacing, radius), spacing, radius);
    opened.zip_mut_with(&body.inside, |opened, &inside| *opened &= inside);
    opened
}

fn spiculation(body: &Body, core: &Array3<bool>) -> f64 {
    let mut spikes = body.inside.clone();
    spikes.zip_mut_with(core, |spike, &core| *spike &= !core);
    let from_core = squared_distance(core, [body.spacing_mm; 3]).mapv(f32::sqrt);
    let found = components(&spikes);
    // Height of each spike above the core, and the voxels with which it stands on it.
    let mut of_spike = vec![(0.0_f64, 0_usize); found.sizes.len()];
    let base_mm = (1.5 * body.spacing_mm) as f32;
    for (at, &label) in found.labels.indexed_iter().filter(|(_, label)| **label > 0) {
        let spike = &mut of_spike[label as usize - 1];
        spike.0 = spike.0.max(f64::from(from_core[at]));
        spike.1 += usize::from(from_core[at] < base_mm);
    }
    let sum = of_spike
        .into_iter()
        .filter(|(height, _)| *height >= LEAST_HEIGHT_VOXELS * body.spacing_mm)
        .map(|(height, base)| {
            let base_radius = (base as f64 * body.spacing_mm.powi(2) / PI).sqrt();
            let solid_angle = 2.0 * PI * (1.0 - height / height.hypot(base_radius));
            height * (-solid_angle).exp()
        })
        .fold(0.0, |sum, spike| sum + spike);
    sum / (0.75 / PI * body.volume_mm3()).cbrt()
}

fn lobulation(core: &Array3<bool>) -> f64 {
    let Some(core) = Segmentation::cropped(core, VoxelIndex([0; 3])) else {
        return 0.0;
    };
    let [first, last] = core.slices();
    let slices = (first..=last).flat_map(|k| outline(&core, k));
    let all = slices
        .map(|ring| pockets(&ring, 1.0))
        .fold(Pockets::default(), |sum, ring| Pockets {
            hull: sum.hull + ring.hull,
            notched: sum.notched + ring.notched,
        });
    if all.hull > 0.0 {
        all.notched / all.hull
    } else {
        0.0
    }
}
