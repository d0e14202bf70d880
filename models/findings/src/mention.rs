//! The nodules that one sentence describes.

use hilum_concepts::{Slot, TriggerKind};

use crate::extract::organ_near;
use crate::fill::fill;
use crate::nodule::Nodule;
use crate::scope::Scopes;
use crate::unit::Unit;
use crate::view::{PhraseHit, View};

/// What a sentence says of nodules.
#[derive(Default)]
pub(crate) struct Mentions {
    /// Nodules that it describes.
    pub(crate) nodules: Vec<Mention>,
    /// Whether it says that there is none.
    pub(crate) denied: bool,
    /// Whether it says that there is no new one.
    pub(crate) no_new: bool,
}

/// A description, and how it refers.
pub(crate) struct Mention {
    pub(crate) nodule: Nodule,
    /// Points back to a nodule already spoken of: `the nodule`, `it`, 该结节.
    pub(crate) refers_back: bool,
    /// Names no nodule at all: `Margins are smooth.`
    pub(crate) headless: bool,
}

/// Reads the nodules of a sentence.
pub(crate) fn mentions(view: &View, scopes: &Scopes) -> Mentions {
    let mut found = Mentions::default();
    let mut heads: Vec<PhraseHit> = Vec::new();
    for head in view.of(Slot::Head) {
        let organ = organ_near(view, head.start, head.end);
        let word = &view.text()[head.start..head.end];
        let vague = matches!(
            word,
            "lesion"
                | "lesions"
                | "opacity"
                | "opacities"
                | "mass"
                | "masses"
                | "病灶"
                | "占位"
                | "高密度影"
                | "密度影"
        );
        let placed = view.of(Slot::Lobe).chain(view.of(Slot::Type)).next().is_some()
            || view.text().contains("lung")
            || view.text().contains('肺');
        let context = scopes.at(head.start, head.end);
        if organ
            || context.family
            || context.hypothetical
            || (vague && !placed && !context.negated)
            || is_satellite(view, head)
        {
            continue;
        }
        if context.negated {
            let new = view.of(Slot::Change).any(|hit| {
                hit.value == "new"
                    && hit.start < head.end
                    && view.words_between(hit.end.min(head.start), head.start) <= 2
                    && scopes.at(hit.start, hit.end).negated
            }) || view.triggers.iter().any(|t| {
                t.end <= head.start
                    && t.trigger.kind == TriggerKind::Negation
                    && view.text()[t.start..t.end].ends_with("new")
                    && view.words_between(t.end, head.start) <= 3
            });
            if new {
                found.no_new = true;
            } else if head.value != "granuloma" && (!vague || view.text().contains("focal")) {
                found.denied = true;
            }
            continue;
        }
        heads.push(*head);
    }
    heads.retain(|head| !is_diagnosis_of_another(view, head));
    merge_heads(view, &mut heads);
    if heads.is_empty() {
        if !found.denied && !found.no_new {
            found.nodules.extend(headless(view, scopes));
        }
        return found;
    }
    let borders = borders(view, &heads);
    for (at, head) in heads.iter().enumerate() {
        let region = (borders[at], borders[at + 1]);
        let plural = is_plural(view, head);
        let places = parts(view, region, plural);
        for part in places {
            let mut nodule = Nodule::at(view.span(part.0, part.1), view.section());
            trim(view, &mut nodule, part);
            fill(view, scopes, &mut nodule, part, Some(head));
            let refers_back = heads.len() == 1 && refers_back(view, head);
            found.nodules.push(Mention {
                nodule,
                refers_back,
                headless: false,
            });
        }
    }
    found
}

fn is_satellite(view: &View, head: &PhraseHit) -> bool {
    view.of(Slot::Feature)
        .any(|hit| hit.value == "satellite_nodule" && hit.start <= head.start && head.end <= hit.end)
}

/// `consistent with calcified granuloma` names what the nodule before it is.
fn is_diagnosis_of_another(view: &View, head: &PhraseHit) -> bool {
    let certain = view
        .of(Slot::Certainty)
        .any(|hit| hit.end <= head.start && view.words_between(hit.end, head.start) <= 4);
    let earlier = view.of(Slot::Head).any(|other| other.start < head.start);
    head.start > 0 && earlier && (certain || head.value == "granuloma")
}

/// Two words for one nodule: `a pulmonary nodule, GGO`, `micronodules, the largest nodule 4 mm`.
fn merge_heads(view: &View, heads: &mut Vec<PhraseHit>) {
    let mut kept: Vec<PhraseHit> = Vec::new();
    for head in heads.iter() {
        if let Some(last) = kept.last() {
            let largest = view
                .of(Slot::Count)
                .any(|hit| hit.value == "largest" && hit.start >= last.end && hit.end <= head.start);
            let between = &view.text()[last.end..head.start];
            let joined = view.words_between(last.end, head.start) <= 1
                && !between.contains(['.', ';'])
                && !between.contains("and")
                && !between.contains('、');
            let again = [
                "the nodule",
                "this nodule",
                "该结节",
                "此结节",
                "该病灶",
                "the lesion",
                "this lesion",
            ];
            let back = again.iter().any(|words| view.text()[..head.end].ends_with(words));
            if largest || joined || back {
                continue;
            }
        }
        kept.push(*head);
    }
    *heads = kept;
}

/// Where the description of each head begins and ends: between two heads at the last comma, conjunction or full stop
/// before what already belongs to the second one.
fn borders(view: &View, heads: &[PhraseHit]) -> Vec<usize> {
    let mut borders = vec![0];
    for pair in heads.windows(2) {
        let (from, to) = (pair[0].end, pair[1].start);
        let between = &view.text()[from..to];
        let marks: Vec<usize> = [
            ",",
            ";",
            "。",
            " and ",
            "、",
            "另",
            " with another ",
            "及",
            "(",
            "。",
        ]
        .iter()
        .flat_map(|mark| between.match_indices(mark))
        .map(|(at, _)| from + at)
        .collect();
        // In Chinese the lobe stands before the nodule: the border is before the last lobe, if a mark is.
        let lobe = view
            .of(Slot::Lobe)
            .rfind(|hit| hit.start >= from && hit.end <= to);
        let before_lobe = lobe
            .filter(|lobe| !view.text()[lobe.start..lobe.end].is_ascii())
            .and_then(|lobe| marks.iter().copied().filter(|mark| *mark <= lobe.start).max());
        borders.push(before_lobe.or(marks.iter().copied().max()).unwrap_or(to));
    }
    borders.push(view.text().len());
    borders
}

fn is_plural(view: &View, head: &PhraseHit) -> bool {
    let words = &view.text()[head.start..head.end];
    words.ends_with('s')
        || view.of(Slot::Count).any(|hit| hit.value == "multiple")
        || counted(view, head).is_some_and(|count| count > 1.0)
}

/// `two nodules`, `两枚结节`.
pub(crate) fn counted(view: &View, head: &PhraseHit) -> Option<f64> {
    view.numbers
        .iter()
        .rev()
        .find(|number| {
            let close = number.end <= head.start && view.words_between(number.end, head.start) <= 4;
            let next = view.word(view.token_from(number.end));
            let unit = matches!(next, "枚" | "个" | "颗" | "处");
            let plural = view.text()[head.start..head.end].ends_with('s');
            let quantity = view
                .quantities
                .iter()
                .any(|q| q.start <= number.start && number.end <= q.end);
            let year = view
                .dates
                .iter()
                .any(|date| date.start <= number.start && number.end <= date.end);
            close
                && (unit || (plural && !quantity && !year))
                && number.value.fract() == 0.0
                && number.value > 0.0
        })
        .map(|number| number.value)
}

/// One head, several nodules: `two nodules, 5 mm in the right upper lobe and 7 mm in the left lower lobe`.
fn parts(view: &View, region: (usize, usize), plural: bool) -> Vec<(usize, usize)> {
    let inside = |hit: &&PhraseHit| hit.start >= region.0 && hit.end <= region.1;
    let lobes: Vec<&PhraseHit> = view.of(Slot::Lobe).filter(inside).collect();
    let sizes: Vec<usize> = view
        .quantities
        .iter()
        .filter(|q| q.unit == Unit::Millimetre && q.start >= region.0 && q.end <= region.1)
        .map(|q| q.start)
        .collect();
    let different = lobes.windows(2).any(|pair| pair[0].value != pair[1].value);
    let largest = view.of(Slot::Count).any(|hit| hit.value == "largest");
    if !plural || lobes.len() < 2 || sizes.len() < 2 || !different || largest {
        return vec![region];
    }
    let size_first = sizes[0] < lobes[0].start;
    let starts: Vec<usize> = if size_first {
        sizes
    } else {
        lobes.iter().map(|hit| hit.start).collect()
    };
    let mut parts = Vec::new();
    for (at, start) in starts.iter().enumerate() {
        let from = if at == 0 { region.0 } else { *start };
        parts.push((from, starts.get(at + 1).copied().unwrap_or(region.1)));
    }
    parts
}

/// `the nodule`, `this lesion`, 该结节: one already spoken of, unless more is said before the word.
fn refers_back(view: &View, head: &PhraseHit) -> bool {
    let anaphor =
        |hit: &PhraseHit| hit.start <= head.start && hit.end >= head.start && hit.end <= head.end + 12;
    if view.of(Slot::Anaphor).any(anaphor) {
        return true;
    }
    let token = view.token_from(head.start);
    (1..=6).any(|back| {
        token.checked_sub(back).is_some_and(|at| {
            matches!(
                view.word(at),
                "the" | "this" | "that" | "该" | "此" | "其" | "described" | "known"
            )
        })
    }) || view.text()[..head.start].ends_with("上述")
}

/// A sentence about a nodule that names none: it speaks of a lobe and a size, or goes on about the one before.
fn headless(view: &View, scopes: &Scopes) -> Option<Mention> {
    let end = view.text().len();
    let own = |slot: Slot| view.of(slot).next().is_some();
    let size = view.quantities.iter().any(|q| q.unit == Unit::Millimetre);
    if view
        .of(Slot::Structure)
        .any(|hit| hit.value != "lymph_node_of_the_lung")
        && !own(Slot::Margin)
    {
        return None;
    }
    let describes = own(Slot::Margin) || own(Slot::Type) || own(Slot::Shape);
    let new = own(Slot::Lobe) && size && (describes || own(Slot::Reference));
    let pronoun = view.of(Slot::Anaphor).next().is_some_and(|hit| hit.start <= 24);
    let hu = view
        .quantities
        .iter()
        .any(|q| matches!(q.unit, Unit::Hounsfield | Unit::CubicMillimetre));
    let change = own(Slot::Change) && (pronoun || !view.dates.is_empty());
    let diagnosis = own(Slot::Diagnosis) && own(Slot::Certainty);
    let goes_on = describes || own(Slot::Feature) || size || hu || change || diagnosis || numbered(view);
    if !new && !goes_on {
        return None;
    }
    let mut nodule = Nodule::at(view.span(0, end), view.section());
    trim(view, &mut nodule, (0, end));
    fill(view, scopes, &mut nodule, (0, end), None);
    Some(Mention {
        nodule,
        refers_back: !new,
        headless: true,
    })
}

fn numbered(view: &View) -> bool {
    view.of(Slot::Reference).any(|hit| {
        view.numbers
            .iter()
            .any(|n| n.start >= hit.end && view.words_between(hit.end, n.start) == 0)
    })
}

/// The place of a description without the spaces and commas around it.
fn trim(view: &View, nodule: &mut Nodule, part: (usize, usize)) {
    let text = &view.text()[part.0..part.1];
    let sign = |c: char| c == ' ' || ",;.。、".contains(c);
    let from = part.0 + text.len() - text.trim_start_matches(sign).len();
    let to = part.0 + text.trim_end_matches(sign).len();
    if from < to {
        let (start, end) = view.span(from, to);
        (nodule.start, nodule.end) = (start, end);
        nodule.mentions = vec![[start, end]];
    }
}
