//! Growth by difference: how much more tissue one region holds in one CT than in the other.
//!
//! Two outlines err apart, and their errors do not cancel. So the volume of one time point comes from an outline, and
//! the change from the difference of both CTs over one region that holds both outlines and their blur. The CTs are laid
//! on each other there by what surrounds the nodule: vessels, pleura and chest wall are in both and cancel, and at the
//! rim of the region there is nothing left to err about.
//!
//! HU become shares of tissue, 0 for the lung around and 1 for the core of the nodule, lung being that of each CT: it
//! is denser in a shallower breath.

use hilum_domain::Lps;
use hilum_volume::Volume;

use crate::grid::{Grid, Sampler};
use crate::nodule::Nodule;

/// Distance of samples.
const STEP_MM: f64 = 0.7;
/// The region reaches so far beyond the outlines, and half a voxel more: beyond the blur of a scanner.
const MARGIN_MM: f64 = 2.0;
/// What the CTs are laid on each other by reaches from the region to so far beyond it.
const AROUND_MM: f64 = 7.0;
/// Larger nodules are not compared in this way: the lattice would not fit into a minute.
const LARGEST_MM: f64 = 60.0;
/// How far the centres of two outlines of one nodule are expected to lie apart (one standard deviation),
const OUTLINES_APART_MM: f64 = 0.5;
/// and how far, at most, the surroundings may move them.
const FARTHEST_MM: f64 = 4.0;
/// Rounds of laying on each other.
const ROUNDS: usize = 12;
/// Noise of a sample in HU, for how much the surroundings say against the outlines.
const NOISE_HU: f64 = 40.0;
/// Where the surroundings differ by more than this share of tissue, they are not the same place.
const MOST_RESIDUAL: f64 = 0.35;
/// Bone and metal say no more than soft tissue.
const CEILING_HU: f32 = 150.0;
const FLOOR_HU: f32 = -1000.0;
/// Denser samples beside the outline are other tissue, not its blur.
const BLUR_BELOW: f32 = 0.5;
/// Blur reaches so far out of an outline,
const BLUR_MM: f64 = 2.5;
/// and this near to it all is blur, however dense, unless other tissue is near: outlines lie within the
/// rim rather than without.
const RIM_MM: f64 = 0.8;
/// Denser samples apart from the outline are vessel or wall, and what is near to them may be too.
const OTHER_ABOVE: f32 = 0.7;
/// Where the CTs are laid on each other by begins so far from the outlines.
const CLEAR_MM: f64 = 1.5;
/// Aerated points are darker; fewer of them are no lung.
const AERATED_BELOW_HU: f32 = -600.0;
const LEAST_AERATED: usize = 200;
/// Less contrast than this tells nothing.
const LEAST_CONTRAST_HU: f32 = 60.0;

/// Tissue of a nodule now over then; `None` where the CTs cannot be laid on each other there, or there is no contrast.
pub(crate) fn ratio(now: (&Nodule, &Volume), then: (&Nodule, &Volume)) -> Option<f64> {
    let diameter_mm = now.0.long_axis_mm.max(then.0.long_axis_mm);
    if diameter_mm > LARGEST_MM {
        return None;
    }
    let samplers = [Sampler::new(now.1), Sampler::new(then.1)];
    let voxel_mm = [now.1, then.1]
        .iter()
        .flat_map(|volume| volume.spacing_mm())
        .fold(0.0, f64::max);
    let margin_mm = MARGIN_MM + 0.5 * voxel_mm;
    let grid = Grid::new(diameter_mm / 2.0 + FARTHEST_MM + margin_mm + AROUND_MM, STEP_MM);
    let pair = Pair {
        grid,
        samplers,
        now,
        then,
        margin_mm,
    };
    let offset = pair.settle()?;
    pair.ratio(offset)
}

struct Pair<'a> {
    grid: Grid,
    samplers: [Sampler<'a>; 2],
    now: (&'a Nodule, &'a Volume),
    then: (&'a Nodule, &'a Volume),
    margin_mm: f64,
}

impl Pair<'_> {
    /// Where the prior CT lies under the current one, as an offset of the prior outline's centre: what the
    /// surroundings say against what the centres of the outlines say, each by its weight (Lucas and Kanade 1981 with a
    /// prior).
    fn settle(&self) -> Option<[f64; 3]> {
        let now = self.sample(0, self.now.0.center)?;
        let ring = self.ring([0.0; 3]);
        let mut offset = [0.0; 3];
        let weight = NOISE_HU.powi(2) / OUTLINES_APART_MM.powi(2);
        for _ in 0..ROUNDS {
            let then = self.sample(1, shifted(self.then.0.center, offset))?;
            let brighter = mean(ring.iter().map(|&at| now[at] - then[at]));
            let (mut normal, mut right) = (nalgebra::Matrix3::zeros(), nalgebra::Vector3::zeros());
            for &at in &ring {
                let slope = nalgebra::Vector3::from(self.grid.slope(&then, at));
                let residual = f64::from(now[at] - then[at]) - brighter;
                normal += slope * slope.transpose();
                right += slope * residual;
            }
            // Samples closer than the blur of a scanner are not independent.
            let independent = STEP_MM.powi(3);
            normal *= independent;
            right *= independent;
            for axis in 0..3 {
                normal[(axis, axis)] += weight;
                right[axis] -= weight * offset[axis];
            }
            let step = normal.cholesky()?.solve(&right);
            for axis in 0..3 {
                offset[axis] += step[axis];
            }
            if step.norm() < 0.01 {
                break;
            }
        }
        let moved = offset.iter().map(|by| by * by).sum::<f64>().sqrt();
        (moved <= FARTHEST_MM).then_some(offset)
    }

    fn ratio(&self, offset: [f64; 3]) -> Option<f64> {
        let hu = [
            self.sample(0, self.now.0.center)?,
            self.sample(1, shifted(self.then.0.center, offset))?,
        ];
        let [outline_now, outline_then] = self.outlines(offset);
        let union: Vec<bool> = outline_now
            .iter()
            .zip(&outline_then)
            .map(|(a, b)| *a || *b)
            .collect();
        let region = self.grid.dilated(&union, self.margin_mm);
        let ring = self.ring(offset);
        let lung = [lung_hu(&hu[0], &region)?, lung_hu(&hu[1], &region)?];
        // One tissue for both, so that its value does not matter to the ratio.
        let mut core: Vec<f32> = [(&hu[0], &outline_now), (&hu[1], &outline_then)]
            .into_iter()
            .flat_map(|(hu, outline)| {
                hu.iter()
                    .zip(outline)
                    .filter(|(_, inside)| **inside)
                    .map(|(hu, _)| *hu)
            })
            .collect();
        let core = upper_quarter(&mut core)?;
        if lung.iter().any(|lung| core - lung < LEAST_CONTRAST_HU) {
            return None;
        }
        let share = |of: usize, at: usize| (hu[of][at] - lung[of]) / (core - lung[of]);
        let residual = mean(ring.iter().map(|&at| (share(0, at) - share(1, at)).powi(2))).sqrt();
        if residual > MOST_RESIDUAL {
            return None;
        }
        let more: f64 = region
            .iter()
            .enumerate()
            .filter(|(_, inside)| **inside)
            .map(|(at, _)| f64::from(share(0, at) - share(1, at)))
            .sum();
        let tissue = |of: usize, outline: &[bool]| -> f64 {
            let blur = self.grid.dilated(outline, BLUR_MM);
            let rim = self.grid.dilated(outline, RIM_MM);
            let beside = self.grid.dilated(outline, CLEAR_MM);
            let other: Vec<bool> = (0..outline.len())
                .map(|at| !beside[at] && share(of, at) > OTHER_ABOVE)
                .collect();
            let other = self.grid.dilated(&other, CLEAR_MM);
            (0..outline.len())
                .filter(|&at| {
                    let is_faint = blur[at] && share(of, at) < BLUR_BELOW;
                    outline[at] || is_faint || (rim[at] && !other[at])
                })
                .map(|at| f64::from(share(of, at)))
                .sum()
        };
        let [now, then] = [tissue(0, &outline_now), tissue(1, &outline_then)];
        if then + more <= 0.0 || now - more <= 0.0 || now <= 0.0 || then <= 0.0 {
            return None;
        }
        // From either outline; their errors go into the mean by half, and into the change by its size only.
        let (from_then, from_now) = ((then + more) / then, now / (now - more));
        Some((from_then * from_now).sqrt())
    }

    /// HU on the grid around a point, clipped to what lungs are made of; `None` when part of it lies outside.
    fn sample(&self, of: usize, centre: Lps) -> Option<Vec<f32>> {
        self.grid
            .points()
            .map(|offset| {
                let hu = self.samplers[of].at(shifted(centre, offset))?;
                Some(hu.clamp(FLOOR_HU, CEILING_HU))
            })
            .collect()
    }

    /// Grid points within each outline.
    fn outlines(&self, offset: [f64; 3]) -> [Vec<bool>; 2] {
        let inside = |(nodule, volume): (&Nodule, &Volume), centre: Lps| {
            self.grid
                .points()
                .map(|offset| nodule.holds(volume, shifted(centre, offset)))
                .collect()
        };
        [
            inside(self.now, self.now.0.center),
            inside(self.then, shifted(self.then.0.center, offset)),
        ]
    }

    /// What surrounds both outlines and their blur.
    fn ring(&self, offset: [f64; 3]) -> Vec<usize> {
        let [now, then] = self.outlines(offset);
        let union: Vec<bool> = now.into_iter().zip(then).map(|(a, b)| a || b).collect();
        let inner = self.grid.dilated(&union, CLEAR_MM);
        let outer = self.grid.dilated(&union, self.margin_mm + AROUND_MM);
        (0..union.len())
            .filter(|&at| outer[at] && !inner[at] && self.grid.is_inner(at))
            .collect()
    }
}

fn shifted(Lps(point): Lps, by: [f64; 3]) -> Lps {
    Lps([0, 1, 2].map(|axis: usize| point[axis] + by[axis]))
}

fn mean(values: impl Iterator<Item = f32>) -> f64 {
    let (sum, n) = values.fold((0.0, 0.0), |(sum, n), value| (sum + f64::from(value), n + 1.0));
    if n == 0.0 { 0.0 } else { sum / n }
}

/// Median HU of the aerated points outside the region.
fn lung_hu(hu: &[f32], region: &[bool]) -> Option<f32> {
    let mut aerated: Vec<f32> = hu
        .iter()
        .zip(region)
        .filter(|(hu, inside)| !**inside && **hu < AERATED_BELOW_HU)
        .map(|(hu, _)| *hu)
        .collect();
    let middle = aerated.len() / 2;
    (aerated.len() > LEAST_AERATED).then(|| *aerated.select_nth_unstable_by(middle, f32::total_cmp).1)
}

/// HU that a quarter of the samples exceed: the core of a nodule, whose rim is blurred.
fn upper_quarter(hu: &mut [f32]) -> Option<f32> {
    let at = hu.len() * 3 / 4;
    (at < hu.len()).then(|| *hu.select_nth_unstable_by(at, f32::total_cmp).1)
}
