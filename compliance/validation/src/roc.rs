//! The receiver operating characteristic.

use crate::StatsError;
use crate::sample::{by_falling_score, check_two_classes, ties};

/// Area under the ROC curve: the probability that a positive scores above a negative, ties counting half
/// (Hanley and `McNeil` 1982).
pub fn roc_auc(scores: &[f64], labels: &[bool]) -> Result<f64, StatsError> {
    check_two_classes(scores, labels)?;
    let order = by_falling_score(scores);
    Ok(weighted_auc(&order, scores, labels, |_| 1.0).unwrap_or(f64::NAN))
}

/// AUC where case `i` counts `weight(i)` times; `None` when one class has no weight.
pub(crate) fn weighted_auc(
    falling: &[usize],
    scores: &[f64],
    labels: &[bool],
    weight: impl Fn(usize) -> f64,
) -> Option<f64> {
    let (mut above, mut negatives, mut pairs) = (0.0, 0.0, 0.0);
    for tie in ties(falling, scores) {
        let (mut tie_positives, mut tie_negatives) = (0.0, 0.0);
        for &case in tie {
            *if labels[case] {
                &mut tie_positives
            } else {
                &mut tie_negatives
            } += weight(case);
        }
        pairs += tie_negatives * (above + 0.5 * tie_positives);
        above += tie_positives;
        negatives += tie_negatives;
    }
    (above > 0.0 && negatives > 0.0).then(|| pairs / (above * negatives))
}

/// One corner of a ROC curve.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct RocPoint {
    /// Cases that score at least this are called positive.
    pub threshold: f64,
    /// Share of positives called positive.
    pub sensitivity: f64,
    /// Share of negatives called positive: 1 - specificity.
    pub false_positive_rate: f64,
}

/// The ROC curve, one point per distinct score by falling threshold. The corner (0, 0), which no threshold
/// of a score reaches, is left to whoever draws.
pub fn roc_curve(scores: &[f64], labels: &[bool]) -> Result<Vec<RocPoint>, StatsError> {
    let classes = check_two_classes(scores, labels)?;
    let order = by_falling_score(scores);
    let (mut true_positives, mut called) = (0, 0);
    let points = ties(&order, scores).map(|tie| {
        called += tie.len();
        true_positives += tie.iter().filter(|&&case| labels[case]).count();
        RocPoint {
            threshold: scores[tie[0]],
            sensitivity: true_positives as f64 / classes.positives as f64,
            false_positive_rate: (called - true_positives) as f64 / classes.negatives as f64,
        }
    });
    Ok(points.collect())
}

/// Average precision: precision at each distinct score, weighted by the recall it adds (no interpolation).
pub fn average_precision(scores: &[f64], labels: &[bool]) -> Result<f64, StatsError> {
    let classes = check_two_classes(scores, labels)?;
    let order = by_falling_score(scores);
    let (mut true_positives, mut called, mut sum) = (0, 0, 0.0);
    for tie in ties(&order, scores) {
        let found = tie.iter().filter(|&&case| labels[case]).count();
        called += tie.len();
        true_positives += found;
        sum += found as f64 * true_positives as f64 / called as f64;
    }
    Ok(sum / classes.positives as f64)
}
