//! Coded statements of one sentence.

use hilum_concepts::{Category, Lexicon, Slot, TriggerKind};

use crate::assertion::{Assertion, Experiencer, Scopes};
use crate::entity::{Entity, named};
use crate::lab::lab;
use crate::quantity::{Quantity, Unit};
use crate::section::Section;
use crate::view::{ConceptHit, PhraseHit, View};

/// Cancers that are a concept of their own only as something earlier.
const CANCERS: &[&str] = &[
    "cancer",
    "cancer of another organ",
    "prior breast cancer",
    "prior colorectal cancer",
    "prior cancer",
];

/// The statements of a sentence but its smoking history.
pub(crate) fn extract(view: &View, scopes: &Scopes) -> Vec<Entity> {
    let mut found: Vec<Entity> = Vec::new();
    let lexicon = Lexicon::built_in();
    for (at, hit) in view.concepts.iter().enumerate() {
        let category = lexicon.concept(hit.id).category;
        if matches!(category, Category::Location | Category::Smoking) || elsewhere(view, hit) {
            continue;
        }
        let next_start = view
            .concepts
            .get(at + 1)
            .map_or(view.text().len(), |next| next.start);
        if let Some(entity) = statement(view, scopes, hit, category, next_start) {
            add(&mut found, entity);
        }
    }
    if let Some(loss) = weight_lost(view, scopes) {
        add(&mut found, loss);
    }
    if let Some(age) = age(view, scopes) {
        add(&mut found, age);
    }
    if let Some(sex) = sex(view, scopes, &found) {
        add(&mut found, sex);
    }
    found
}

/// Adds what has not been said in the sentence yet, or replaces what says less.
fn add(found: &mut Vec<Entity>, entity: Entity) {
    if found.iter().any(|other| other.covers(&entity)) {
        return;
    }
    match found.iter_mut().find(|other| entity.covers(other)) {
        Some(other) => *other = entity,
        None => found.push(entity),
    }
}

fn statement(
    view: &View,
    scopes: &Scopes,
    hit: &ConceptHit,
    category: Category,
    next: usize,
) -> Option<Entity> {
    let concept = Lexicon::built_in().concept(hit.id);
    let context = scopes.at(hit.start, hit.end);
    let mut entity = Entity::new(view, hit.id, hit.start, hit.end);
    if category == Category::Lab || concept.name == "FDG uptake" {
        entity = lab(view, hit, hit.id, next);
    }
    entity.assertion = context.assertion(category, view.section());
    entity.experiencer = context.experiencer(view.section());
    if entity.experiencer == Experiencer::Family
        && matches!(category, Category::Symptom | Category::Lab | Category::Imaging)
    {
        let cut = view
            .triggers
            .iter()
            .rev()
            .find(|t| t.end <= hit.start)
            .map_or(0, |t| t.end);
        if view.has_between(cut, hit.start, &[',']) {
            entity.experiencer = Experiencer::Patient;
        }
    }
    if category == Category::Family {
        entity.experiencer = Experiencer::Family;
        if entity.assertion == Assertion::Historical {
            entity.assertion = Assertion::Affirmed;
        }
        return Some(entity);
    }
    if category == Category::Demographic && entity.experiencer != Experiencer::Patient {
        return None;
    }
    if let Some(cancer) = cancer(view, hit, &mut entity)? {
        return Some(cancer);
    }
    // `no increase in size` denies no nodule, but the growth.
    let denied = [
        "no ",
        "not ",
        "without ",
        "未见",
        "无",
        "未",
        "没有",
        "未见明显",
        "无明显",
    ];
    if matches!(concept.name.as_str(), "growth" | "decreased" | "new nodule")
        && denied.iter().any(|word| view.text()[..hit.start].ends_with(word))
    {
        entity.assertion = Assertion::Negated;
    }
    if concept.name == "asymptomatic" && entity.assertion == Assertion::Negated {
        // The denial is part of its words: `denies symptoms`.
        entity.assertion = Assertion::Affirmed;
    }
    if concept.name == "old tuberculosis" && entity.assertion == Assertion::Affirmed {
        entity.assertion = Assertion::Historical;
    }
    if category == Category::Imaging && entity.assertion == Assertion::Negated && history_denied(view, hit) {
        entity.unit = Some("history".to_owned());
    }
    attach(view, hit, category, next, &mut entity);
    Some(entity)
}

/// What becomes of a cancer: a relative's is a family history; an earlier one, or one of another organ, a prior cancer.
/// The outer `None` drops it; the inner one means that it is no such concept.
#[expect(clippy::option_option, reason = "dropped, not concerned, or replaced")]
fn cancer(view: &View, hit: &ConceptHit, entity: &mut Entity) -> Option<Option<Entity>> {
    let lung = matches!(
        entity.concept,
        "lung cancer" | "adenocarcinoma of lung" | "squamous cell carcinoma of lung" | "prior lung cancer"
    );
    if !lung && !CANCERS.contains(&entity.concept) {
        return Some(None);
    }
    let become_ = |name: &str, entity: &Entity| {
        let mut other = Entity::new(view, named(name), hit.start, hit.end);
        other.assertion = entity.assertion;
        other.experiencer = entity.experiencer;
        other
    };
    if entity.experiencer == Experiencer::Family {
        let name = if lung {
            "family history of lung cancer"
        } else {
            "family history of cancer"
        };
        let mut family = become_(name, entity);
        if family.assertion == Assertion::Historical {
            family.assertion = Assertion::Affirmed;
        }
        return Some(Some(family));
    }
    let words = &view.text()[hit.start..hit.end];
    let says_earlier = [
        "history", "h/o", "prior", "previous", "survivor", "史", "既往", "术后", "past",
    ];
    let earlier_in_words =
        entity.concept.starts_with("prior") && says_earlier.iter().any(|word| words.contains(word));
    if earlier_in_words && entity.assertion == Assertion::Affirmed {
        entity.assertion = Assertion::Historical;
    }
    let denied_history = entity.assertion == Assertion::Negated
        && view
            .triggers
            .iter()
            .any(|t| t.end <= hit.start && view.text()[t.start..t.end].contains("history"));
    let earlier = entity.assertion == Assertion::Historical || denied_history || history_denied(view, hit);
    let mut prior = match entity.concept {
        "lung cancer" if earlier => become_("prior lung cancer", entity),
        "cancer" if earlier => become_("prior cancer", entity),
        "cancer" => return None,
        "cancer of another organ" => become_("prior cancer", entity),
        _ => entity.clone(),
    };
    attach(view, hit, Category::Personal, view.text().len(), &mut prior);
    Some(Some(prior))
}

/// Whether 史 or 病史 follows, so that what is denied is a history.
fn history_denied(view: &View, hit: &ConceptHit) -> bool {
    ["病史", "史"]
        .iter()
        .any(|word| view.text()[hit.end..].starts_with(word))
}

/// Nodules, masses, calcifications, effusions of another organ than the lung.
fn elsewhere(view: &View, hit: &ConceptHit) -> bool {
    const HEADS: &[&str] = &[
        "pulmonary nodule",
        "solitary pulmonary nodule",
        "lung mass",
        "micronodule",
        "calcification",
        "cystic airspace",
        "pleural effusion",
        "solid nodule",
        "new nodule",
        "cavitation",
        "multiple pulmonary nodules",
        "biopsy",
        "pulmonary metastasis",
        "decreased",
        "growth",
    ];
    let name = Lexicon::built_in().concept(hit.id).name.as_str();
    let words = &view.text()[hit.start..hit.end];
    if !HEADS.contains(&name)
        || words.contains("lung")
        || words.contains("pulm")
        || words.contains('肺')
        || words.contains('胸')
    {
        return false;
    }
    organ_near(view, hit.start, hit.end)
}

/// Whether a word names an organ that what stands at `start..end` belongs to.
pub(crate) fn organ_near(view: &View, start: usize, end: usize) -> bool {
    let of_another = |organ: &PhraseHit| {
        let covers = |hit: &ConceptHit| hit.start <= organ.start && organ.end < hit.end && hit.end <= start;
        view.concepts.iter().any(covers)
    };
    view.of(Slot::Structure)
        .filter(|organ| organ.value == "organ" && !of_another(organ))
        .any(|organ| {
            if organ.end <= start {
                let chinese = !view.text()[organ.start..organ.end].is_ascii();
                let between = &view.text()[organ.end..start];
                let reach = if chinese { 6 } else { 2 };
                let lung = between.contains("lung")
                    || between.contains('肺')
                    || between.contains("旁")
                    || between.contains("下");
                return view.words_between(organ.end, start) <= reach
                    && !lung
                    && !between.contains([',', ';', '、', '.']);
            }
            if organ.start >= end && organ.start - end < 40 {
                let first = view.word(view.token_from(end));
                return matches!(first, "in" | "of" | "within" | "at" | "on")
                    && view.words_between(end, organ.start) <= 4;
            }
            false
        })
}

/// A duration, a year or an amount that belongs to a concept.
fn attach(view: &View, hit: &ConceptHit, category: Category, next: usize, entity: &mut Entity) {
    let durable = matches!(
        category,
        Category::Personal | Category::LungDisease | Category::Exposure | Category::Symptom
    );
    if !durable
        || matches!(entity.assertion, Assertion::Negated | Assertion::Hypothetical)
        || entity.value.is_some()
    {
        return;
    }
    let limit = |from: usize, to: usize| {
        view.words_between(from, to) <= 5 && !view.has_between(from, to, &[';', '。'])
    };
    let clause = |from: usize, to: usize| !view.has_between(from, to, &[',']);
    let previous = view
        .concepts
        .iter()
        .rev()
        .find(|other| other.end <= hit.start)
        .map_or(0, |other| other.end);
    for quantity in &view.quantities {
        let after = quantity.start >= hit.end
            && quantity.start < next
            && limit(hit.end, quantity.start)
            && clause(hit.end, quantity.start);
        let before = quantity.end <= hit.start
            && quantity.start >= previous
            && view.words_between(quantity.end, hit.start) <= 3
            && clause(quantity.end, hit.start);
        if !(after || before) || is_age(view, quantity) {
            continue;
        }
        let unit = match quantity.unit {
            Unit::Year => "a",
            Unit::Month => "mo",
            Unit::Week => "wk",
            Unit::Day => "d",
            Unit::Kilogram if entity.concept == "weight loss" => "kg",
            Unit::Lab(unit @ "[lb_av]") if entity.concept == "weight loss" => unit,
            _ => continue,
        };
        if entity.concept == "weight loss" && !matches!(unit, "kg" | "[lb_av]") {
            continue;
        }
        entity.value = Some(quantity.value());
        entity.low = quantity.low;
        entity.unit = Some(unit.to_owned());
        return;
    }
    if category == Category::Symptom {
        return;
    }
    if view.dates.len() > 1 {
        // `from 1970 to 1985` is a time of its own.
        return;
    }
    for date in &view.dates {
        let after = date.start >= hit.end && date.start < next && limit(hit.end, date.start);
        let before = date.end <= hit.start && date.start >= previous && limit(date.end, hit.start);
        if after || before {
            entity.value = Some(f64::from(date.year));
            entity.unit = Some("year".to_owned());
            return;
        }
    }
}

/// `lost 10 lb`.
fn weight_lost(view: &View, scopes: &Scopes) -> Option<Entity> {
    let quantity = view.quantities.iter().find(|quantity| {
        let token = view.token_from(quantity.start);
        let lost = (1..=3).any(|back| token.checked_sub(back).is_some_and(|at| view.word(at) == "lost"));
        lost && matches!(quantity.unit, Unit::Kilogram | Unit::Lab("[lb_av]"))
    })?;
    let unit = if quantity.unit == Unit::Kilogram {
        "kg"
    } else {
        "[lb_av]"
    };
    let context = scopes.at(quantity.start, quantity.end);
    let mut entity = Entity::new(view, named("weight loss"), quantity.start, quantity.end);
    entity.assertion = context.assertion(Category::Symptom, view.section());
    entity.experiencer = context.experiencer(view.section());
    Some(entity.with_value(quantity.value(), unit))
}

/// `at age 62`, `at 62 years`.
fn is_age(view: &View, quantity: &Quantity) -> bool {
    let token = view.token_from(quantity.start);
    let before = |back: usize| token.checked_sub(back).map_or("", |token| view.word(token));
    matches!(before(1), "at" | "age" | "aged") || before(2) == "age"
}

/// `65-year-old`, `aged 65`, `65岁`: the patient's own.
fn age(view: &View, scopes: &Scopes) -> Option<Entity> {
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
fn sex(view: &View, scopes: &Scopes, found: &[Entity]) -> Option<Entity> {
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
                .is_some_and(|next| next.kind == crate::token::TokenKind::Digits);
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
