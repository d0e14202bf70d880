//! What a description says of its nodule, entered member by member.

use hilum_concepts::Slot;
use hilum_domain::Lobe;

use crate::mention::counted;
use crate::nodule::{Conflict, Nodule};
use crate::scope::Scopes;
use crate::size::measure;
use crate::view::{PhraseHit, View};

fn lobe_of(value: &str) -> Option<Lobe> {
    Lobe::ALL.into_iter().find(|lobe| lobe.as_str() == value)
}

/// Enters everything that `part` says.
pub(crate) fn fill(
    view: &View,
    scopes: &Scopes,
    nodule: &mut Nodule,
    part: (usize, usize),
    head: Option<&PhraseHit>,
) {
    let inside = |hit: &&PhraseHit| hit.start >= part.0 && hit.end <= part.1;
    let mut level = None;
    let mut fissure = None;
    for hit in view.phrases.iter().filter(inside) {
        let context = scopes.at(hit.start, hit.end);
        match hit.slot {
            Slot::Lobe => place_lobe(view, nodule, hit),
            Slot::Level => level = level.or(Some(hit.value)),
            Slot::Side if of_the_lung(view, hit) => nodule.laterality = nodule.laterality.or(Some(hit.value)),
            Slot::Segment => nodule.segment = Some(more_exact(nodule.segment, hit.value)),
            Slot::Type => kind(view, scopes, nodule, hit, head),
            Slot::Margin | Slot::Feature => feature(view, nodule, hit, context.negated),
            Slot::Shape if !context.negated => nodule.shape = nodule.shape.or(Some(hit.value)),
            Slot::Place if !context.negated => fissure = place(nodule, hit.value, fissure),
            Slot::Change => change(view, nodule, hit, context.negated),
            Slot::Count if hit.value == "largest" => nodule.largest = true,
            Slot::Count if counts(view, hit, head) => {
                nodule.count = nodule.count.take().or(Some(hit.value.to_owned()));
            }
            Slot::Diagnosis if !context.negated && !context.historical => diagnosis(view, nodule, hit),
            _ => {}
        }
    }
    if let Some(count) = head
        .and_then(|head| counted(view, head))
        .filter(|count| *count > 1.0)
    {
        nodule.count = nodule.count.take().or(Some(format!("{count}")));
    }
    if nodule.lobe.is_none() {
        nodule.lobe = match (nodule.segment, nodule.laterality, level) {
            (Some("lingula" | "superior_lingular" | "inferior_lingular"), ..)
            | (_, Some("left"), Some("upper")) => Some(Lobe::LeftUpper),
            (_, Some("right"), Some("upper")) => Some(Lobe::RightUpper),
            (_, Some("right"), Some("lower")) => Some(Lobe::RightLower),
            (_, Some("left"), Some("lower")) => Some(Lobe::LeftLower),
            _ => None,
        };
    }
    if let Some(fissure) = fissure {
        nodule.perifissural = true;
        nodule.location = Some(match (fissure, nodule.laterality) {
            ("perifissural", Some(side @ ("right" | "left"))) => format!("{side}_fissure"),
            ("perifissural", _) => "fissure".to_owned(),
            (fissure, _) => fissure.to_owned(),
        });
    }
    if nodule.lobe.is_some() && nodule.laterality != Some("bilateral") {
        nodule.laterality = None;
    }
    measure(view, nodule, part.0, part.1);
    if nodule.change.is_none()
        && let (Some(prior), Some(now)) = (nodule.prior_long_mm, nodule.long_mm)
    {
        nodule.change = match now - prior {
            d if d > TOLERANCE => Some("growing"),
            d if d < -TOLERANCE => Some("decreased"),
            _ => None,
        };
    }
    crate::reference::numbers(view, nodule, part);
    crate::since::since(view, nodule, part);
}

/// Two sizes that differ by less say nothing about growth (Lung-RADS v2022 asks for more than 1.5 mm).
const TOLERANCE: f64 = 1.5;

fn place_lobe(view: &View, nodule: &mut Nodule, hit: &PhraseHit) {
    let lobe = lobe_of(hit.value);
    match (nodule.lobe, lobe) {
        (None, lobe) => nodule.lobe = lobe,
        (Some(known), Some(lobe)) if known != lobe => {
            let (from, to) = view.span(hit.start, hit.end);
            nodule.conflicts.push(Conflict::Lobe(lobe, [from, to]));
        }
        _ => {}
    }
}

/// `right` of a lung and not of a heart or a vessel.
fn of_the_lung(view: &View, hit: &PhraseHit) -> bool {
    let next = view.word(view.token_from(hit.end));
    !matches!(
        next,
        "atrium" | "ventricle" | "heart" | "hemidiaphragm" | "kidney" | "breast" | "心" | "肾" | "乳"
    )
}

fn more_exact(known: Option<&'static str>, found: &'static str) -> &'static str {
    match (known, found) {
        (Some("lingula"), "superior") | (Some("superior"), "lingula") => "superior_lingular",
        (Some("lingula"), "inferior") => "inferior_lingular",
        (Some(known), _) => known,
        (None, found) => found,
    }
}

fn kind(view: &View, scopes: &Scopes, nodule: &mut Nodule, hit: &PhraseHit, head: Option<&PhraseHit>) {
    let word = &view.text()[hit.start..hit.end];
    if scopes.at(hit.start, hit.end).negated {
        return;
    }
    // `calcified` alone is a type only right before the nodule; elsewhere it is a feature.
    if matches!(word, "calcified" | "钙化") {
        let of_head =
            head.is_some_and(|head| hit.end <= head.start && view.words_between(hit.end, head.start) <= 1);
        if !of_head || nodule.nodule_type.is_some() {
            return;
        }
        nodule.features.retain(|feature| *feature != "calcification");
    }
    nodule.nodule_type = match (nodule.nodule_type, hit.value) {
        // `mixed solid and ground glass`
        (Some("solid"), "ground_glass") | (Some("ground_glass"), "solid") => Some("part_solid"),
        (Some(known), _) => Some(known),
        (None, value) => Some(value),
    };
}

fn feature(view: &View, nodule: &mut Nodule, hit: &PhraseHit, negated: bool) {
    // `noncalcified` denies in one word.
    let negated = negated || hit.value.starts_with("not:");
    let word = &view.text()[hit.start..hit.end];
    if matches!(word, "calcified" | "钙化") && nodule.nodule_type == Some("calcified") && !negated {
        return;
    }
    let list = match (negated, hit.slot) {
        (true, _) => &mut nodule.negated_features,
        (false, Slot::Margin) => &mut nodule.margin,
        (false, _) => &mut nodule.features,
    };
    let value = hit.value.strip_prefix("not:").unwrap_or(hit.value);
    if !list.contains(&value) {
        list.push(value);
    }
}

fn place(nodule: &mut Nodule, value: &'static str, fissure: Option<&'static str>) -> Option<&'static str> {
    match value {
        "minor_fissure" | "major_fissure" => Some(value),
        "perifissural" => fissure.or(Some(value)),
        _ => {
            nodule.location = nodule.location.take().or(Some(value.to_owned()));
            fissure
        }
    }
}

fn change(view: &View, nodule: &mut Nodule, hit: &PhraseHit, negated: bool) {
    let value = match (negated, hit.value) {
        (false, value) => value,
        (true, "growing") => "stable",
        (true, _) => return,
    };
    match nodule.change {
        None => nodule.change = Some(value),
        Some(known) if known != value && value != "new" => {
            let (from, to) = view.span(hit.start, hit.end);
            nodule.conflicts.push(Conflict::Change(value, [from, to]));
        }
        _ => {}
    }
}

fn counts(view: &View, hit: &PhraseHit, head: Option<&PhraseHit>) -> bool {
    head.is_some_and(|head| {
        hit.end <= head.start + 3 && view.words_between(hit.end.min(head.start), head.start) <= 8
    })
}

fn diagnosis(view: &View, nodule: &mut Nodule, hit: &PhraseHit) {
    let near = view.of(Slot::Certainty).rfind(|certain| {
        let before = certain.end <= hit.start
            && view.words_between(certain.end, hit.start) <= 5
            && !view.has_between(certain.end, hit.start, &[';']);
        let behind = certain.start >= hit.end && view.words_between(hit.end, certain.start) <= 3;
        before || behind
    });
    let stated = near.is_some()
        || hit.value != "lung_cancer"
            && hit.value != "benign"
            && hit.value != "scar"
            && hit.value != "inflammation";
    if stated && nodule.diagnosis.is_none() {
        nodule.diagnosis = Some(hit.value);
        nodule.certainty = near.map(|certain| certain.value);
    }
}
