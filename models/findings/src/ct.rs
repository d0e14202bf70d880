//! A text against the CT that it should describe.

use hilum_domain::{ChangeState, Lobe, ReasonCode};

use crate::discrepancy::Discrepancy;
use crate::nodule::Nodule;
use crate::size::TOLERANCE_MM;

/// A nodule as the CT shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct CtNodule {
    /// What the text of a discrepancy calls it.
    pub id: String,
    /// Its lobe, where it is known.
    pub lobe: Option<Lobe>,
    /// Long axis.
    pub long_axis_mm: f64,
    /// Mean of both axes.
    pub mean_diameter_mm: f64,
    /// What became of it since the prior CT, where there is one.
    pub change: Option<ChangeState>,
}

/// Where text and CT disagree: side, lobe, size by more than 2 mm, stability, and what only one of them has. A nodule of
/// the text is that of the CT which agrees best in side, lobe and size; each is taken once. At most `nodules x ct` steps.
pub fn compare_with_ct(nodules: &[Nodule], ct: &[CtNodule]) -> Vec<Discrepancy> {
    let spoken: Vec<&Nodule> = nodules
        .iter()
        .filter(|nodule| nodule.change != Some("resolved"))
        .collect();
    let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
    for (a, nodule) in spoken.iter().enumerate() {
        for (b, shown) in ct.iter().enumerate() {
            pairs.extend(cost(nodule, shown).map(|cost| (cost, a, b)));
        }
    }
    pairs.sort_by(|x, y| x.0.total_cmp(&y.0));
    let mut of_text: Vec<Option<usize>> = vec![None; spoken.len()];
    let mut of_ct: Vec<bool> = vec![false; ct.len()];
    for (_, a, b) in pairs {
        if of_text[a].is_none() && !of_ct[b] {
            of_text[a] = Some(b);
            of_ct[b] = true;
        }
    }
    let mut found = Vec::new();
    for (nodule, partner) in spoken.iter().zip(&of_text) {
        match partner {
            Some(at) => disagree(nodule, &ct[*at], &mut found),
            None => found.push(Discrepancy {
                code: ReasonCode::NoduleNotFound,
                text: "a nodule of the text was not found in the CT".to_owned(),
                spans: vec![[nodule.start, nodule.end]],
            }),
        }
    }
    for (shown, _) in ct.iter().zip(&of_ct).filter(|(_, taken)| !**taken) {
        found.push(Discrepancy {
            code: ReasonCode::NoduleNotMentioned,
            text: format!("nodule {} of the CT is not mentioned in the text", shown.id),
            spans: Vec::new(),
        });
    }
    found
}

/// Difference of size in mm, in the measure that the text uses.
fn size_difference(nodule: &Nodule, shown: &CtNodule) -> Option<(f64, f64, f64)> {
    let (said, seen) = match (nodule.mean_mm, nodule.long_mm) {
        (Some(mean), _) => (mean, shown.mean_diameter_mm),
        (None, Some(long)) => (long, shown.long_axis_mm),
        (None, None) => return None,
    };
    Some(((said - seen).abs(), said, seen))
}

fn side(lobe: Lobe) -> &'static str {
    match lobe {
        Lobe::RightUpper | Lobe::RightMiddle | Lobe::RightLower => "right",
        Lobe::LeftUpper | Lobe::LeftLower => "left",
    }
}

/// How badly a nodule of the text fits one of the CT; `None` when it cannot be it.
fn cost(nodule: &Nodule, shown: &CtNodule) -> Option<f64> {
    let size = size_difference(nodule, shown).map(|(difference, ..)| difference);
    let place = match (nodule.lobe, shown.lobe) {
        (Some(said), Some(seen)) if said == seen => 0.0,
        (Some(said), Some(seen)) if side(said) == side(seen) => 20.0,
        (Some(_), Some(_)) => 40.0,
        _ => match (nodule.side(), shown.lobe.map(side)) {
            (Some(said), Some(seen)) if said == seen => 5.0,
            (Some(_), Some(_)) => 40.0,
            _ => 10.0,
        },
    };
    // At another place only the same size makes it the same nodule.
    let same_size = size.is_some_and(|difference| difference <= TOLERANCE_MM);
    (place < 20.0 || same_size).then(|| place + size.unwrap_or(5.0))
}

fn disagree(nodule: &Nodule, shown: &CtNodule, found: &mut Vec<Discrepancy>) {
    let mut add = |code: ReasonCode, text: String| {
        found.push(Discrepancy {
            code,
            text,
            spans: nodule.mentions.clone(),
        });
    };
    let id = &shown.id;
    if let (Some(said), Some(seen)) = (nodule.side(), shown.lobe.map(side))
        && said != seen
    {
        add(
            ReasonCode::LateralityConflict,
            format!("the text says {said}, nodule {id} of the CT is on the {seen}"),
        );
    } else if let (Some(said), Some(seen)) = (nodule.lobe, shown.lobe)
        && said != seen
    {
        add(
            ReasonCode::LobeConflict,
            format!("the text says {said}, nodule {id} of the CT is in {seen}"),
        );
    }
    if let Some((difference, said, seen)) = size_difference(nodule, shown)
        && difference > TOLERANCE_MM
    {
        add(
            ReasonCode::SizeConflict,
            format!("the text says {said} mm, nodule {id} of the CT measures {seen:.1} mm"),
        );
    }
    let conflict = matches!(
        (nodule.change, shown.change),
        (
            Some("stable"),
            Some(ChangeState::Growing | ChangeState::Shrinking | ChangeState::New)
        ) | (
            Some("growing"),
            Some(ChangeState::Stable | ChangeState::Shrinking)
        ) | (
            Some("decreased"),
            Some(ChangeState::Stable | ChangeState::Growing)
        )
    );
    if conflict && let (Some(said), Some(seen)) = (nodule.change, shown.change) {
        add(
            ReasonCode::StabilityConflict,
            format!("the text says {said}, nodule {id} of the CT is {}", seen.as_str()),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read;

    fn shown(lobe: Lobe, size: f64, change: ChangeState) -> CtNodule {
        CtNodule {
            id: "1".to_owned(),
            lobe: Some(lobe),
            long_axis_mm: size,
            mean_diameter_mm: size,
            change: Some(change),
        }
    }

    #[track_caller]
    fn check(text: &str, ct: &[CtNodule], want: &[ReasonCode]) {
        let found = compare_with_ct(&read(text, None).nodules, ct);
        let codes: Vec<ReasonCode> = found.iter().map(|found| found.code).collect();
        assert_eq!(codes, want, "{text}: {found:?}");
    }

    #[test]
    fn text_against_ct() {
        let stable = |lobe, size| shown(lobe, size, ChangeState::Stable);
        check(
            "8 mm nodule in the right upper lobe.",
            &[stable(Lobe::RightUpper, 8.9)],
            &[],
        );
        check(
            "右肺上叶结节，约8mm。",
            &[stable(Lobe::LeftUpper, 8.4)],
            &[ReasonCode::LateralityConflict],
        );
        check(
            "8 mm nodule in the right upper lobe.",
            &[stable(Lobe::RightLower, 8.4)],
            &[ReasonCode::LobeConflict],
        );
        check(
            "8 mm nodule in the right upper lobe.",
            &[stable(Lobe::RightUpper, 10.1)],
            &[ReasonCode::SizeConflict],
        );
        check(
            "8 mm nodule in the right upper lobe, unchanged.",
            &[shown(Lobe::RightUpper, 8.0, ChangeState::Growing)],
            &[ReasonCode::StabilityConflict],
        );
        check(
            "No nodule.",
            &[stable(Lobe::RightUpper, 8.0)],
            &[ReasonCode::NoduleNotMentioned],
        );
        check(
            "8 mm nodule in the right upper lobe.",
            &[],
            &[ReasonCode::NoduleNotFound],
        );
        check(
            "8 mm nodule in the right upper lobe.",
            &[stable(Lobe::LeftLower, 20.0)],
            &[ReasonCode::NoduleNotFound, ReasonCode::NoduleNotMentioned],
        );
    }
}
