//! Checks that every statistic begins with.

use crate::StatsError;

/// Number of positives and negatives.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Classes {
    pub(crate) positives: usize,
    pub(crate) negatives: usize,
}

/// Same length, not empty, finite.
pub(crate) fn check(scores: &[f64], labels: &[bool]) -> Result<Classes, StatsError> {
    same_length("scores", scores.len(), "labels", labels.len())?;
    if scores.is_empty() {
        return Err(StatsError::Empty);
    }
    if let Some(index) = scores.iter().position(|score| !score.is_finite()) {
        return Err(StatsError::NotFinite { what: "score", index });
    }
    let positives = labels.iter().filter(|&&label| label).count();
    Ok(Classes {
        positives,
        negatives: labels.len() - positives,
    })
}

/// [`check`], and both classes are there.
pub(crate) fn check_two_classes(scores: &[f64], labels: &[bool]) -> Result<Classes, StatsError> {
    let classes = check(scores, labels)?;
    let Classes { positives, negatives } = classes;
    if positives == 0 || negatives == 0 {
        return Err(StatsError::OneClass { positives, negatives });
    }
    Ok(classes)
}

/// [`check`], and every score is a probability.
pub(crate) fn check_probabilities(probabilities: &[f64], labels: &[bool]) -> Result<Classes, StatsError> {
    let classes = check(probabilities, labels)?;
    match probabilities.iter().position(|p| !(0.0..=1.0).contains(p)) {
        Some(index) => Err(StatsError::NotAProbability {
            index,
            value: probabilities[index],
        }),
        None => Ok(classes),
    }
}

pub(crate) fn same_length(
    left: &'static str,
    left_len: usize,
    right: &'static str,
    right_len: usize,
) -> Result<(), StatsError> {
    if left_len == right_len {
        return Ok(());
    }
    Err(StatsError::LengthMismatch {
        left,
        left_len,
        right,
        right_len,
    })
}

/// A confidence level, strictly between 0 and 1.
pub(crate) fn check_level(level: f64) -> Result<(), StatsError> {
    if level > 0.0 && level < 1.0 {
        return Ok(());
    }
    Err(StatsError::BadParameter {
        what: "confidence level",
        value: level,
        range: "between 0 and 1",
    })
}

/// Indices by falling score.
pub(crate) fn by_falling_score(scores: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    order
}

/// Runs of equal scores in an order by score.
pub(crate) fn ties<'a>(order: &'a [usize], scores: &'a [f64]) -> impl Iterator<Item = &'a [usize]> {
    #[expect(
        clippy::float_cmp,
        reason = "a tie is exact equality, 0.0 and -0.0 among them"
    )]
    order.chunk_by(|&a, &b| scores[a] == scores[b])
}
