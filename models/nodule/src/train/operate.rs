//! Operating points from CTs that a member has not seen.

use hilum_domain::NoProgress;

use super::scene::Host;
use crate::candidates::find_candidates;
use crate::detector::{Judged, judge_with};
use crate::network::Network;
use crate::weight_file::OperatingPoint;
use crate::{Candidate, NoduleError};

/// Below this a candidate is more likely none, whatever the count of false positives.
const LEAST: f64 = 0.5;

/// Probabilities of one CT's candidates that are no annotated nodule, highest first, by the member that has not
/// seen that CT.
pub(super) struct Scored {
    background: Vec<f64>,
}

impl Scored {
    pub(super) fn by_left_out(
        network: &Network,
        host: &Host<'_>,
        overlap: OperatingPoint,
    ) -> Result<Self, NoduleError> {
        let candidates = find_candidates(host.volume, host.lungs);
        let judged = judge_with(&[network], host.volume, &candidates, &NoProgress)?;
        let background = suppressed(judged, overlap)
            .into_iter()
            .filter(|judged| !host.known.near(judged.candidate.center))
            .map(|judged| judged.probability)
            .collect();
        Ok(Self { background })
    }

    pub(super) fn false_positives(&self, probability: f64) -> usize {
        self.background.iter().filter(|p| **p >= probability).count()
    }
}

/// One operating probability per member, chosen without the CT that it is left out for, and one for all together.
pub(super) struct Chosen {
    pub(super) members: Vec<f64>,
    pub(super) together: f64,
}

pub(super) fn thresholds(scored: &[Scored], false_positives_per_ct: usize) -> Chosen {
    let members = (0..scored.len())
        .map(|left_out| {
            let others: Vec<&Scored> = (0..scored.len())
                .filter(|&at| at != left_out)
                .map(|at| &scored[at])
                .collect();
            threshold(&others, false_positives_per_ct)
        })
        .collect();
    Chosen {
        members,
        together: threshold(&scored.iter().collect::<Vec<_>>(), false_positives_per_ct),
    }
}

/// Mean over CTs of the probability that lets this many false positives through, so that one crowded CT does not
/// set it alone. A CT's own is half way between the last that is let through and the first that is not.
fn threshold(scored: &[&Scored], false_positives_per_ct: usize) -> f64 {
    let own = scored.iter().map(|ct| {
        let refused = ct.background.get(false_positives_per_ct).copied().unwrap_or(0.0);
        let last = false_positives_per_ct
            .checked_sub(1)
            .and_then(|at| ct.background.get(at));
        f64::midpoint(refused, last.copied().unwrap_or(1.0))
    });
    (own.sum::<f64>() / scored.len() as f64).max(LEAST)
}

fn suppressed(judged: Vec<Judged>, point: OperatingPoint) -> Vec<Judged> {
    let overlaps = |a: &Candidate, b: &Candidate| {
        let reach = (point.overlap * a.diameter_mm.max(b.diameter_mm)).max(point.overlap_mm);
        a.center.distance_mm(b.center) < reach
    };
    let mut kept: Vec<Judged> = Vec::new();
    for candidate in judged {
        if !kept
            .iter()
            .any(|other| overlaps(&other.candidate, &candidate.candidate))
        {
            kept.push(candidate);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_leave_their_own_ct_out() {
        let scored =
            [vec![0.9, 0.8], vec![0.7, 0.6], vec![0.65, 0.55]].map(|background| Scored { background });
        let chosen = thresholds(&scored, 1);
        // One may pass on each CT: 0.85, 0.65 and 0.6.
        for (got, want) in chosen.members.iter().zip([0.625, 0.725, 0.75]) {
            assert!((got - want).abs() < 1e-9, "{:?}", chosen.members);
        }
        assert!((chosen.together - 0.7).abs() < 1e-9, "{}", chosen.together);
    }

    #[test]
    fn nothing_below_even_odds() {
        let scored = [vec![0.3], vec![], vec![0.2]].map(|background| Scored { background });
        assert!((thresholds(&scored, 1).together - 0.5).abs() < 1e-9);
    }
}
