//! The rotation and translation between two sets of points.

use hilum_domain::Lps;
use nalgebra::{Matrix3, Rotation3, Vector3};

/// Rotation, then translation; LPS mm.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rigid {
    rotation: Rotation3<f64>,
    translation: Vector3<f64>,
}

/// A point and where it lies in the other CT.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair {
    pub(crate) from: Lps,
    pub(crate) to: Lps,
}

/// Rounds of leaving out what does not fit.
const ROUNDS: usize = 8;
/// Pairs farther off than so many medians are left out.
const OUTLIER: f64 = 2.5;
/// Nothing closer than this is an outlier.
const LEAST_MM: f64 = 2.0;
/// Fewer pairs do not tell a pose.
const LEAST_PAIRS: usize = 6;

impl Rigid {
    pub(crate) fn shift(by_mm: [f64; 3]) -> Self {
        Self {
            rotation: Rotation3::identity(),
            translation: Vector3::from(by_mm),
        }
    }

    pub(crate) fn apply(&self, Lps(point): Lps) -> Lps {
        Lps((self.rotation * Vector3::from(point) + self.translation).into())
    }

    /// The pose of most pairs, in the sense of least squares over those that fit (Kabsch 1976, trimmed). `None` when
    /// fewer than six pairs agree.
    pub(crate) fn fit(pairs: &[Pair]) -> Option<Self> {
        let mut fitting: Vec<Pair> = pairs.to_vec();
        let mut pose = None;
        for _ in 0..ROUNDS {
            if fitting.len() < LEAST_PAIRS {
                return None;
            }
            let fit = Self::least_squares(&fitting)?;
            let mut off: Vec<f64> = pairs
                .iter()
                .map(|pair| fit.apply(pair.from).distance_mm(pair.to))
                .collect();
            let limit = (OUTLIER * median(&mut off.clone())).max(LEAST_MM);
            fitting = pairs
                .iter()
                .zip(off.drain(..))
                .filter(|(_, off)| *off <= limit)
                .map(|(pair, _)| *pair)
                .collect();
            pose = Some(fit);
        }
        pose
    }

    fn least_squares(pairs: &[Pair]) -> Option<Self> {
        let n = pairs.len() as f64;
        let vector = |Lps(point): Lps| Vector3::from(point);
        let mean = |of: fn(&Pair) -> Lps| {
            pairs
                .iter()
                .map(|pair| vector(of(pair)))
                .fold(Vector3::zeros(), |sum, point| sum + point)
                / n
        };
        let (from, to) = (mean(|pair| pair.from), mean(|pair| pair.to));
        let covariance = pairs.iter().fold(Matrix3::zeros(), |sum, pair| {
            sum + (vector(pair.to) - to) * (vector(pair.from) - from).transpose()
        });
        let svd = covariance.svd(true, true);
        let (u, v_t) = (svd.u?, svd.v_t?);
        // No mirror: the weakest direction turns when the product would be one.
        let handed = Matrix3::from_diagonal(&Vector3::new(1.0, 1.0, (u * v_t).determinant().signum()));
        let rotation = Rotation3::from_matrix_unchecked(u * handed * v_t);
        Some(Self {
            rotation,
            translation: to - rotation * from,
        })
    }
}

pub(crate) fn median(values: &mut [f64]) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f64::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cloud() -> Vec<Lps> {
        (0..40)
            .map(|at| {
                let t = f64::from(at);
                Lps([80.0 * (t * 1.3).sin(), 60.0 * (t * 0.7).cos(), 5.0 * t])
            })
            .collect()
    }

    #[test]
    fn finds_a_pose_through_a_third_of_nonsense() {
        let truth = Rigid {
            rotation: Rotation3::from_euler_angles(0.02, -0.01, 0.05),
            translation: Vector3::new(7.0, -3.0, 12.0),
        };
        let pairs: Vec<Pair> = cloud()
            .into_iter()
            .enumerate()
            .map(|(at, from)| {
                let Lps([x, y, z]) = truth.apply(from);
                let off = if at % 3 == 0 { 15.0 + at as f64 } else { 0.0 };
                Pair {
                    from,
                    to: Lps([x + off, y, z - off]),
                }
            })
            .collect();
        let found = Rigid::fit(&pairs).unwrap();
        for point in cloud() {
            let off = found.apply(point).distance_mm(truth.apply(point));
            assert!(off < 0.01, "{off} mm");
        }
    }

    #[test]
    fn too_few_pairs_are_no_pose() {
        let pair = Pair {
            from: Lps([0.0; 3]),
            to: Lps([1.0; 3]),
        };
        assert!(Rigid::fit(&[pair; 5]).is_none());
    }
}
