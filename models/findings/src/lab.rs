//! Values of laboratory tests and of measurements that reports name like them, with their reference ranges.

use hilum_concepts::ConceptId;

use crate::entity::{Entity, Reference};
use crate::unit::{Unit, unit_at};
use crate::view::{ConceptHit, View};

/// Words that may stand between a test and its value.
const JOINTS: &[&str] = &[
    ":",
    "=",
    "(",
    ")",
    "[",
    "]",
    "of",
    "is",
    "was",
    "at",
    "level",
    "levels",
    "value",
    "result",
    "up",
    "to",
    "about",
    "approximately",
    "elevated",
    "raised",
    "increased",
    "high",
    "low",
    "<",
    ">",
    "~",
    "\u{2264}",
    "\u{2265}",
    "serum",
    "max",
    "the",
    "测",
    "定",
    "值",
    "为",
    "约",
    "是",
    "升",
    "高",
    "至",
    "达",
    "水",
    "平",
    "增",
    "结",
    "果",
    "偏",
    "低",
    "于",
    "正",
    "常",
    "的",
    "血",
    "清",
    "\u{2191}",
    "\u{2193}",
    "-",
    "today",
    "measured",
    "with",
];

/// Words behind a value that begin its reference range.
const RANGE_WORDS: &[&str] = &[
    "ref",
    "reference",
    "range",
    "normal",
    "(",
    "[",
    ":",
    ",",
    ".",
    "<",
    ">",
    "\u{2264}",
    "upper",
    "limit",
    "uln",
    "nl",
    "参",
    "考",
    "值",
    "范",
    "围",
    "正",
    "常",
    "区",
    "间",
    "\u{2191}",
    "\u{2193}",
    "h",
    "l",
    "*",
    "interval",
    "of",
    "is",
    "为",
];

/// The test with its value, unit and reference range.
pub(crate) fn lab(view: &View, hit: &ConceptHit, id: ConceptId, next_start: usize) -> Entity {
    let bare = Entity::new(view, id, hit.start, hit.end);
    let Some(at) = value_behind(view, hit.end, next_start) else {
        return bare;
    };
    let number = view.numbers[at];
    let found = unit_at(view.text(), number.end);
    let (unit, end) = match found {
        Some((Unit::Lab(unit), .., end)) => (Some(unit), end),
        // A length, a duration or a date is no result.
        Some(_) => return bare,
        None => (unit_before(view, hit.end, number.start), number.end),
    };
    let mut entity = Entity::new(view, id, hit.start, end);
    entity.value = Some(number.value);
    entity.unit = unit.map(str::to_owned);
    entity.reference = reference(view, at + 1, end, next_start);
    entity
}

/// Index of the number that is the value of a test whose name ends at `from`.
fn value_behind(view: &View, from: usize, next_start: usize) -> Option<usize> {
    let at = view.numbers.partition_point(|number| number.start < from);
    let number = view.numbers.get(at).filter(|number| number.start < next_start)?;
    if view
        .dates
        .iter()
        .any(|date| date.start <= number.start && number.end <= date.end)
    {
        return None;
    }
    let mut inside = false;
    for token in view.token_from(from)..view.token_from(number.start) {
        let word = view.word(token);
        if matches!(word, "(" | "[") {
            // An abbreviation or a unit in parentheses stands between the name and its value.
            inside = view.text()[view.tokens[token].end..number.start].contains([')', ']']);
        } else if matches!(word, ")" | "]") {
            inside = false;
        } else if !inside && !JOINTS.contains(&word) {
            return None;
        }
    }
    Some(at)
}

/// The unit in `CEA (ng/mL): 6.8`.
fn unit_before(view: &View, from: usize, to: usize) -> Option<&'static str> {
    let open = view.text()[from..to].find(['(', '['])? + from + 1;
    match unit_at(view.text(), open) {
        Some((Unit::Lab(unit), ..)) => Some(unit),
        _ => None,
    }
}

/// `(ref < 5.0)`, `(0-5)`, `参考值 0~5.0`.
fn reference(view: &View, at: usize, from: usize, next_start: usize) -> Option<Reference> {
    let number = view.numbers.get(at).filter(|number| number.start < next_start)?;
    let between = view.token_from(from)..view.token_from(number.start);
    let words: Vec<&str> = between.map(|token| view.word(token)).collect();
    let marks = |word: &str| {
        matches!(
            word,
            "(" | "[" | "ref" | "reference" | "normal" | "参" | "正" | "uln"
        )
    };
    if !words.iter().all(|word| RANGE_WORDS.contains(word)) || !words.iter().any(|word| marks(word)) {
        return None;
    }
    if words
        .iter()
        .any(|word| matches!(*word, "<" | "\u{2264}" | "upper" | "uln"))
    {
        return Some(Reference {
            low: None,
            high: Some(number.value),
        });
    }
    if words.contains(&">") {
        return Some(Reference {
            low: Some(number.value),
            high: None,
        });
    }
    let high = view.numbers.get(at + 1)?;
    let joined = matches!(
        view.text()[number.end..high.start].trim(),
        "-" | "~" | "--" | "to" | "至"
    );
    joined.then_some(Reference {
        low: Some(number.value),
        high: Some(high.value),
    })
}
