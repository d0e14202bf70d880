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

pub(super) fn thresholds(scored: &[Scored], false_positives_per_ct: f64) -> Chosen {
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

/// Half way between the last false positive that is allowed and the first that is not.
fn threshold(scored: &[&Scored], false_positives_per_ct: f64) -> f64 {
    let mut all: Vec<f64> = scored
        .iter()
        .flat_map(|ct| ct.background.iter().copied())
        .collect();
    all.sort_by(|a, b| b.total_cmp(a));
    let allowed = (false_positives_per_ct * scored.len() as f64).floor() as usize;
    let refused = all.get(allowed).copied().unwrap_or(0.0);
    let last = allowed
        .checked_sub(1)
        .and_then(|at| all.get(at))
        .copied()
        .unwrap_or(1.0);
    f64::midpoint(refused, last).max(LEAST)
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
            [vec![0.9, 0.8], vec![0.7, 0.6], vec![0.65, 0.1]].map(|background| Scored { background });
        let chosen = thresholds(&scored, 1.0);
        // Without the first: 0.7 and 0.65 allowed, 0.6 not.
        assert!((chosen.members[0] - 0.625).abs() < 1e-9, "{:?}", chosen.members);
        assert!((chosen.members[1] - 0.725).abs() < 1e-9, "{:?}", chosen.members);
        assert!((chosen.together - 0.675).abs() < 1e-9, "{}", chosen.together);
    }

    #[test]
    fn nothing_below_even_odds() {
        let scored = [vec![0.3], vec![], vec![0.2]].map(|background| Scored { background });
        assert!((thresholds(&scored, 1.0).together - 0.5).abs() < 1e-9);
    }
}
