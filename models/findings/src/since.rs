//! Since when a nodule is as it is.

use hilum_concepts::Slot;

use crate::nodule::Nodule;
use crate::number::rounded;
use crate::quantity::Quantity;
use crate::unit::Unit;
use crate::view::View;

/// Months of a duration.
pub(crate) fn months(quantity: &Quantity) -> Option<f64> {
    months_of(quantity.value(), quantity.unit)
}

/// Months of an amount of a unit of time.
pub(crate) fn months_of(value: f64, unit: Unit) -> Option<f64> {
    Some(match unit {
        Unit::Year => rounded(value * 12.0),
        Unit::Month => value,
        // Whole weeks of a month, as follow-up is spoken of: 12 weeks are 3 months.
        Unit::Week => rounded(value / 4.0),
        _ => return None,
    })
}

/// Enters date and interval of the comparison: `since March 2023`, `over six months`, `较2023年3月`, `半年`.
pub(crate) fn since(view: &View, nodule: &mut Nodule, part: (usize, usize)) {
    let compared = nodule.change.is_some() || nodule.prior_long_mm.is_some();
    if !compared {
        return;
    }
    let date = view
        .dates
        .iter()
        .find(|date| date.start >= part.0 && date.end <= part.1);
    if nodule.prior_date.is_none() {
        nodule.prior_date = date.map(ToString::to_string);
    }
    let follows_up = |quantity: &Quantity| {
        let near = |hit: &crate::view::PhraseHit| {
            (hit.start >= quantity.end && view.words_between(quantity.end, hit.start) <= 4)
                || (hit.end <= quantity.start && view.words_between(hit.end, quantity.start) <= 5)
        };
        view.of(Slot::Advice).any(near)
            && view
                .triggers
                .iter()
                .any(|t| t.trigger.kind == hilum_concepts::TriggerKind::Advice)
    };
    let interval = view.quantities.iter().find(|quantity| {
        quantity.start >= part.0
            && quantity.end <= part.1
            && months(quantity).is_some()
            && !follows_up(quantity)
    });
    if nodule.interval_months.is_none() {
        nodule.interval_months = interval.and_then(months);
    }
}
