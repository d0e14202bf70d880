//! What the lengths, volumes and attenuations of a description are of.

use hilum_concepts::Slot;

use crate::nodule::{Conflict, Nodule};
use crate::number::rounded;
use crate::quantity::Quantity;
use crate::unit::Unit;
use crate::view::{PhraseHit, View};

/// Two sizes further apart are a contradiction.
pub(crate) const TOLERANCE_MM: f64 = 2.0;

/// What a length is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Whole,
    Long,
    Short,
    Mean,
    Solid,
    Prior,
    Nothing,
}

/// Enters the measurements of `start..end` into a nodule.
pub(crate) fn measure(view: &View, nodule: &mut Nodule, start: usize, end: usize) {
    let inside = |quantity: &&Quantity| quantity.start >= start && quantity.end <= end;
    for quantity in view.quantities.iter().filter(inside) {
        let value = quantity.value();
        match quantity.unit {
            Unit::CubicMillimetre => nodule.volume_mm3 = nodule.volume_mm3.or(Some(value)),
            Unit::Hounsfield => nodule.mean_hu = nodule.mean_hu.or(Some(value)),
            Unit::Millimetre => length(view, nodule, quantity, start, end),
            _ => {}
        }
    }
    for number in view
        .numbers
        .iter()
        .filter(|n| n.start >= start && n.end <= end && n.value < 0.0)
    {
        // `density minus 650`: nothing else of a nodule is negative.
        let named = view.of(Slot::Measure).any(|hit| {
            hit.value == "hu" && hit.end <= number.start && view.words_between(hit.end, number.start) <= 3
        });
        if named && nodule.mean_hu.is_none() {
            nodule.mean_hu = Some(number.value);
        }
    }
    if nodule.mean_mm.is_none()
        && let (Some(long), Some(short)) = (nodule.long_mm, nodule.short_mm)
    {
        nodule.mean_mm = Some(rounded(f64::midpoint(long, short)));
    }
}

fn length(view: &View, nodule: &mut Nodule, quantity: &Quantity, start: usize, end: usize) {
    let values = &quantity.values;
    let (long, short) = match values[..] {
        [a, b, ..] => (a.max(b), Some(a.min(b))),
        _ => (values[0], None),
    };
    // `from 6 to 9 mm` is no range but a change.
    if let Some(low) = quantity.low
        && is_from_to(view, quantity)
    {
        let (first, last) = if shrinks(view, start, end) {
            (long, low)
        } else {
            (low, long)
        };
        nodule.prior_long_mm = nodule.prior_long_mm.or(Some(first));
        nodule.long_mm = nodule.long_mm.or(Some(last));
        return;
    }
    match of(view, quantity, start, end) {
        Of::Nothing => {}
        Of::Solid => nodule.solid_mm = nodule.solid_mm.or(Some(long)),
        Of::Mean => nodule.mean_mm = nodule.mean_mm.or(Some(long)),
        Of::Short => nodule.short_mm = nodule.short_mm.or(Some(long)),
        Of::Prior => nodule.prior_long_mm = nodule.prior_long_mm.or(Some(long)),
        Of::Long | Of::Whole => match nodule.long_mm {
            None => {
                nodule.long_mm = Some(long);
                nodule.short_mm = nodule.short_mm.or(short);
                nodule.low_mm = quantity.low;
            }
            Some(known) if changes_to(view, quantity) => {
                // `the 6 mm nodule has increased to 9 mm`
                nodule.prior_long_mm = nodule.prior_long_mm.or(Some(known));
                nodule.long_mm = Some(long);
                nodule.short_mm = short;
                nodule.mean_mm = None;
            }
            // `the largest 9 mm, others 4 mm` are several.
            Some(_) if nodule.count.is_some() => {}
            Some(known) if (known - long).abs() > TOLERANCE_MM => {
                let (from, to) = view.span(quantity.start, quantity.end);
                nodule.conflicts.push(Conflict::Size(long, [from, to]));
            }
            Some(_) => nodule.short_mm = nodule.short_mm.or(short),
        },
    }
}

/// The word for a measurement that stands nearest to a quantity, before or behind it, with nothing measured between.
fn of(view: &View, quantity: &Quantity, start: usize, end: usize) -> Of {
    let mut nearest: Option<(usize, Of)> = None;
    let mut consider = |distance: usize, of: Of| {
        if nearest.is_none_or(|(best, _)| distance < best) {
            nearest = Some((distance, of));
        }
    };
    for hit in view
        .of(Slot::Measure)
        .filter(|hit| hit.start >= start && hit.end <= end)
    {
        let Some((apart, behind)) = apart(view, hit, quantity) else {
            continue;
        };
        let (of, before_most, behind_most) = match hit.value {
            "long" => (Of::Long, 4, 3),
            "short" => (Of::Short, 4, 3),
            "mean" => (Of::Mean, 4, 3),
            "solid" => (Of::Solid, 5, 2),
            "growth" | "shrinkage" => (Of::Nothing, 3, 0),
            "distance" => (Of::Nothing, 4, 2),
            "thickness" => (Of::Nothing, 3, 3),
            _ => continue,
        };
        let most = if behind { behind_most } else { before_most };
        // A comma separates: `long axis 16 mm, short axis 12 mm`; a word behind is weaker than one before.
        let comma = if behind {
            (quantity.end, hit.start)
        } else {
            (hit.end, quantity.start)
        };
        if apart <= most && !view.has_between(comma.0, comma.1, &[',', ';', '、', '(']) {
            consider(apart * 2 + usize::from(behind), of);
        }
    }
    if let Some(of) = nearest.map(|(_, of)| of) {
        return of;
    }
    if is_prior(view, quantity, start) {
        Of::Prior
    } else {
        Of::Whole
    }
}

/// Words between a phrase and a quantity, and whether the phrase stands behind; `None` across another quantity.
fn apart(view: &View, hit: &PhraseHit, quantity: &Quantity) -> Option<(usize, bool)> {
    let (from, to, behind) = if hit.end <= quantity.start {
        (hit.end, quantity.start, false)
    } else if hit.start >= quantity.end {
        (quantity.end, hit.start, true)
    } else {
        return Some((0, true));
    };
    let other = |other: &Quantity| other.unit == Unit::Millimetre && other.start >= from && other.end <= to;
    (!view.quantities.iter().any(other)).then(|| (view.words_between(from, to), behind))
}

/// `previously 6 mm`, `(was 6 mm)`, `the previously seen 6 mm nodule`, `原6mm`, `compared to 6 mm`, `由6mm增大至9mm`.
fn is_prior(view: &View, quantity: &Quantity, start: usize) -> bool {
    let last = view
        .of(Slot::Prior)
        .filter(|hit| hit.end <= quantity.start && hit.start >= start)
        .filter(|hit| view.words_between(hit.end, quantity.start) <= if hit.value == "now" { 4 } else { 9 })
        .filter(|hit| {
            let between = |other: &&Quantity| {
                other.unit == Unit::Millimetre && other.start >= hit.end && other.end <= quantity.start
            };
            !view.quantities.iter().any(|other| between(&other))
        })
        .rfind(|hit| !view.text()[..hit.end].ends_with("at this time"));
    let behind = [
        "previously",
        "before",
        "earlier",
        "prior",
        "on prior",
        "on the prior",
    ];
    let token = view.token_from(quantity.end);
    let said_behind = behind.contains(&view.word(token))
        || (view.word(token) == "on" && view.word(token + 2).starts_with("prior"));
    match last {
        Some(hit) if hit.value == "prior" => {
            let word = &view.text()[hit.start..hit.end];
            // `was 6 mm` and `from 6 mm` speak of it only beside a change or another size.
            let weak = matches!(
                word,
                "was"
                    | "from"
                    | "versus"
                    | "compared to"
                    | "compared with"
                    | "从"
                    | "由"
                    | "于"
                    | "较前"
                    | "前"
            );
            let near = view.words_between(hit.end, quantity.start) <= if weak { 2 } else { 9 };
            let others = view
                .quantities
                .iter()
                .filter(|q| q.unit == Unit::Millimetre)
                .count()
                > 1;
            near && (!weak || others || view.of(Slot::Change).next().is_some() && word != "was")
        }
        Some(_) => false,
        None => said_behind,
    }
}

/// `increased to 9 mm`, `now 9 mm`, `增大至9mm`, `现9mm`.
fn changes_to(view: &View, quantity: &Quantity) -> bool {
    let now = |hit: &PhraseHit| {
        hit.value == "now" && hit.end <= quantity.start && view.words_between(hit.end, quantity.start) <= 4
    };
    view.of(Slot::Prior).any(now)
}

fn is_from_to(view: &View, quantity: &Quantity) -> bool {
    let token = view.token_from(quantity.start);
    let before = token.checked_sub(1).map_or("", |token| view.word(token));
    let changes = view
        .of(Slot::Change)
        .any(|hit| matches!(hit.value, "growing" | "decreased"));
    matches!(before, "from" | "由" | "从") || (changes && before == "自")
}

fn shrinks(view: &View, start: usize, end: usize) -> bool {
    view.of(Slot::Change)
        .any(|hit| hit.value == "decreased" && hit.start >= start && hit.end <= end)
}
