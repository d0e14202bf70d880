//! Registration of a prior CT to the current one.
//!
//! Lungs' boxes, then block matching at 6 mm and a rigid pose, then block matching at 3 mm and a smooth displacement.

use hilum_domain::Lps;
use hilum_nodule::LungMask;
use hilum_volume::Volume;

use crate::blocks::{Search, match_points};
use crate::coarse::Coarse;
use crate::rigid::{Pair, Rigid};
use crate::warp::Warp;

/// Cubes of 42 mm, offsets up to 30 mm.
const POSE: Search = Search {
    step_mm: 6.0,
    cube: 3,
    reach: 5,
    least_correlation: 0.6,
};
/// Cubes of 27 mm, offsets up to 15 mm: what a breath moves against the pose.
const BREATH: Search = Search {
    step_mm: 3.0,
    cube: 4,
    reach: 5,
    least_correlation: 0.65,
};
/// Distance of lattice points in the lungs.
const POSE_LATTICE_MM: f64 = 30.0;
const BREATH_LATTICE_MM: f64 = 18.0;
/// Fewer recognised places are no registration.
const LEAST_LANDMARKS: usize = 20;
/// Rounds that invert the displacement; each takes most of the remaining error away.
const INVERSION_ROUNDS: usize = 20;

/// Maps points between a current CT and its prior.
#[derive(Debug, Clone)]
pub struct Registration {
    pose: Rigid,
    warp: Warp,
}

/// Why two CTs cannot be registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RegistrationError {
    /// A lung mask without a voxel.
    #[error("a CT shows no lungs to register")]
    NoLungs,
    /// Too little of one CT was recognised in the other.
    #[error("{found} places of the lungs were recognised in the prior CT, {needed} are needed")]
    NotRecognised {
        /// How many.
        found: usize,
        /// At least so many.
        needed: usize,
    },
}

/// Registers the lungs of two CTs of one patient.
///
/// # Errors
/// [`RegistrationError::NotRecognised`] when too few places of one are found in the other: another patient, other
/// anatomy, or too little overlap.
pub fn register(
    current: (&Volume, &LungMask),
    prior: (&Volume, &LungMask),
) -> Result<Registration, RegistrationError> {
    let boxes = [current, prior].map(|(volume, lungs)| lung_box(volume, lungs));
    let [Some(current_box), Some(prior_box)] = boxes else {
        return Err(RegistrationError::NoLungs);
    };
    let shift = Rigid::shift(current_box.shift_to(&prior_box));

    let coarse = [current.0, prior.0].map(|volume| Coarse::new(volume, POSE.step_mm));
    let points = lattice(current.0, current.1, &current_box, POSE_LATTICE_MM);
    let pairs = match_points(&coarse[0], &coarse[1], &points, |point| shift.apply(point), POSE);
    let pose = Rigid::fit(&pairs).ok_or(RegistrationError::NotRecognised {
        found: pairs.len(),
        needed: LEAST_LANDMARKS,
    })?;

    let fine = [current.0, prior.0].map(|volume| Coarse::new(volume, BREATH.step_mm));
    let points = lattice(current.0, current.1, &current_box, BREATH_LATTICE_MM);
    let pairs = match_points(&fine[0], &fine[1], &points, |point| pose.apply(point), BREATH);
    // The displacement is what is left after the pose.
    let posed: Vec<Pair> = pairs
        .iter()
        .map(|pair| Pair {
            from: pose.apply(pair.from),
            to: pair.to,
        })
        .collect();
    let warp = Warp::new(&posed);
    if warp.landmarks() < LEAST_LANDMARKS {
        return Err(RegistrationError::NotRecognised {
            found: warp.landmarks(),
            needed: LEAST_LANDMARKS,
        });
    }
    Ok(Registration { pose, warp })
}

impl Registration {
    /// Where in the prior CT lies what the current one shows at a point.
    pub fn to_prior(&self, point: Lps) -> Lps {
        self.warp.apply(self.pose.apply(point))
    }

    /// Where in the current CT lies what the prior one showed at a point.
    pub fn to_current(&self, point: Lps) -> Lps {
        let mut guess = point;
        for _ in 0..INVERSION_ROUNDS {
            let Lps(reached) = self.to_prior(guess);
            guess = Lps([0, 1, 2].map(|axis: usize| guess.0[axis] + point.0[axis] - reached[axis]));
        }
        guess
    }

    /// How far off [`Self::to_prior`] of a point may be (one standard deviation), mm; infinite where nothing near was
    /// recognised.
    pub fn error_mm(&self, point: Lps) -> f64 {
        self.warp.error_mm(self.pose.apply(point))
    }

    /// Places that were recognised in both CTs.
    pub fn landmarks(&self) -> usize {
        self.warp.landmarks()
    }
}

/// Lowest and highest corner of the lungs, LPS mm.
struct LungBox {
    low: [f64; 3],
    high: [f64; 3],
}

impl LungBox {
    /// The shift that lays the apices and the middles of two pairs of lungs on each other: the diaphragm moves most.
    fn shift_to(&self, other: &Self) -> [f64; 3] {
        let middle = |of: &Self, axis: usize| f64::midpoint(of.low[axis], of.high[axis]);
        [
            middle(other, 0) - middle(self, 0),
            middle(other, 1) - middle(self, 1),
            other.high[2] - self.high[2],
        ]
    }
}

fn lung_box(volume: &Volume, lungs: &LungMask) -> Option<LungBox> {
    let mut found: Option<LungBox> = None;
    for ((k, j, i), _) in lungs.closed().indexed_iter().filter(|(_, inside)| **inside) {
        let Lps(point) = volume
            .affine()
            .to_lps(lungs.to_voxel([i, j, k].map(|at| at as f64)));
        let found = found.get_or_insert(LungBox {
            low: point,
            high: point,
        });
        found.low = [0, 1, 2].map(|axis: usize| found.low[axis].min(point[axis]));
        found.high = [0, 1, 2].map(|axis: usize| found.high[axis].max(point[axis]));
    }
    found
}

/// Points of a lattice that lie in the lungs.
fn lattice(volume: &Volume, lungs: &LungMask, bounds: &LungBox, step_mm: f64) -> Vec<Lps> {
    let steps: [usize; 3] =
        [0, 1, 2].map(|axis: usize| ((bounds.high[axis] - bounds.low[axis]) / step_mm).ceil() as usize);
    let mut points = Vec::new();
    for z in 0..=steps[2] {
        for y in 0..=steps[1] {
            for x in 0..=steps[0] {
                let at = [x, y, z];
                let point = Lps([0, 1, 2].map(|axis: usize| bounds.low[axis] + at[axis] as f64 * step_mm));
                if lungs.contains(volume, point) {
                    points.push(point);
                }
            }
        }
    }
    points
}
