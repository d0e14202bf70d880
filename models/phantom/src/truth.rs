//! What is known about a phantom.

use hilum_domain::{Lobe, Lps, NoduleType, Uid};
use serde::Serialize;

use crate::body::Body;
use crate::nodule::Attachment;
use crate::space::Space;
use crate::vector::along;

/// Everything that is known about a phantom.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PhantomTruth {
    /// Seed it was made from.
    pub seed: u64,
    /// Study Instance UID.
    pub study_instance_uid: Uid,
    /// Series Instance UID.
    pub series_instance_uid: Uid,
    /// Study Date, YYYYMMDD.
    pub study_date: String,
    /// Days since the prior CT; `None` for a first one.
    pub interval_days: Option<u32>,
    /// The nodules.
    pub nodules: Vec<NoduleTruth>,
    /// Identities of nodules of the prior CT that are gone.
    pub vanished: Vec<usize>,
}

/// A nodule as it is, computed from its analytic body and not from voxels. Spikes do not count as body, neither for
/// volume nor for diameters; what pleura or a fissure cut off does not count either.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct NoduleTruth {
    /// The same for the same nodule in every CT of the phantom.
    pub identity: usize,
    /// Centre of mass in LPS mm.
    pub center_lps_mm: Lps,
    /// Diameter in millimetres that was asked for: that of the ball of the same volume, uncut.
    pub diameter_mm: f64,
    /// Largest diameter on the axial slice with the largest mean diameter.
    pub long_axis_mm: f64,
    /// Largest diameter perpendicular to it on that slice.
    pub short_axis_mm: f64,
    /// Mean of both.
    pub mean_diameter_mm: f64,
    /// z of that slice, LPS mm.
    pub axis_z_mm: f64,
    /// Volume in mm3.
    pub volume_mm3: f64,
    /// Volume of the solid core of a part-solid nodule in mm3.
    pub solid_volume_mm3: Option<f64>,
    /// Volume of the spikes in mm3.
    pub spicule_volume_mm3: f64,
    /// What it is made of.
    pub kind: NoduleType,
    /// What it touches.
    pub attachment: Attachment,
    /// 0 to 1.
    pub spiculation: f64,
    /// 0 to 1.
    pub lobulation: f64,
    /// The lobe that holds its centre; `None` outside the lungs.
    pub lobe: Option<Lobe>,
    /// Volume relative to the prior CT; `None` without a prior, or when the nodule is new.
    pub growth: Option<f64>,
}

impl NoduleTruth {
    pub(crate) fn of(body: &Body, space: &Space) -> Self {
        let (volume_mm3, centre) = body.volume_and_centre(space, 1.0);
        let axes = Axes::of(body, space);
        Self {
            identity: body.identity,
            center_lps_mm: Lps(centre),
            diameter_mm: body.nodule.diameter_mm,
            long_axis_mm: axes.long,
            short_axis_mm: axes.short,
            mean_diameter_mm: axes.mean_mm(),
            axis_z_mm: axes.slice_z,
            volume_mm3,
            solid_volume_mm3: body.core_volume_mm3(space),
            spicule_volume_mm3: body.spike_volume_mm3(),
            kind: body.nodule.kind,
            attachment: body.nodule.attachment,
            spiculation: body.nodule.spiculation,
            lobulation: body.nodule.lobulation,
            lobe: space.lobe_at(body.centre()),
            growth: body.growth,
        }
    }
}

/// Diameters in mm on one axial slice.
#[derive(Debug, Clone, Copy)]
struct Axes {
    long: f64,
    short: f64,
    slice_z: f64,
}

impl Axes {
    fn mean_mm(self) -> f64 {
        f64::midpoint(self.long, self.short)
    }

    /// Axes on the best slice.
    fn of(body: &Body, space: &Space) -> Self {
        /// Slices that are looked at over the height of the body.
        const SLICES: usize = 64;
        let nodule = &body.nodule;
        let [_, _, z] = body.centre();
        if nodule.lobulation == 0.0 && body.confined_to.is_none() {
            return Self {
                long: nodule.diameter_mm,
                short: nodule.diameter_mm,
                slice_z: z,
            };
        }
        let reach = body.reach_mm();
        let step = 2.0 * reach / SLICES as f64;
        (0..=SLICES)
            .map(|at| {
                Self::on_slice(
                    &contour(body, space, z - reach + at as f64 * step, reach),
                    z - reach + at as f64 * step,
                )
            })
            .max_by(|a, b| a.mean_mm().total_cmp(&b.mean_mm()))
            .unwrap_or(Self {
                long: 0.0,
                short: 0.0,
                slice_z: z,
            })
    }

    fn on_slice(contour: &[[f64; 2]], slice_z: f64) -> Self {
        let mut long: ([f64; 2], f64) = ([1.0, 0.0], 0.0);
        for (at, a) in contour.iter().enumerate() {
            for b in &contour[at + 1..] {
                let length = (a[0] - b[0]).hypot(a[1] - b[1]);
                if length > long.1 {
                    long = ([(b[0] - a[0]) / length, (b[1] - a[1]) / length], length);
                }
            }
        }
        let (direction, long) = long;
        Self {
            long,
            short: widest_across(contour, direction),
            slice_z,
        }
    }
}

/// Points of the body's outline on the slice at `z`, around the body's axis; empty where the axis is outside.
fn contour(body: &Body, space: &Space, z: f64, reach: f64) -> Vec<[f64; 2]> {
    const POINTS: usize = 180;
    const STEP_MM: f64 = 0.5;
    let [x, y, _] = body.centre();
    let axis = [x, y, z];
    if !body.holds(space, axis) {
        return Vec::new();
    }
    (0..POINTS)
        .map(|at| {
            let turn = std::f64::consts::TAU * at as f64 / POINTS as f64;
            let direction = [turn.cos(), turn.sin(), 0.0];
            let inside = |distance: f64| body.holds(space, along(axis, direction, distance));
            let mut low = 0.0;
            while low < reach && inside(low + STEP_MM) {
                low += STEP_MM;
            }
            let mut high = low + STEP_MM;
            for _ in 0..16 {
                let middle = f64::midpoint(low, high);
                if inside(middle) {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            [x + direction[0] * low, y + direction[1] * low]
        })
        .collect()
}

/// The longest chord of a contour perpendicular to a direction, between its outermost crossings.
fn widest_across(contour: &[[f64; 2]], [u, v]: [f64; 2]) -> f64 {
    let turned: Vec<[f64; 2]> = contour
        .iter()
        .map(|[x, y]| [x * u + y * v, y * u - x * v])
        .collect();
    turned
        .iter()
        .map(|&[position, _]| {
            let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
            for (a, b) in turned.iter().zip(turned.iter().cycle().skip(1)) {
                let (from, to) = (a[0] - position, b[0] - position);
                if from * to > 0.0 || (from - to).abs() < 1e-12 {
                    continue;
                }
                let height = a[1] + (b[1] - a[1]) * from / (from - to);
                low = low.min(height);
                high = high.max(height);
            }
            (high - low).max(0.0)
        })
        .fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_of_a_rectangle() {
        // Corner (0,0) to (4,3): the diagonal is 5; across it through a corner the chord is 3.75.
        let mut contour = Vec::new();
        for step in 0..40 {
            contour.push([0.1 * f64::from(step), 0.0]);
        }
        for step in 0..30 {
            contour.push([4.0, 0.1 * f64::from(step)]);
        }
        for step in 0..40 {
            contour.push([4.0 - 0.1 * f64::from(step), 3.0]);
        }
        for step in 0..30 {
            contour.push([0.0, 3.0 - 0.1 * f64::from(step)]);
        }
        let axes = Axes::on_slice(&contour, 7.0);
        assert!((axes.long - 5.0).abs() < 1e-9, "{axes:?}");
        assert!((axes.short - 3.75).abs() < 1e-9, "{axes:?}");
    }

    #[test]
    fn nothing_has_no_axes() {
        let axes = Axes::on_slice(&[], 0.0);
        assert!(axes.long == 0.0 && axes.short == 0.0);
    }
}
