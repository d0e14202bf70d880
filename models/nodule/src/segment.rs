//! Outline of one nodule from a seed.
//!
//! Threshold half way between the nodule's core and the lung around it, then an opening whose radius grows until
//! vessels and pleura are cut off (after Kuhnigk et al., IEEE Trans Med Imaging 25(4), 2006).

use hilum_domain::Lps;
use hilum_volume::Volume;
use ndarray::Array3;

use crate::components::flood;
use crate::distance::squared_distance;
use crate::local_box::LocalBox;
use crate::segmentation::Segmentation;
use crate::{LungMask, NoduleError};

/// The core may lie this far from the seed.
const SEED_TOLERANCE_MM: f64 = 2.5;
/// Fainter than this above the lung around is noise and mist.
const LEAST_CONTRAST_HU: f32 = 120.0;
/// Calcium would push the threshold beyond soft tissue.
const CORE_CEILING_HU: f32 = 50.0;
/// Aerated voxels are darker.
const AERATED_BELOW_HU: f32 = -600.0;
/// Share of the box that must be aerated for a place in the lung.
const LEAST_AERATED: f64 = 0.02;
/// A halo of ground glass around a denser core is looked for between these distances from it.
const HALO_MM: std::ops::Range<f64> = 2.5..4.5;
/// It is a halo, rather than blur or something beside the nodule, when all but this share of the ring
const HALO_GAPS: f64 = 0.33;
/// is so much denser than lung.
const HALO_CONTRAST_HU: f32 = 110.0;

/// Outlines the nodule at `seed` (LPS mm).
///
/// # Errors
/// [`NoduleError::SeedOutside`] off the volume; [`NoduleError::SeedNotOnNodule`] where there is no lung around,
/// nothing denser than lung, or tissue without an end (mediastinum, chest wall).
pub fn segment(volume: &Volume, lungs: &LungMask, seed: Lps) -> Result<Segmentation, NoduleError> {
    if volume.voxel_at(seed).is_none() {
        return Err(NoduleError::SeedOutside { seed });
    }
    let refuse = |why| NoduleError::SeedNotOnNodule { seed, why };
    let local = LocalBox::around(volume, seed);
    let core = local.brightest_within(SEED_TOLERANCE_MM);
    let lung_hu = local
        .lung_hu()
        .ok_or_else(|| refuse("no aerated lung around it"))?;
    let core_hu = local.smooth[core];
    if core_hu < lung_hu + LEAST_CONTRAST_HU {
        return Err(refuse("no denser than the lung around it"));
    }

    // A seed that a person put outside the closed lungs (a mass in the wall) is not held back by them.
    let inside = local.inside(volume, lungs);
    let allowed = if inside[core] { inside } else { local.everywhere() };
    let threshold = f32::midpoint(lung_hu, core_hu.min(CORE_CEILING_HU));
    let mut mask = Region::new(&local, &allowed, threshold, core)
        .and_then(|region| region.cut())
        .ok_or_else(|| refuse("tissue without an end, not a nodule"))?;
    if let Some(halo_hu) = local.halo_hu(&mask, &allowed, threshold)
        && halo_hu > lung_hu + HALO_CONTRAST_HU
    {
        let threshold = f32::midpoint(lung_hu, halo_hu);
        if let Some(wider) = Region::new(&local, &allowed, threshold, core).and_then(|region| region.cut()) {
            mask = wider;
        }
    }
    local
        .to_segmentation(volume, &mask)
        .ok_or_else(|| refuse("smaller than a voxel"))
}

/// Everything denser than a threshold that is connected to the core.
struct Region<'a> {
    local: &'a LocalBox,
    mask: Array3<bool>,
    /// Distance of each voxel to the outside of the region, mm.
    depth_mm: Array3<f32>,
    peak: (usize, usize, usize),
    radius_mm: f32,
}

impl<'a> Region<'a> {
    fn new(
        local: &'a LocalBox,
        allowed: &Array3<bool>,
        threshold: f32,
        core: (usize, usize, usize),
    ) -> Option<Self> {
        let mut dense = local.hu.mapv(|hu| hu > threshold);
        dense.zip_mut_with(allowed, |dense, &allowed| *dense &= allowed);
        // Smoothing may have put the core between two dense voxels.
        let core = local.nearest(&dense, core)?;
        let mask = flood(&dense, [core]);
        let outside = mask.mapv(|inside| !inside);
        let depth_mm = squared_distance(&outside, [local.spacing_mm; 3]).mapv(f32::sqrt);
        let peak = climb(&depth_mm, core, local.spacing_mm as f32);
        let radius_mm = depth_mm[peak];
        radius_mm.is_finite().then_some(Self {
            local,
            mask,
            depth_mm,
            peak,
            radius_mm,
        })
    }

    /// The nodule: the gentlest opening that leaves a body of bounded size around the peak.
    ///
    /// `None` when even the strongest leaves tissue that reaches the sides of the box.
    fn cut(&self) -> Option<Array3<bool>> {
        let step = self.local.spacing_mm as f32 / 2.0;
        let strongest = 0.8 * self.radius_mm;
        let mut radius = (0.3 * self.radius_mm).clamp(step, 1.5).min(strongest);
        loop {
            let body = self.opened(radius);
            if self.is_bounded(&body) {
                return Some(body);
            }
            if radius >= strongest {
                return self.ball_of(body);
            }
            radius = (radius + step).min(strongest);
        }
    }

    /// Opening by reconstruction from the peak.
    fn opened(&self, radius: f32) -> Array3<bool> {
        let deep = self.depth_mm.mapv(|depth| depth > radius);
        let body = flood(&deep, [self.peak]);
        let reach = radius + self.local.spacing_mm as f32 / 2.0;
        let near = squared_distance(&body, [self.local.spacing_mm; 3]);
        let mut opened = self.mask.clone();
        opened.zip_mut_with(&near, |inside, &near| *inside &= near <= reach * reach);
        opened
    }

    /// Not connected to anything thicker, off the sides of the box, and no longer than three times its width.
    fn is_bounded(&self, body: &Array3<bool>) -> bool {
        let reach = (3.0 * self.radius_mm + 2.0) / self.local.spacing_mm as f32;
        body.indexed_iter().filter(|(_, inside)| **inside).all(|(at, _)| {
            !on_side(at, body.dim())
                && distance(at, self.peak) <= reach
                && self.depth_mm[at] <= 1.25 * self.radius_mm + 0.5
        })
    }

    /// A vessel of one width has no neck to cut: what is near its thickest place stands for the nodule on it.
    fn ball_of(&self, mut body: Array3<bool>) -> Option<Array3<bool>> {
        let reach = 2.0 * self.radius_mm / self.local.spacing_mm as f32;
        if reach >= self.local.half_side() as f32 {
            return None;
        }
        for (at, inside) in body.indexed_iter_mut() {
            *inside &= distance(at, self.peak) <= reach;
        }
        Some(body)
    }
}

/// The deepest place that is reached by stepping again and again to the deepest voxel within three quarters of the
/// depth here: small lobes lead to the body they sit on, a nodule does not lead to the vessel beside it.
fn climb(depth: &Array3<f32>, from: (usize, usize, usize), spacing_mm: f32) -> (usize, usize, usize) {
    let (nk, nj, ni) = depth.dim();
    let mut here = from;
    loop {
        let reach = 0.75 * depth[here] / spacing_mm;
        let steps = (reach.floor() as usize).clamp(1, nk);
        let mut best = here;
        for k in here.0.saturating_sub(steps)..(here.0 + steps + 1).min(nk) {
            for j in here.1.saturating_sub(steps)..(here.1 + steps + 1).min(nj) {
                for i in here.2.saturating_sub(steps)..(here.2 + steps + 1).min(ni) {
                    let near = distance((k, j, i), here) <= reach.max(1.0);
                    if near && depth[[k, j, i]] > depth[best] {
                        best = (k, j, i);
                    }
                }
            }
        }
        if best == here {
            return here;
        }
        here = best;
    }
}

fn on_side((k, j, i): (usize, usize, usize), (nk, nj, ni): (usize, usize, usize)) -> bool {
    k == 0 || j == 0 || i == 0 || k + 1 == nk || j + 1 == nj || i + 1 == ni
}

fn distance(a: (usize, usize, usize), b: (usize, usize, usize)) -> f32 {
    let square = |p: usize, q: usize| (p as f32 - q as f32).powi(2);
    (square(a.0, b.0) + square(a.1, b.1) + square(a.2, b.2)).sqrt()
}

impl LocalBox {
    /// Median HU of the aerated voxels.
    fn lung_hu(&self) -> Option<f32> {
        let mut aerated: Vec<f32> = self
            .hu
            .iter()
            .copied()
            .filter(|hu| *hu < AERATED_BELOW_HU)
            .collect();
        if (aerated.len() as f64) < LEAST_AERATED * self.hu.len() as f64 {
            return None;
        }
        let middle = aerated.len() / 2;
        Some(*aerated.select_nth_unstable_by(middle, f32::total_cmp).1)
    }

    /// HU that all but [`HALO_GAPS`] of a ring around a mask exceed, vessels and wall left out; `None` when there
    /// is no such ring.
    fn halo_hu(&self, mask: &Array3<bool>, allowed: &Array3<bool>, threshold: f32) -> Option<f32> {
        let near = squared_distance(mask, [self.spacing_mm; 3]);
        let mut ring: Vec<f32> = self
            .hu
            .indexed_iter()
            .filter(|&(at, &hu)| {
                allowed[at] && hu < threshold && HALO_MM.contains(&f64::from(near[at].sqrt()))
            })
            .map(|(_, &hu)| hu)
            .collect();
        if ring.is_empty() {
            return None;
        }
        let gaps = (HALO_GAPS * ring.len() as f64) as usize;
        Some(*ring.select_nth_unstable_by(gaps, f32::total_cmp).1)
    }
}
