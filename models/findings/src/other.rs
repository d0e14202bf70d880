//! What a report says beside its nodules: what is not there, advice, Lung-RADS.

use hilum_concepts::{Category, Lexicon, Slot, TriggerKind};

use crate::assertion::Assertion;
use crate::entity::Entity;
use crate::nodule::Other;
use crate::scope::Scopes;
use crate::section::Section;
use crate::since::months_of;
use crate::view::View;

/// Enters what a sentence says, given its statements.
pub(crate) fn other(
    view: &View,
    scopes: &Scopes,
    entities: &[Entity],
    denied: bool,
    no_new: bool,
    other: &mut Other,
) {
    let mut negated = Vec::new();
    if denied {
        negated.push((0, "nodule".to_owned()));
    }
    if no_new {
        negated.push((0, "new_nodule".to_owned()));
    }
    for entity in entities
        .iter()
        .filter(|entity| entity.assertion == Assertion::Negated)
    {
        let lexicon = Lexicon::built_in();
        let category = lexicon
            .named(entity.concept)
            .map(|id| lexicon.concept(id).category);
        let word = name(entity.concept);
        if matches!(category, Some(Category::Imaging | Category::LungDisease)) && !of_a_nodule(entity.concept)
        {
            negated.push((entity.start, word));
        }
    }
    negated.sort();
    for (_, word) in negated {
        if !other.negated.contains(&word) {
            other.negated.push(word);
        }
    }
    advice(view, scopes, other);
    if other.lung_rads.is_none() {
        other.lung_rads = lung_rads(view);
    }
}

/// Concepts that describe a nodule, or are one.
fn of_a_nodule(concept: &str) -> bool {
    concept.contains("nodule")
        || concept.contains("margin")
        || matches!(
            concept,
            "calcification"
                | "popcorn calcification"
                | "laminated calcification"
                | "central calcification"
                | "diffuse calcification"
                | "fat density"
                | "cavitation"
                | "cystic airspace"
                | "bubble lucency"
                | "air bronchogram"
                | "pleural tag"
                | "vessel convergence"
                | "growth"
                | "stable"
                | "decreased"
                | "solid component"
                | "FDG uptake"
                | "lung cancer"
        )
}

fn name(concept: &str) -> String {
    match concept {
        "lung mass" => "mass".to_owned(),
        concept => concept.to_lowercase().replace([' ', '-'], "_"),
    }
}

/// `recommend follow up CT in six months`, `建议三个月后复查`, `annual screening`.
fn advice(view: &View, scopes: &Scopes, other: &mut Other) {
    let advised = view
        .triggers
        .iter()
        .any(|hit| hit.trigger.kind == TriggerKind::Advice)
        || view.section() == Section::Recommendation
        || ["follow", "repeat", "recheck", "surveillance"]
            .iter()
            .any(|word| view.text().starts_with(word))
        || view.text().contains("annual")
        || view.text().contains("复查")
        || view.text().contains("随访")
        || view.text().contains("month follow up");
    if !advised {
        return;
    }
    let asked = |hit: &&crate::view::PhraseHit| {
        let context = scopes.at(hit.start, hit.end);
        !context.negated && !context.historical
    };
    let Some(first) = view.of(Slot::Advice).find(asked) else {
        return;
    };
    if other.recommendation.is_none() {
        other.recommendation = Some(first.value);
    }
    if other.interval_months.is_some()
        || first.value != "follow-up CT" && other.recommendation != Some(first.value)
    {
        return;
    }
    let text = view.text();
    let yearly = ["annual", "yearly", "每年", "年度"]
        .iter()
        .any(|word| text.contains(word));
    let interval = view.quantities.iter().find(|quantity| {
        let near = view.of(Slot::Advice).any(|hit| {
            let (from, to) = if hit.end <= quantity.start {
                (hit.end, quantity.start)
            } else {
                (quantity.end, hit.start)
            };
            view.words_between(from, to.max(from)) <= 8
        });
        let past = matches!(view.word(view.token_from(quantity.end)), "ago" | "前");
        near && !past && months_of(quantity.value(), quantity.unit).is_some()
    });
    if let Some(quantity) = interval {
        let high = months_of(quantity.value(), quantity.unit);
        let low = quantity.low.and_then(|low| months_of(low, quantity.unit));
        other.interval_months = low.or(high);
        other.interval_months_high = low.and(high);
    } else if yearly {
        other.interval_months = Some(12.0);
    }
}

/// `Lung-RADS category 4A`, `lung rads four b`, `Lung-RADS 2S`.
fn lung_rads(view: &View) -> Option<String> {
    let hit = view.of(Slot::LungRads).next()?;
    let skipped = [
        "category",
        "score",
        "assessment",
        "classification",
        ":",
        "=",
        "is",
        "of",
        "version",
        "v",
        "(",
        "-",
        "2022",
        "v2022",
        "acr",
        "分",
        "类",
        "级",
        "为",
        "考",
        "虑",
        "评",
        "估",
        "1.1",
        "was",
        "remains",
        "final",
    ];
    let mut token = view.token_from(hit.end);
    while skipped.contains(&view.word(token)) && !view.word(token).is_empty() {
        token += 1;
    }
    let start = view.tokens.get(token)?.start;
    let number = view.numbers.iter().find(|number| number.start == start)?;
    if !(0.0..=4.0).contains(&number.value) || number.value.fract() != 0.0 {
        return None;
    }
    let mut category = format!("{}", number.value);
    let mut end = number.end;
    for letters in [&["a", "b", "x"][..], &["s"]] {
        let next = view.token_from(end);
        let word = view.word(next);
        let letter = letters.iter().find(|letter| word == **letter);
        let both = matches!(word, "as" | "bs" | "xs") && letters.len() == 3;
        // `4 a` when dictated; `category 2 a` is nothing.
        let fits = letter.is_some_and(|letter| *letter == "s" || number.value.to_bits() == 4_f64.to_bits());
        if both {
            category.push_str(&word.to_uppercase());
            return Some(category);
        }
        if fits {
            category.push_str(&word.to_uppercase());
            end = view.tokens[next].end;
        }
    }
    Some(category)
}
