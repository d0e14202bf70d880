//! The tables, read once, and the matcher over all their words.

use std::collections::HashMap;
use std::sync::LazyLock;

use hilum_domain::Code;

use crate::concept::{Category, Concept, ConceptCode, ConceptId};
use crate::matcher::{Matcher, Meaning, Pattern};
use crate::phrase::{Phrase, Slot};
use crate::table::{Row, rows};
use crate::trigger::Trigger;

/// Every concept, trigger and phrase, and the automaton that finds them.
#[derive(Debug)]
pub struct Lexicon {
    /// Concepts in the order of the tables.
    pub concepts: Vec<Concept>,
    /// Phrases of nodule slots.
    pub phrases: Vec<Phrase>,
    /// Finds all words at once.
    pub matcher: Matcher,
    /// Terms of each concept that the matcher knows, with their language.
    pub terms: Vec<Term>,
    by_name: HashMap<String, ConceptId>,
}

/// A word or phrase that stands for a concept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The concept.
    pub concept: ConceptId,
    /// The words as in the table.
    pub text: String,
    /// Chinese or English.
    pub chinese: bool,
    /// Counts only where it is written in upper case.
    pub upper_only: bool,
}

static BUILT_IN: LazyLock<Lexicon> = LazyLock::new(Lexicon::from_tables);

impl Lexicon {
    /// The lexicon that ships.
    pub fn built_in() -> &'static Self {
        &BUILT_IN
    }

    /// The concept under this index.
    pub fn concept(&self, id: ConceptId) -> &Concept {
        &self.concepts[usize::from(id.0)]
    }

    /// The concept of this English name.
    pub fn named(&self, name: &str) -> Option<ConceptId> {
        self.by_name.get(name).copied()
    }

    fn from_tables() -> Self {
        let meanings = meanings_of_codes();
        let mut lexicon = Self {
            concepts: Vec::new(),
            phrases: Vec::new(),
            matcher: Matcher::default(),
            terms: Vec::new(),
            by_name: HashMap::new(),
        };
        let exceptions = exceptions();
        for table in [crate::LEXICON, crate::LEXICON_ADDITIONS] {
            for row in rows(table) {
                lexicon.add_concept(&row, &meanings, &exceptions);
            }
        }
        for row in rows(crate::TERM_ADDITIONS) {
            let concept = lexicon.named(row.get("concept"));
            let concept = concept.unwrap_or_else(|| panic!("no concept {:?}", row.get("concept")));
            lexicon.add_terms(concept, row.get("en"), false, &exceptions);
            lexicon.add_terms(concept, row.get("zh"), true, &exceptions);
        }
        let mut patterns = Vec::new();
        for term in &lexicon.terms {
            let meaning = Meaning::Concept(term.concept);
            patterns.push(Pattern::new(&term.text, meaning, term.upper_only));
        }
        let left_out: Vec<String> = rows(crate::TRIGGER_EXCEPTIONS)
            .map(|row| row.get("id").to_owned())
            .collect();
        for table in [crate::TRIGGERS, crate::TRIGGER_ADDITIONS] {
            for row in rows(table).filter(|row| !left_out.iter().any(|id| id == row.get("id"))) {
                let trigger = Trigger::from_names(
                    row.get("language"),
                    row.get("kind"),
                    row.get("direction"),
                    row.get("reach").parse().ok(),
                );
                let trigger = trigger.unwrap_or_else(|| panic!("trigger {:?}", row.get("trigger")));
                let meaning = Meaning::Trigger(trigger);
                patterns.extend(row.list("trigger").map(|text| Pattern::new(text, meaning, false)));
            }
        }
        for table in [crate::PHRASES, crate::PHRASE_ADDITIONS] {
            for row in rows(table).filter(|row| row.get("slot") != "frame") {
                let slot = Slot::from_name(row.get("slot"));
                let slot = slot.unwrap_or_else(|| panic!("slot {:?}", row.get("slot")));
                let phrase = Phrase {
                    slot,
                    value: row.get("value").to_owned(),
                };
                let meaning = Meaning::Phrase(lexicon.phrases.len() as u16, slot);
                lexicon.phrases.push(phrase);
                let texts = row.list("en").chain(row.list("zh"));
                patterns.extend(texts.map(|text| Pattern::new(without_remark(text), meaning, false)));
            }
        }
        lexicon.matcher = Matcher::new(patterns);
        lexicon
    }

    fn add_concept(&mut self, row: &Row, meanings: &Meanings, exceptions: &Exceptions) {
        let category = Category::from_name(row.get("category"));
        let system = row.get("code_system");
        let value = row.get("code");
        let code = (!system.is_empty() && !value.starts_with('(')).then(|| {
            let display = meanings.get(&(system.to_owned(), value.to_owned()));
            ConceptCode {
                code: Code::new(system, value, display.map_or(row.get("en"), String::as_str)),
                confirmation: row.get("code_confirmation").to_owned(),
            }
        });
        let some = |name: &str| {
            Some(row.get(name))
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        let concept = Concept {
            id: row.get("id").to_owned(),
            category: category.unwrap_or_else(|| panic!("category of {:?}", row.get("id"))),
            name: row.get("en").to_owned(),
            zh: row.get("zh").to_owned(),
            code,
            icd10cm: some("icd10cm"),
            unit: some("unit"),
        };
        let id = ConceptId(self.concepts.len() as u16);
        self.by_name.insert(concept.name.clone(), id);
        self.concepts.push(concept);
        for (column, chinese) in [
            ("en", false),
            ("en_variants", false),
            ("zh", true),
            ("zh_variants", true),
        ] {
            self.add_terms(id, row.get(column), chinese, exceptions);
        }
    }

    fn add_terms(&mut self, concept: ConceptId, list: &str, chinese: bool, exceptions: &Exceptions) {
        let id = self.concept(concept).id.clone();
        for text in list.split('|').filter(|text| !text.is_empty()) {
            let rule = exceptions.get(&(id.clone(), text.to_owned())).map(String::as_str);
            if is_pattern(text) || rule == Some("rule") {
                continue;
            }
            self.terms.push(Term {
                concept,
                text: without_remark(text).to_owned(),
                chinese,
                upper_only: rule == Some("upper"),
            });
        }
    }
}

type Meanings = HashMap<(String, String), String>;
type Exceptions = HashMap<(String, String), String>;

/// Scheme and value to the meaning in codes.csv.
fn meanings_of_codes() -> Meanings {
    let row = |row: Row| {
        let key = (row.get("scheme").to_owned(), row.get("value").to_owned());
        (key, row.get("meaning").to_owned())
    };
    rows(crate::CODES).map(row).collect()
}

fn exceptions() -> Exceptions {
    let row = |row: Row| {
        let key = (row.get("id").to_owned(), row.get("term").to_owned());
        (key, row.get("rule").to_owned())
    };
    rows(crate::LEXICON_EXCEPTIONS).map(row).collect()
}

/// Whether an entry describes a form with a place for a number (`quit N years ago`, `每日…支`) instead of words.
/// Rules with numbers read these.
pub(crate) fn is_pattern(text: &str) -> bool {
    let bytes = text.as_bytes();
    let place = |at: usize| {
        let letter = |at: Option<usize>| {
            at.and_then(|at| bytes.get(at))
                .is_some_and(u8::is_ascii_alphanumeric)
        };
        bytes[at] == b'N'
            && !letter(at.checked_sub(1))
            && !(bytes.get(at + 1).is_some_and(u8::is_ascii_uppercase))
            && (!letter(Some(at + 1)) || text[at + 1..].starts_with("kg"))
    };
    text.contains(['…', '>', '×']) || (0..bytes.len()).any(place)
}

/// The words without a remark in parentheses.
pub(crate) fn without_remark(text: &str) -> &str {
    match text.find('(') {
        Some(at) if at > 0 => text[..at].trim_end(),
        _ => text,
    }
}
