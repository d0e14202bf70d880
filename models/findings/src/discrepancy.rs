//! What contradicts itself inside one text.

use hilum_domain::ReasonCode;
use serde::Serialize;

use crate::nodule::{Conflict, Nodule, Other};
use crate::section::Section;
use crate::size::TOLERANCE_MM;

/// A contradiction, with the places that contradict each other.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Discrepancy {
    /// What kind.
    pub code: ReasonCode,
    /// What a person reads; no words of the text.
    pub text: String,
    /// Half-open ranges of code points of the text.
    pub spans: Vec<[u32; 2]>,
}

/// The contradictions of a text.
pub(crate) fn inside(nodules: &[Nodule], other: &Other, denied_at: &[[u32; 2]]) -> Vec<Discrepancy> {
    let mut found = Vec::new();
    for nodule in nodules {
        within(nodule, &mut found);
    }
    between(nodules, &mut found);
    let described = nodules.iter().find(|nodule| nodule.change != Some("resolved"));
    if let Some(nodule) = described
        && other.negated.iter().any(|word| word == "nodule")
        && let Some(place) = denied_at.iter().find(|place| place[0] > nodule.end)
    {
        found.push(Discrepancy {
            code: ReasonCode::PresenceConflict,
            text: "a nodule is described and then said not to be there".to_owned(),
            spans: vec![[nodule.start, nodule.end], *place],
        });
    }
    found
}

fn within(nodule: &Nodule, found: &mut Vec<Discrepancy>) {
    let own = [nodule.start, nodule.end];
    for conflict in &nodule.conflicts {
        let (code, text, place) = match conflict {
            Conflict::Lobe(lobe, place) => {
                let other_side = nodule
                    .lobe
                    .is_some_and(|known| known.as_str().as_bytes()[0] != lobe.as_str().as_bytes()[0]);
                let code = if other_side {
                    ReasonCode::LateralityConflict
                } else {
                    ReasonCode::LobeConflict
                };
                let known = nodule.lobe.map_or("another lobe", hilum_domain::Lobe::as_str);
                (
                    code,
                    format!("one nodule is placed in {known} and in {lobe}"),
                    place,
                )
            }
            Conflict::Size(size, place) => {
                let known = nodule.long_mm.unwrap_or_default();
                (
                    ReasonCode::SizeConflict,
                    format!("one nodule measures {known} mm and {size} mm"),
                    place,
                )
            }
            Conflict::Change(change, place) => {
                let known = nodule.change.unwrap_or("changed");
                (
                    ReasonCode::StabilityConflict,
                    format!("one nodule is called {known} and {change}"),
                    place,
                )
            }
        };
        found.push(Discrepancy {
            code,
            text,
            spans: vec![own, *place],
        });
    }
    if let (Some("stable"), Some(then), Some(now)) = (nodule.change, nodule.prior_long_mm, nodule.long_mm)
        && (now - then).abs() > TOLERANCE_MM
    {
        found.push(Discrepancy {
            code: ReasonCode::StabilityConflict,
            text: format!("a nodule is called stable and measures {now} mm after {then} mm"),
            spans: vec![own],
        });
    }
}

/// Nodules of one size in the findings and in the impression, at different places, neither of which the other part
/// knows.
fn between(nodules: &[Nodule], found: &mut Vec<Discrepancy>) {
    let (last, first): (Vec<&Nodule>, Vec<&Nodule>) = nodules
        .iter()
        .partition(|nodule| nodule.section == Section::Impression);
    for nodule in last.iter().take(MOST) {
        let Some(size) = nodule.long_mm else {
            continue;
        };
        let same_size = |known: &&&Nodule| {
            known.long_mm.is_some_and(|other| (other - size).abs() <= 0.5) && known.mentions.len() == 1
        };
        let twins: Vec<_> = first.iter().take(MOST).filter(same_size).collect();
        if let [twin] = twins[..]
            && let (Some(a), Some(b)) = (twin.lobe, nodule.lobe)
            && a != b
        {
            let code = if twin.side() == nodule.side() {
                ReasonCode::LobeConflict
            } else {
                ReasonCode::LateralityConflict
            };
            found.push(Discrepancy {
                code,
                text: format!("findings and impression place one nodule in {a} and in {b}"),
                spans: vec![[twin.start, twin.end], [nodule.start, nodule.end]],
            });
        }
    }
}

/// Nodules of a part of a report that are compared with each other.
const MOST: usize = 64;
