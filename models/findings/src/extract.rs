//! Coded statements of one sentence.

use hilum_concepts::{Category, Lexicon, Slot};

use crate::assertion::{Assertion, Experiencer};
use crate::cancer::cancer;
use crate::entity::{Entity, named};
use crate::lab::lab;
use crate::person::{age, sex};
use crate::quantity::Quantity;
use crate::scope::Scopes;
use crate::unit::Unit;
use crate::view::{ConceptHit, PhraseHit, View};

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

/// Whether 史 or 病史 follows, so that what is denied is a history.
pub(crate) fn history_denied(view: &View, hit: &ConceptHit) -> bool {
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
pub(crate) fn attach(view: &View, hit: &ConceptHit, category: Category, next: usize, entity: &mut Entity) {
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
