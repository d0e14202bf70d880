//! A text from beginning to end.

use serde::Serialize;

use crate::assertion::Scopes;
use crate::entity::Entity;
use crate::extract::extract;
use crate::language::Language;
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
}

/// Reads a text; its language is found out when it is `None`. Places in the result are code points of `text` as given.
/// Linear in the length of the text, whatever it holds.
pub fn read(text: &str, language: Option<Language>) -> Findings {
    let mut entities = Vec::new();
    let mut smoking = Smoking::default();
    for sentence in Sentences::new(text) {
        let view = View::new(sentence);
        let scopes = Scopes::new(&view);
        if sentence.new_paragraph || !smoking.read(&view, &scopes) {
            smoking.finish(&mut entities);
            if sentence.new_paragraph {
                smoking.read(&view, &scopes);
            }
        }
        entities.extend(extract(&view, &scopes));
    }
    smoking.finish(&mut entities);
    entities.sort_by_key(|entity| (entity.start, entity.end));
    Findings {
        language: language.unwrap_or_else(|| Language::of(text)),
        entities,
    }
}
