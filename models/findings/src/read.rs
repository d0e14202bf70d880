//! A text from beginning to end.

use serde::Serialize;

use crate::discrepancy::{Discrepancy, inside};
use crate::entity::Entity;
use crate::extract::extract;
use crate::language::Language;
use crate::mention::mentions;
use crate::merge::Nodules;
use crate::nodule::{Nodule, Other};
use crate::scope::Scopes;
use crate::sentence::Sentences;
use crate::smoking::Smoking;
use crate::view::View;

/// What a text says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Findings {
    /// Its language.
    pub language: Language,
    /// Coded statements, in the order of the text.
    pub entities: Vec<Entity>,
    /// Nodules that are described, in the order of the text.
    pub nodules: Vec<Nodule>,
    /// What a report says beside them.
    pub other: Other,
    /// What contradicts itself.
    pub discrepancies: Vec<Discrepancy>,
}

/// Reads a text; its language is found out when it is `None`. Places in the result are code points of `text` as given.
/// Linear in the length of the text, whatever it holds.
pub fn read(text: &str, language: Option<Language>) -> Findings {
    let mut entities = Vec::new();
    let mut smoking = Smoking::default();
    let mut nodules = Nodules::default();
    let mut other = Other::default();
    let mut denied_at = Vec::new();
    for sentence in Sentences::new(text) {
        let view = View::new(sentence);
        let scopes = Scopes::new(&view);
        if sentence.new_paragraph || !smoking.read(&view, &scopes) {
            smoking.finish(&mut entities);
            if sentence.new_paragraph {
                smoking.read(&view, &scopes);
            }
        }
        if sentence.new_paragraph {
            nodules.close();
        }
        let statements = extract(&view, &scopes);
        let found = mentions(&view, &scopes);
        crate::other::other(
            &view,
            &scopes,
            &statements,
            found.denied,
            found.no_new,
            &mut other,
        );
        if found.denied && !nodules.found.is_empty() {
            let (start, end) = view.span(0, view.text().trim_end().len());
            denied_at.push([start, end]);
        }
        for mention in found.nodules {
            nodules.add(mention);
        }
        entities.extend(statements);
    }
    smoking.finish(&mut entities);
    entities.sort_by_key(|entity| (entity.start, entity.end));
    let nodules = nodules.found;
    let denied = other.negated.iter().any(|word| word == "nodule");
    other.impression = (denied && nodules.is_empty()).then_some("no nodule");
    let discrepancies = inside(&nodules, &other, &denied_at);
    Findings {
        language: language.unwrap_or_else(|| Language::of(text)),
        entities,
        nodules,
        other,
        discrepancies,
    }
}
