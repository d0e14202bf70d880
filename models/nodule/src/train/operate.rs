//! Operating points from CTs that a network has not seen.

use hilum_domain::NoProgress;

use super::host::Host;
use super::known::near_any;
use crate::NoduleError;
use crate::detector::{Judged, judge_with};
use crate::network::Network;
use crate::weight_file::OperatingPoint;

/// Below this a candidate is more likely none, whatever the count of false positives.
const LEAST: f64 = 0.5;
/// Probabilities are held so far from 0 and 1 before they become logits.
const EDGE: f64 = 1e-4;

/// Probabilities of one CT's candidates that are no annotated nodule, highest first, by a network that has not
/// seen that CT.
pub(super) struct Scored {
    background: Vec<f64>,
}

impl Scored {
    pub(super) fn by(
        network: &Network,
        host: &Host<'_>,
        overlap: OperatingPoint,
    ) -> Result<Self, NoduleError> {
        let judged = judge_with(&[network], host.volume, &host.candidates, &NoProgress)?;
        let background = suppressed(judged, overlap)
            .into_iter()
            .filter(|judged| !near_any(&host.known, judged.candidate.center))
            .map(|judged| judged.probability)
            .collect();
        Ok(Self { background })
    }

    pub(super) fn false_positives(&self, probability: f64) -> usize {
        self.background.iter().filter(|p| **p >= probability).count()
    }

    /// The most probable ones.
    pub(super) fn highest(&self, n: usize) -> &[f64] {
        &self.background[..n.min(self.background.len())]
    }
}

/// Mean over CTs, as logits, of the probability that lets this many false positives through, so that one crowded
/// CT does not set it alone. A CT's own is half way between the last that is let through and the first that is
/// not.
pub(super) fn threshold(scored: &[&Scored], false_positives_per_ct: usize) -> f64 {
    let own = scored.iter().map(|ct| {
        let refused = ct.background.get(false_positives_per_ct).copied().unwrap_or(0.0);
        let last = false_positives_per_ct
            .checked_sub(1)
            .and_then(|at| ct.background.get(at));
        f64::midpoint(logit(refused), logit(last.copied().unwrap_or(1.0)))
    });
    let mean = own.sum::<f64>() / scored.len() as f64;
    (1.0 / (1.0 + (-mean).exp())).max(LEAST)
}

fn logit(probability: f64) -> f64 {
    let p = probability.clamp(EDGE, 1.0 - EDGE);
    (p / (1.0 - p)).ln()
}

/// The most probable of those that are one.
fn suppressed(judged: Vec<Judged>, point: OperatingPoint) -> Vec<Judged> {
    let mut kept: Vec<Judged> = Vec::new();
    for next in judged {
        if !kept
            .iter()
            .any(|other| point.is_same(&other.candidate, &next.candidate))
        {
            kept.push(next);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_of_logits_half_way_between_let_through_and_refused() {
        let scored = [vec![0.9, 0.9], vec![0.8, 0.5]].map(|background| Scored { background });
        let scored: Vec<&Scored> = scored.iter().collect();
        // One may pass: logits ln 9 and ln 4 / 2, so odds of sqrt(9 * 2).
        let odds = 18.0_f64.sqrt();
        let got = threshold(&scored, 1);
        assert!((got - odds / (1.0 + odds)).abs() < 1e-9, "{got}");
        assert_eq!(scored.iter().map(|ct| ct.false_positives(got)).sum::<usize>(), 2);
    }

    #[test]
    fn nothing_below_even_odds() {
        let scored = [vec![0.3, 0.1], vec![0.2]].map(|background| Scored { background });
        let got = threshold(&scored.iter().collect::<Vec<_>>(), 1);
        assert!((got - LEAST).abs() < 1e-9, "{got}");
    }
}
