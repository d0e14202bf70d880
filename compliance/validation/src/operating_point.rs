//! What a threshold does.

use serde::Serialize;

use crate::sample::{by_falling_score, check_two_classes};
use crate::{Proportion, StatsError, wilson};

/// Counts and rates at a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct OperatingPoint {
    /// Cases that score at least this are called positive.
    pub threshold: f64,
    /// Positives called positive.
    pub true_positives: usize,
    /// Positives called negative.
    pub false_negatives: usize,
    /// Negatives called positive.
    pub false_positives: usize,
    /// Negatives called negative.
    pub true_negatives: usize,
    /// Share of positives called positive.
    pub sensitivity: Proportion,
    /// Share of negatives called negative.
    pub specificity: Proportion,
}

/// Sensitivity and specificity when `score >= threshold` is called positive, with Wilson intervals.
pub fn sensitivity_specificity(
    scores: &[f64],
    labels: &[bool],
    threshold: f64,
    level: f64,
) -> Result<OperatingPoint, StatsError> {
    if !threshold.is_finite() {
        return Err(StatsError::BadParameter {
            what: "threshold",
            value: threshold,
            range: "finite",
        });
    }
    let classes = check_two_classes(scores, labels)?;
    let called = |wanted: bool| {
        let of_class = scores.iter().zip(labels).filter(|&(_, &label)| label == wanted);
        of_class.filter(|&(&score, _)| score >= threshold).count()
    };
    let (true_positives, false_positives) = (called(true), called(false));
    let true_negatives = classes.negatives - false_positives;
    Ok(OperatingPoint {
        threshold,
        true_positives,
        false_negatives: classes.positives - true_positives,
        false_positives,
        true_negatives,
        sensitivity: wilson(true_positives, classes.positives, level)?,
        specificity: wilson(true_negatives, classes.negatives, level)?,
    })
}

/// The highest threshold whose sensitivity on these cases is at least `target` (above 0, at most 1).
///
/// It is the score of a positive case, so that it can be found again exactly.
pub fn threshold_at_sensitivity(scores: &[f64], labels: &[bool], target: f64) -> Result<f64, StatsError> {
    let classes = check_two_classes(scores, labels)?;
    let wanted = cases_for(target, classes.positives, "target sensitivity")?;
    let mut positives = by_falling_score(scores).into_iter().filter(|&case| labels[case]);
    Ok(positives.nth(wanted - 1).map_or(f64::NAN, |case| scores[case]))
}

/// The lowest threshold among the scores whose specificity on these cases is at least `target` (above 0, at
/// most 1); just above the highest score where no score will do.
pub fn threshold_at_specificity(scores: &[f64], labels: &[bool], target: f64) -> Result<f64, StatsError> {
    let classes = check_two_classes(scores, labels)?;
    let wanted = cases_for(target, classes.negatives, "target specificity")?;
    let falling = by_falling_score(scores);
    let mut negatives = falling.iter().rev().filter(|&&case| !labels[case]);
    let must_fall = negatives.nth(wanted - 1).map_or(f64::NAN, |&case| scores[case]);
    let above = falling
        .iter()
        .rev()
        .map(|&case| scores[case])
        .find(|&score| score > must_fall);
    Ok(above.unwrap_or_else(|| must_fall.next_up()))
}

/// How many of `cases` make up at least the share `target`.
fn cases_for(target: f64, cases: usize, what: &'static str) -> Result<usize, StatsError> {
    if !(target > 0.0 && target <= 1.0) {
        return Err(StatsError::BadParameter {
            what,
            value: target,
            range: "above 0, at most 1",
        });
    }
    // 0.7 * 10 is 7.000000000000001 in binary and must not ask for 8.
    Ok(((target * cases as f64 - 1e-9).ceil() as usize).clamp(1, cases))
}
