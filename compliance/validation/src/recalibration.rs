//! Cox's logistic recalibration: intercept and slope of the outcome on the logit of the prediction.

use serde::Serialize;

use crate::StatsError;
use crate::normal::two_sided_z;
use crate::sample::{check_level, check_probabilities, check_two_classes};

/// What a logistic regression of the outcome on the logit of the prediction finds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Recalibration {
    /// 1 is well spread; below 1 the predictions are too extreme, above 1 too timid.
    pub slope: f64,
    /// Lower limit of the slope (Wald).
    pub slope_lo: f64,
    /// Upper limit of the slope (Wald).
    pub slope_hi: f64,
    /// Intercept beside that slope.
    pub intercept: f64,
    /// Intercept with the slope held at 1: below 0 the predictions are too high on the whole.
    pub in_the_large: f64,
    /// Positives by the sum of predictions.
    pub observed_by_expected: f64,
}

/// Fits both regressions by Newton's method.
///
/// Predictions of exactly 0 or 1 have no logit and are refused as [`StatsError::NotAProbability`].
pub fn recalibration(
    probabilities: &[f64],
    labels: &[bool],
    level: f64,
) -> Result<Recalibration, StatsError> {
    check_level(level)?;
    check_probabilities(probabilities, labels)?;
    let classes = check_two_classes(probabilities, labels)?;
    if let Some(index) = probabilities.iter().position(|&p| p <= 0.0 || p >= 1.0) {
        return Err(StatsError::NotAProbability {
            index,
            value: probabilities[index],
        });
    }
    let logits: Vec<f64> = probabilities.iter().map(|p| (p / (1.0 - p)).ln()).collect();
    if is_separated(&logits, labels) {
        return Err(StatsError::NotConverged);
    }
    let full = fit(&logits, labels, false)?;
    let half_width = two_sided_z(level) * full.slope_variance.sqrt();
    Ok(Recalibration {
        slope: full.slope,
        slope_lo: full.slope - half_width,
        slope_hi: full.slope + half_width,
        intercept: full.intercept,
        in_the_large: fit(&logits, labels, true)?.intercept,
        observed_by_expected: classes.positives as f64 / probabilities.iter().sum::<f64>(),
    })
}

/// Whether some cut has all positives on one side and all negatives on the other (or on it): the slope then
/// grows without end. Scores that do not vary are a case of it.
fn is_separated(logits: &[f64], labels: &[bool]) -> bool {
    let range = |wanted: bool| {
        let of_class = logits.iter().zip(labels).filter(|&(_, &label)| label == wanted);
        of_class.fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), (&x, _)| {
            (lo.min(x), hi.max(x))
        })
    };
    let ((positive_lo, positive_hi), (negative_lo, negative_hi)) = (range(true), range(false));
    negative_hi <= positive_lo || positive_hi <= negative_lo
}

struct Fit {
    intercept: f64,
    slope: f64,
    slope_variance: f64,
}

fn fit(logits: &[f64], labels: &[bool], fixed_slope: bool) -> Result<Fit, StatsError> {
    let (mut intercept, mut slope) = (0.0, 1.0);
    for _ in 0..100 {
        // Gradient of the log-likelihood and its information matrix [[h00, h01], [h01, h11]].
        let (mut g0, mut g1, mut h00, mut h01, mut h11) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (x, &label) in logits.iter().zip(labels) {
            let p = 1.0 / (1.0 + (-(intercept + slope * x)).exp());
            let (residual, weight) = (f64::from(label) - p, p * (1.0 - p));
            g0 += residual;
            g1 += residual * x;
            h00 += weight;
            h01 += weight * x;
            h11 += weight * x * x;
        }
        let determinant = h00 * h11 - h01 * h01;
        let (d0, d1) = if fixed_slope {
            (g0 / h00, 0.0)
        } else {
            (
                (h11 * g0 - h01 * g1) / determinant,
                (h00 * g1 - h01 * g0) / determinant,
            )
        };
        intercept += d0;
        slope += d1;
        if d0.abs() < 1e-12 && d1.abs() < 1e-12 {
            return Ok(Fit {
                intercept,
                slope,
                slope_variance: h00 / determinant,
            });
        }
    }
    Err(StatsError::NotConverged)
}
