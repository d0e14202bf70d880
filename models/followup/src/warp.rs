//! A smooth displacement through landmarks.
//!
//! Moving least squares (Lancaster and Salkauskas, Mathematics of Computation 37, 1981): at each point an affine
//! displacement is fitted to the landmarks around it, so that a breath, which stretches the lung evenly, is followed
//! exactly between and beyond them.

use hilum_domain::Lps;
use nalgebra::{Matrix4, Vector4};

use crate::rigid::{Pair, median};

/// Width of the neighbourhood of a point.
const SIGMA_MM: f64 = 24.0;
/// Landmarks beyond so many widths do not count.
const REACH: f64 = 3.0;
/// Holds the stretch near zero where landmarks are few; in the weight of so many landmarks.
const RIDGE: f64 = 0.5;
/// Landmarks farther off their neighbours' word than so many medians are wrong,
const OUTLIER: f64 = 3.0;
/// but not when closer than this.
const LEAST_MM: f64 = 1.5;
/// Rounds of leaving out what is wrong.
const ROUNDS: usize = 6;
/// Beyond the landmarks the error grows by so much per mm.
const ERROR_PER_MM: f64 = 0.15;
/// No registration is better than this.
const LEAST_ERROR_MM: f64 = 0.5;

/// A displacement field.
#[derive(Debug, Clone)]
pub(crate) struct Warp {
    landmarks: Vec<Landmark>,
}

#[derive(Debug, Clone, Copy)]
struct Landmark {
    at: Lps,
    displacement_mm: [f64; 3],
    /// Distance to where the other landmarks would put it.
    off_mm: f64,
}

impl Warp {
    /// From points and where they lie; those that contradict their neighbours are left out.
    pub(crate) fn new(pairs: &[Pair]) -> Self {
        let mut landmarks: Vec<Landmark> = pairs
            .iter()
            .map(|pair| Landmark {
                at: pair.from,
                displacement_mm: [0, 1, 2].map(|axis: usize| pair.to.0[axis] - pair.from.0[axis]),
                off_mm: 0.0,
            })
            .collect();
        for _ in 0..ROUNDS {
            for at in 0..landmarks.len() {
                landmarks[at].off_mm = contradiction_mm(&landmarks, at);
            }
            let kept = without_outliers(&landmarks);
            let is_settled = kept.len() == landmarks.len();
            landmarks = kept;
            if is_settled {
                break;
            }
        }
        Self { landmarks }
    }

    pub(crate) fn landmarks(&self) -> usize {
        self.landmarks.len()
    }

    pub(crate) fn apply(&self, point: Lps) -> Lps {
        let by = displacement(&self.landmarks, point, None);
        Lps([0, 1, 2].map(|axis: usize| point.0[axis] + by[axis]))
    }

    /// How far off the displacement of a point may be: what landmarks around contradict each other, and more with
    /// the distance to the nearest of them.
    pub(crate) fn error_mm(&self, point: Lps) -> f64 {
        let (mut weights, mut squares, mut nearest) = (0.0, 0.0, f64::INFINITY);
        for landmark in &self.landmarks {
            let distance = landmark.at.distance_mm(point);
            nearest = nearest.min(distance);
            let weight = weight(distance);
            weights += weight;
            squares += weight * landmark.off_mm.powi(2);
        }
        if weights == 0.0 {
            return f64::INFINITY;
        }
        (squares / weights).sqrt().max(LEAST_ERROR_MM) + ERROR_PER_MM * (nearest - SIGMA_MM).max(0.0)
    }
}

/// A wrong landmark makes its neighbours contradict it too: of those nearby only the worst goes.
fn without_outliers(landmarks: &[Landmark]) -> Vec<Landmark> {
    let mut off: Vec<f64> = landmarks.iter().map(|landmark| landmark.off_mm).collect();
    let limit = (OUTLIER * median(&mut off)).max(LEAST_MM);
    let is_worst = |own: &Landmark| {
        landmarks
            .iter()
            .filter(|other| other.at.distance_mm(own.at) < SIGMA_MM)
            .all(|other| other.off_mm <= own.off_mm)
    };
    landmarks
        .iter()
        .filter(|landmark| landmark.off_mm <= limit || !is_worst(landmark))
        .copied()
        .collect()
}

/// Distance between a landmark's displacement and what the others say it should be.
fn contradiction_mm(landmarks: &[Landmark], at: usize) -> f64 {
    let own = landmarks[at];
    let expected = displacement(landmarks, own.at, Some(at));
    Lps(own.displacement_mm).distance_mm(Lps(expected))
}

/// Displacement at a point by all landmarks but `without`.
fn displacement(landmarks: &[Landmark], point: Lps, without: Option<usize>) -> [f64; 3] {
    let mut normal = Matrix4::zeros();
    let mut right = [Vector4::zeros(); 3];
    for (at, landmark) in landmarks.iter().enumerate() {
        let weight = weight(landmark.at.distance_mm(point));
        if weight == 0.0 || without == Some(at) {
            continue;
        }
        let [x, y, z] = [0, 1, 2].map(|axis: usize| (landmark.at.0[axis] - point.0[axis]) / SIGMA_MM);
        let basis = Vector4::new(1.0, x, y, z);
        normal += weight * basis * basis.transpose();
        for (right, by) in right.iter_mut().zip(landmark.displacement_mm) {
            *right += weight * by * basis;
        }
    }
    for axis in 1..4 {
        normal[(axis, axis)] += RIDGE;
    }
    // Without landmarks around there is nothing to add to the pose.
    normal[(0, 0)] += 1e-6;
    normal
        .cholesky()
        .map_or([0.0; 3], |solver| right.map(|right| solver.solve(&right)[0]))
}

fn weight(distance_mm: f64) -> f64 {
    let widths = distance_mm / SIGMA_MM;
    if widths > REACH {
        return 0.0;
    }
    (-0.5 * widths * widths).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lattice() -> Vec<Lps> {
        let mut points = Vec::new();
        for x in 0..6 {
            for y in 0..6 {
                for z in 0..6 {
                    points.push(Lps([x, y, z].map(|at| f64::from(at) * 20.0)));
                }
            }
        }
        points
    }

    fn breath(Lps([x, y, z]): Lps) -> Lps {
        Lps([x + 0.02 * x, y - 1.0, z + 12.0 * (1.0 - z / 120.0).powi(2)])
    }

    #[test]
    fn follows_a_breath_and_ignores_a_wrong_landmark() {
        let mut pairs: Vec<Pair> = lattice()
            .into_iter()
            .map(|from| Pair {
                from,
                to: breath(from),
            })
            .collect();
        pairs[100].to = Lps([500.0, 0.0, 0.0]);
        let warp = Warp::new(&pairs);
        assert!(warp.landmarks() >= pairs.len() - 12, "{}", warp.landmarks());
        for point in [Lps([33.0, 47.0, 55.0]), Lps([70.0, 21.0, 25.0])] {
            let off = warp.apply(point).distance_mm(breath(point));
            assert!(off < 0.5, "{off} mm at {point:?}");
            assert!(
                off <= warp.error_mm(point) + 0.2,
                "{off} > {}",
                warp.error_mm(point)
            );
        }
    }

    #[test]
    fn far_from_landmarks_the_error_grows() {
        let pairs: Vec<Pair> = lattice()
            .into_iter()
            .map(|from| Pair { from, to: from })
            .collect();
        let warp = Warp::new(&pairs);
        let [near, far] = [60.0, 160.0].map(|x| warp.error_mm(Lps([x, 50.0, 50.0])));
        assert!(far > near + 1.0, "{near} {far}");
        assert!(warp.error_mm(Lps([900.0; 3])).is_infinite());
        assert!(Warp::new(&[]).apply(Lps([1.0; 3])).distance_mm(Lps([1.0; 3])) < 1e-12);
    }
}
