//! A coded statement of a text.

use hilum_concepts::{ConceptId, Lexicon};
use hilum_domain::Code;
use serde::Serialize;

use crate::assertion::{Assertion, Experiencer};
use crate::section::Section;
use crate::view::View;

/// Something that a text says of somebody, with the place where it says so.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entity {
    /// English name of the concept, for example `pack-years`.
    pub concept: &'static str,
    /// Its code, where one is known.
    pub code: Option<Code>,
    /// Whether it is, was, may be or is not there.
    pub assertion: Assertion,
    /// Whose it is.
    pub experiencer: Experiencer,
    /// Its number: an amount, a duration, or a year; the upper end of a range.
    pub value: Option<f64>,
    /// UCUM unit of `value`; `year` for a calendar year; `history` where a history of it is denied.
    pub unit: Option<String>,
    /// Lower end, where the text gives a range.
    pub low: Option<f64>,
    /// Reference range of a laboratory, where the text gives one.
    pub reference: Option<Reference>,
    /// Part of the report.
    pub section: Section,
    /// The words as they stand in the text.
    pub text: String,
    /// First code point in the text as given.
    pub start: u32,
    /// Code point after the last.
    pub end: u32,
}

/// Reference range as the text gives it, in the unit of the value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Reference {
    /// Lower limit.
    pub low: Option<f64>,
    /// Upper limit.
    pub high: Option<f64>,
}

impl Entity {
    /// An entity without a value, from the bytes `start..end` of a sentence.
    pub(crate) fn new(view: &View, id: ConceptId, start: usize, end: usize) -> Self {
        let concept = Lexicon::built_in().concept(id);
        let span = view.span(start, end);
        Self {
            concept: &concept.name,
            code: concept.code.as_ref().map(|code| code.code.clone()),
            assertion: Assertion::Affirmed,
            experiencer: Experiencer::Patient,
            value: None,
            unit: None,
            low: None,
            reference: None,
            section: view.section(),
            text: view.cut(span),
            start: span.0,
            end: span.1,
        }
    }

    /// The same with a value.
    pub(crate) fn with_value(mut self, value: f64, unit: &str) -> Self {
        self.value = Some(value);
        self.unit = Some(unit.to_owned());
        self
    }

    /// Whether another says the same of the same person, perhaps with less.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        self.concept == other.concept
            && self.assertion == other.assertion
            && self.experiencer == other.experiencer
            && (other.value.is_none() || (self.value == other.value && self.unit == other.unit))
    }
}

/// The concept of a name that the program itself uses. The tables hold all of them: a test looks each up.
pub(crate) fn named(name: &str) -> ConceptId {
    let id = Lexicon::built_in().named(name);
    id.unwrap_or_else(|| unreachable!("the lexicon holds {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lexicon_holds_every_name_that_rules_use() {
        for name in [
            "age",
            "male",
            "female",
            "weight loss",
            "never smoker",
            "former smoker",
            "years since quitting",
            "quit date",
            "pack-years",
            "cigarette-year index",
            "packs per day",
            "cigarettes per day",
            "years smoked",
            "family history of lung cancer",
            "family history of cancer",
            "prior lung cancer",
            "prior cancer",
        ] {
            named(name);
        }
    }
}
