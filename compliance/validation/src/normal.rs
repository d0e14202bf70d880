//! The standard normal distribution.

use statrs::distribution::{ContinuousCDF, Normal};

/// The z beyond which a two-sided interval of this level leaves its tails: 1.96 for 0.95.
pub(crate) fn two_sided_z(level: f64) -> f64 {
    Normal::standard().inverse_cdf(f64::midpoint(1.0, level))
}

/// Probability of a deviation at least as large as `z` in either direction.
pub(crate) fn two_sided_p(z: f64) -> f64 {
    2.0 * Normal::standard().cdf(-z.abs())
}
