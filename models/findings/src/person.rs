//! Age and sex of the patient.

use hilum_concepts::TriggerKind;

use crate::assertion::Experiencer;
use crate::entity::{Entity, named};
use crate::scope::Scopes;
use crate::section::Section;
use crate::token::TokenKind;
use crate::unit::Unit;
use crate::view::View;

/// `65-year-old`, `aged 65`, `65岁`: the patient's own.
pub(crate) fn age(view: &View, scopes: &Scopes) -> Option<Entity> {
    let own = |start: usize, end: usize| {
        let context = scopes.at(start, end);
        context.experiencer(view.section()) == Experiencer::Patient && !context.hypothetical
    };
    let died = [
        "died",
        "passed",
        "death",
        "diagnosed",
        "去世",
        "死于",
        "病故",
        "故于",
        "确诊",
    ];
    let of_relatives = view
        .triggers
        .iter()
        .any(|hit| hit.trigger.kind == TriggerKind::Family);
    if of_relatives || died.iter().any(|word| view.text().contains(word)) {
        return None;
    }
    let of = |start: usize, end: usize, value: f64| {
        let fits = (0.0..=130.0).contains(&value) && own(start, end);
        fits.then(|| Entity::new(view, named("age"), start, end).with_value(value, "a"))
    };
    if let Some(quantity) = view.quantities.iter().find(|quantity| quantity.unit == Unit::Age) {
        return of(quantity.start, quantity.end, quantity.value());
    }
    let number = view.numbers.iter().find(|number| {
        let token = view.token_from(number.start);
        let before = |back: usize| token.checked_sub(back).map_or("", |token| view.word(token));
        before(1) == "aged"
            || before(1) == "age"
            || (before(2) == "age" && before(1) == ":")
            || (before(2) == "年" && before(1) == "龄")
    })?;
    of(number.start, number.end, number.value)
}

/// `65 M`, `65yo F`, `男，65岁`: letters and single ideographs that mean a sex only there.
pub(crate) fn sex(view: &View, scopes: &Scopes, found: &[Entity]) -> Option<Entity> {
    if found
        .iter()
        .any(|entity| matches!(entity.concept, "male" | "female"))
    {
        return None;
    }
    for (at, token) in view.tokens.iter().enumerate() {
        let word = view.word(at);
        let name = match word {
            "m" | "男" => "male",
            "f" | "女" => "female",
            _ => continue,
        };
        let after_age = view
            .quantities
            .iter()
            .any(|q| q.unit == Unit::Age && q.end <= token.start && token.start - q.end <= 1);
        let stands_alone = {
            let is_sign = |word: &str| matches!(word, "" | "," | ":" | "/" | "。" | ";" | "(" | ")" | "、");
            let before = at.checked_sub(1).map_or("", |at| view.word(at));
            let subject = is_sign(before) || before == "者" || before == "别";
            let after = view.word(at + 1);
            let counted = view
                .tokens
                .get(at + 1)
                .is_some_and(|next| next.kind == TokenKind::Digits);
            subject && (is_sign(after) || counted)
        };
        let upper = view.folded.is_upper(token.start, token.end);
        let says = match word {
            "m" | "f" => upper && after_age,
            _ => after_age || stands_alone,
        };
        if says
            && scopes.at(token.start, token.end).experiencer(view.section()) == Experiencer::Patient
            && view.section() != Section::FamilyHistory
        {
            return Some(Entity::new(view, named(name), token.start, token.end));
        }
    }
    None
}
