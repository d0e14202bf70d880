//! Variance of one AUC and of the difference of two on the same cases.
//!
//! `DeLong`, `DeLong` and Clarke-Pearson, Biometrics 44 (1988) 837-845, in the form with midranks of Sun and Xu,
//! IEEE Signal Processing Letters 21 (2014) 1389-1393: n log n instead of all pairs.

use serde::Serialize;

use crate::StatsError;
use crate::normal::{two_sided_p, two_sided_z};
use crate::sample::{Classes, by_falling_score, check_level, check_two_classes, same_length, ties};

/// An AUC with its standard error and confidence interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AucInterval {
    /// Area under the curve.
    pub auc: f64,
    /// Standard error. 0 when the scores separate the classes; the interval then has no width, and a
    /// bootstrap says no more either.
    pub se: f64,
    /// Lower limit (Wald, cut off at 0).
    pub lo: f64,
    /// Upper limit (Wald, cut off at 1).
    pub hi: f64,
}

/// Two scores compared on the same cases.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PairedAuc {
    /// AUC of the first.
    pub auc_a: f64,
    /// AUC of the second.
    pub auc_b: f64,
    /// First minus second.
    pub difference: f64,
    /// Standard error of the difference, the pairing taken into account.
    pub se: f64,
    /// Difference in standard errors; 0 when there is no difference and no variance.
    pub z: f64,
    /// Two-sided p of "no difference".
    pub p: f64,
}

/// AUC with the `DeLong` standard error and a Wald interval of the given level (0.95 for 95 %).
pub fn auc_delong_ci(scores: &[f64], labels: &[bool], level: f64) -> Result<AucInterval, StatsError> {
    check_level(level)?;
    let placements = Placements::of(scores, labels)?;
    let se = covariance(&placements, &placements).max(0.0).sqrt();
    let half_width = two_sided_z(level) * se;
    Ok(AucInterval {
        auc: placements.auc,
        se,
        lo: (placements.auc - half_width).max(0.0),
        hi: (placements.auc + half_width).min(1.0),
    })
}

/// Compares the AUCs of two scores on the same cases.
pub fn delong_paired(a: &[f64], b: &[f64], labels: &[bool]) -> Result<PairedAuc, StatsError> {
    same_length("first scores", a.len(), "second scores", b.len())?;
    let a = Placements::of(a, labels)?;
    let b = Placements::of(b, labels)?;
    let difference = a.auc - b.auc;
    let variance = covariance(&a, &a) + covariance(&b, &b) - 2.0 * covariance(&a, &b);
    // Equal scores leave rounding noise where the variance is zero.
    let se = if variance > 1e-15 { variance.sqrt() } else { 0.0 };
    let (z, p) = if se > 0.0 {
        (difference / se, two_sided_p(difference / se))
    } else if difference == 0.0 {
        (0.0, 1.0)
    } else {
        (f64::INFINITY.copysign(difference), 0.0)
    };
    Ok(PairedAuc {
        auc_a: a.auc,
        auc_b: b.auc,
        difference,
        se,
        z,
        p,
    })
}

/// Structural components: for each positive the share of negatives below it, for each negative the share of
/// positives above it.
struct Placements {
    auc: f64,
    of_positives: Vec<f64>,
    of_negatives: Vec<f64>,
}

impl Placements {
    fn of(scores: &[f64], labels: &[bool]) -> Result<Self, StatsError> {
        let Classes { positives, negatives } = check_two_classes(scores, labels)?;
        if positives < 2 || negatives < 2 {
            return Err(StatsError::TooFewForVariance { positives, negatives });
        }
        let in_all = midranks(scores);
        let class = |wanted| -> Vec<usize> { (0..labels.len()).filter(|&i| labels[i] == wanted).collect() };
        // A case's midrank among all less its midrank in its own class: cases of the other class below it.
        let others_below = |members: &[usize]| -> Vec<f64> {
            let own: Vec<f64> = members.iter().map(|&i| scores[i]).collect();
            members
                .iter()
                .zip(midranks(&own))
                .map(|(&i, rank)| in_all[i] - rank)
                .collect()
        };
        let (m, n) = (positives as f64, negatives as f64);
        let of_positives: Vec<f64> = others_below(&class(true)).iter().map(|below| below / n).collect();
        let of_negatives = others_below(&class(false))
            .iter()
            .map(|below| 1.0 - below / m)
            .collect();
        Ok(Self {
            auc: of_positives.iter().sum::<f64>() / m,
            of_positives,
            of_negatives,
        })
    }
}

fn covariance(a: &Placements, b: &Placements) -> f64 {
    let part = |x: &[f64], y: &[f64]| {
        let pairs = x.iter().zip(y);
        let sum: f64 = pairs.map(|(x, y)| (x - a.auc) * (y - b.auc)).sum();
        sum / ((x.len() - 1) as f64 * x.len() as f64)
    };
    part(&a.of_positives, &b.of_positives) + part(&a.of_negatives, &b.of_negatives)
}

/// Rank of each value from 1, ties sharing the mean of their ranks.
fn midranks(values: &[f64]) -> Vec<f64> {
    let order = by_falling_score(values);
    let mut ranks = vec![0.0; values.len()];
    let mut above = 0;
    for tie in ties(&order, values) {
        let highest = values.len() - above;
        let lowest = highest - tie.len() + 1;
        for &case in tie {
            ranks[case] = f64::midpoint(lowest as f64, highest as f64);
        }
        above += tie.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn midranks_share_ties() {
        assert_eq!(midranks(&[3.0, 1.0, 3.0, 2.0]), [3.5, 1.0, 3.5, 2.0]);
    }
}
