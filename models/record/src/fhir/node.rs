//! A JSON value that knows its FHIR path.

use serde_json::Value as Json;

use crate::{Coding, Format, Source};

/// Letters of the name of a resource type; the longest has 34.
const MOST_LETTERS: usize = 40;

/// A value and where it stands.
#[derive(Clone)]
pub(super) struct Node<'a> {
    document: &'a str,
    value: &'a Json,
    path: String,
}

impl<'a> Node<'a> {
    /// The whole document, by the name of its resource.
    pub(super) fn root(document: &'a str, value: &'a Json) -> Self {
        let mut root = Self {
            document,
            value,
            path: String::new(),
        };
        root.path = root.kind().to_owned();
        root
    }

    /// The type of a resource; `unnamed` where it cannot be one.
    pub(super) fn kind(&self) -> &'a str {
        self.text("resourceType")
            .filter(|kind| kind.len() <= MOST_LETTERS && kind.chars().all(|c| c.is_ascii_alphabetic()))
            .unwrap_or("unnamed")
    }

    /// A member, when it is there.
    pub(super) fn get(&self, name: &str) -> Option<Self> {
        Some(Self {
            document: self.document,
            value: self.value.get(name)?,
            path: format!("{}.{name}", self.path),
        })
    }

    /// The items of a member that repeats. One that should repeat and stands alone is taken as one item.
    pub(super) fn each(&self, name: &str) -> Vec<Self> {
        let Some(member) = self.get(name) else {
            return Vec::new();
        };
        match member.value {
            Json::Array(items) => items
                .iter()
                .enumerate()
                .map(|(at, value)| Self {
                    document: self.document,
                    value,
                    path: format!("{}[{at}]", member.path),
                })
                .collect(),
            _ => vec![member],
        }
    }

    /// A member that is a string.
    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        self.value.get(name)?.as_str()
    }

    /// A member that is a finite number.
    pub(super) fn number(&self, name: &str) -> Option<f64> {
        self.value.get(name)?.as_f64().filter(|number| number.is_finite())
    }

    /// A member that is yes or no.
    pub(super) fn boolean(&self, name: &str) -> Option<bool> {
        self.value.get(name)?.as_bool()
    }

    /// Codings of a `CodeableConcept` member.
    pub(super) fn codings(&self, name: &str) -> Vec<Coding> {
        let Some(concept) = self.get(name) else {
            return Vec::new();
        };
        concept.each("coding").iter().filter_map(Self::coding).collect()
    }

    /// This value as a `Coding`.
    pub(super) fn coding(&self) -> Option<Coding> {
        Some(Coding {
            system: self.text("system").map(str::to_owned),
            code: self.text("code")?.to_owned(),
            display: self.text("display").map(str::to_owned),
        })
    }

    /// First code of a `CodeableConcept` member: of statuses, which have one.
    pub(super) fn status_code(&self, name: &str) -> Option<String> {
        self.codings(name).into_iter().next().map(|coding| coding.code)
    }

    /// Words of a `CodeableConcept` member: its text, else the display of a coding.
    pub(super) fn words(&self, name: &str) -> Option<String> {
        let concept = self.get(name)?;
        concept
            .text("text")
            .map(str::to_owned)
            .or_else(|| self.codings(name).into_iter().find_map(|coding| coding.display))
    }

    /// Where it stands.
    pub(super) fn source(&self) -> Source {
        Source {
            document: self.document.to_owned(),
            format: Format::Fhir,
            path: self.path.clone(),
        }
    }
}
