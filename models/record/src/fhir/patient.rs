//! Whose document it is.

use std::collections::HashSet;

use hilum_domain::Redacted;

use super::Resource;
use super::node::Node;
use crate::{Identifier, Identity, RecordError};

/// The patient of a document, and the references that mean this patient.
pub(super) struct Subject<'a> {
    patients: Vec<&'a Resource<'a>>,
    /// `fullUrl` of their entries.
    full_urls: HashSet<&'a str>,
    /// Their ids.
    ids: HashSet<&'a str>,
    /// Logical references of resources, where the document has no Patient.
    logical: Vec<Node<'a>>,
    /// The literal reference that the first resource gives, where the document has no Patient.
    literal: Option<&'a str>,
}

impl<'a> Subject<'a> {
    /// Finds the patient. Several Patient resources are one patient only when they share an identifier.
    pub(super) fn of(resources: &'a [Resource<'a>]) -> Result<Self, RecordError> {
        let patients: Vec<_> = resources
            .iter()
            .filter(|resource| resource.kind() == "Patient")
            .collect();
        if let Some((first, rest)) = patients.split_first() {
            let known = identifiers(&first.node);
            for other in rest {
                if identifiers(&other.node).is_disjoint(&known) {
                    return Err(RecordError::SeveralPatients {
                        first: first.node.source().path,
                        second: other.node.source().path,
                    });
                }
            }
        }
        let subjects = || resources.iter().filter_map(|resource| subject_of(&resource.node));
        let (mut logical, mut literal) = (Vec::new(), None);
        if patients.is_empty() {
            logical = subjects()
                .filter_map(|subject| subject.get("identifier"))
                .collect();
            literal = subjects().find_map(|subject| subject.text("reference"));
            if let Some(other) = logical
                .iter()
                .skip(1)
                .find(|other| pair(other).is_none() || pair(other) != pair(&logical[0]))
            {
                return Err(RecordError::SeveralPatients {
                    first: logical[0].source().path,
                    second: other.source().path,
                });
            }
            logical.truncate(1);
        }
        Ok(Self {
            full_urls: patients.iter().filter_map(|patient| patient.full_url).collect(),
            ids: patients
                .iter()
                .filter_map(|patient| patient.node.text("id"))
                .collect(),
            patients,
            logical,
            literal,
        })
    }

    /// Whether a resource is about this patient. One that names nobody is.
    pub(super) fn is_of(&self, resource: &Node) -> bool {
        let Some(reference) = subject_of(resource).and_then(|subject| subject.text("reference")) else {
            return true;
        };
        let reference = reference.split("/_history/").next().unwrap_or(reference);
        if self.patients.is_empty() {
            return self
                .literal
                .is_none_or(|literal| tail(literal) == tail(reference));
        }
        let id = tail(reference).strip_prefix("Patient/");
        self.full_urls.contains(reference) || id.is_some_and(|id| self.ids.contains(id))
    }

    /// Identifiers, birth date and sex.
    pub(super) fn identity(&self) -> Identity {
        let mut identity = Identity::default();
        for patient in &self.patients {
            let node = &patient.node;
            identity
                .identifiers
                .extend(node.each("identifier").iter().filter_map(identifier));
            identity.birth_date = identity.birth_date.or_else(|| {
                let digits = node.text("birthDate")?.replace('-', "");
                (digits.len() == 8).then(|| Redacted::new(digits))
            });
            identity.sex = identity.sex.or_else(|| match node.text("gender")? {
                "male" => Some(Redacted::new("M".to_owned())),
                "female" => Some(Redacted::new("F".to_owned())),
                _ => None,
            });
        }
        identity
            .identifiers
            .extend(self.logical.iter().filter_map(identifier));
        identity
    }
}

/// The last two steps of a reference: a server's base URL is no part of whom it means.
fn tail(reference: &str) -> &str {
    let mut slashes = reference.rmatch_indices('/').skip(1);
    slashes.next().map_or(reference, |(at, _)| &reference[at + 1..])
}

fn subject_of<'a>(resource: &Node<'a>) -> Option<Node<'a>> {
    resource.get("subject").or_else(|| resource.get("patient"))
}

fn identifier(node: &Node) -> Option<Identifier> {
    let value = node.text("value")?.trim();
    if value.is_empty() || node.text("use") == Some("old") {
        return None;
    }
    Some(Identifier {
        value: Redacted::new(value.to_owned()),
        issuer: node.text("system").map(str::to_owned),
        source: node.source(),
    })
}

/// System and value of an identifier.
type Pair<'a> = (Option<&'a str>, &'a str);

fn pair<'a>(node: &Node<'a>) -> Option<Pair<'a>> {
    Some((node.text("system"), node.text("value")?))
}

fn identifiers<'a>(patient: &Node<'a>) -> HashSet<Pair<'a>> {
    patient.each("identifier").iter().filter_map(pair).collect()
}
