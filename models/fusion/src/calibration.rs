//! From a logit to a probability that means what it says.

use hilum_validation::recalibration;
use serde::{Deserialize, Serialize};

use crate::FusionError;

/// Platt's sigmoid: `p = 1 / (1 + exp(-(slope * logit + intercept)))`. With intercept 0 it is a temperature.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Platt {
    /// Above 1 the network was too timid, below 1 too sure.
    pub slope: f64,
    /// Shift of the logit.
    pub intercept: f64,
}

impl Platt {
    /// Fits slope and intercept by logistic regression on cases that the network did not learn from.
    pub fn fit(logits: &[f64], labels: &[bool]) -> Result<Self, FusionError> {
        // Further out a sigmoid rounds to 0 or 1, which have no logit to regress on.
        let probabilities: Vec<f64> = logits.iter().map(|z| sigmoid(z.clamp(-30.0, 30.0))).collect();
        let fitted = recalibration(&probabilities, labels, 0.95)?;
        Ok(Self {
            slope: fitted.slope,
            intercept: fitted.intercept,
        })
    }

    /// The probability of a logit.
    pub fn probability(&self, logit: f64) -> f64 {
        sigmoid(self.slope * logit + self.intercept)
    }
}

/// The logistic function.
pub(crate) fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Labels drawn at `sigmoid(2 z - 1)` by a fixed low-discrepancy sequence: the fit finds 2 and -1.
    #[test]
    fn finds_slope_and_intercept() {
        let n = 4000;
        let logits: Vec<f64> = (0..n).map(|i| f64::from(i) / f64::from(n) * 6.0 - 3.0).collect();
        let labels: Vec<bool> = logits
            .iter()
            .enumerate()
            .map(|(i, z)| (i as f64 * 0.618_033_988_749_895).fract() < sigmoid(2.0 * z - 1.0))
            .collect();
        let platt = Platt::fit(&logits, &labels).unwrap();
        assert!((platt.slope - 2.0).abs() < 0.05, "{platt:?}");
        assert!((platt.intercept + 1.0).abs() < 0.05, "{platt:?}");
        assert!((platt.probability(0.5) - 0.5).abs() < 0.02);
    }

    #[test]
    fn one_class_is_refused() {
        assert!(matches!(
            Platt::fit(&[0.1, 0.2], &[true, true]),
            Err(FusionError::Stats(_))
        ));
    }
}
