//! FHIR R4 in JSON: Patient, Condition, Observation, `FamilyMemberHistory`, `DocumentReference`, `DiagnosticReport`, alone
//! or in a Bundle. Elements that are not used are not looked at, so a resource with extensions or of a profile is read too.

mod condition;
mod document;
mod family;
mod node;
mod observation;
mod patient;

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::{ClinicalRecord, RecordError, RecordWarning, text};
use node::Node;
use patient::Subject;

/// Reads a resource or a bundle of resources.
pub(crate) fn read(name: &str, bytes: &[u8]) -> Result<ClinicalRecord, RecordError> {
    let text = text::decode(bytes)?;
    // serde_json refuses nesting beyond 128, so nothing below recurses deeper.
    let json: Json = serde_json::from_str(&text).map_err(|error| RecordError::Fhir(place_of(&error)))?;
    let resources = resources(name, &json)?;

    let subject = Subject::of(&resources)?;
    let mut record = ClinicalRecord {
        identity: subject.identity(),
        ..ClinicalRecord::default()
    };
    let mut unread: BTreeMap<&str, usize> = BTreeMap::new();
    for resource in &resources {
        let kind = resource.kind();
        if kind != "Patient" && !subject.is_of(&resource.node) {
            record.warnings.push(RecordWarning {
                code: "patient_mismatch",
                text: format!("a resource {kind} about another patient is set aside"),
                source: resource.node.source(),
            });
            continue;
        }
        match kind {
            "Patient" => {}
            "Condition" => condition::read(&resource.node, &mut record),
            "Observation" => observation::read(&resource.node, &mut record),
            "FamilyMemberHistory" => family::read(&resource.node, &mut record),
            "DocumentReference" => document::read_reference(&resource.node, &mut record),
            "DiagnosticReport" => document::read_report(&resource.node, &mut record),
            other => *unread.entry(other).or_default() += 1,
        }
    }
    if !unread.is_empty() {
        let list: Vec<String> = unread
            .iter()
            .map(|(kind, count)| format!("{kind} {count}"))
            .collect();
        record.warnings.push(RecordWarning {
            code: "resource_not_read",
            text: format!("resources of these types are not read: {}", list.join(", ")),
            source: Node::root(name, &json).source(),
        });
    }
    Ok(record)
}

/// A resource of the document.
struct Resource<'a> {
    node: Node<'a>,
    /// `fullUrl` of its entry.
    full_url: Option<&'a str>,
}

impl<'a> Resource<'a> {
    /// Its type; `unnamed` where that cannot be one, because it is repeated in warnings and paths.
    fn kind(&self) -> &'a str {
        self.node.kind()
    }
}

fn resources<'a>(name: &'a str, json: &'a Json) -> Result<Vec<Resource<'a>>, RecordError> {
    let root = Node::root(name, json);
    if root.text("resourceType").is_none() {
        return Err(RecordError::Fhir("the document has no resourceType".to_owned()));
    }
    match root.kind() {
        "Bundle" => Ok(root
            .each("entry")
            .into_iter()
            .filter_map(|entry| {
                Some(Resource {
                    node: entry.get("resource")?,
                    full_url: entry.text("fullUrl"),
                })
            })
            .collect()),
        _ => Ok(vec![Resource {
            node: root,
            full_url: None,
        }]),
    }
}

/// What is wrong with JSON, by its place: the library's message could repeat a value.
fn place_of(error: &serde_json::Error) -> String {
    let what = if error.is_eof() {
        "ends too early"
    } else {
        "is not JSON"
    };
    format!(
        "the document {what}, line {} column {}",
        error.line(),
        error.column()
    )
}
