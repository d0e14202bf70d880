//! Consolidated CDA: identity and the narrative of its sections. Entries, which repeat the narrative in codes, are not read.

mod narrative;

use hilum_domain::Redacted;
use roxmltree::{Document, Node, ParsingOptions};

use crate::{ClinicalRecord, Format, Identifier, Identity, Narrative, RecordError, Source, text};

/// Nodes of a document; a patient's summary of many years has some ten thousand.
const MAX_NODES: u32 = 2_000_000;

/// Reads a clinical document.
pub(crate) fn read(name: &str, bytes: &[u8]) -> Result<ClinicalRecord, RecordError> {
    let text = text::decode_as(&declared_encoding(bytes), "the XML declaration", bytes)?;
    let options = ParsingOptions {
        nodes_limit: MAX_NODES,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(&text, options).map_err(|error| {
        let at = error.pos();
        RecordError::Ccda(format!(
            "the document is not XML, line {} column {}",
            at.row, at.col
        ))
    })?;
    let root = document.root_element();
    if root.tag_name().name() != "ClinicalDocument" {
        return Err(RecordError::Ccda(
            "the root element is not ClinicalDocument".to_owned(),
        ));
    }
    let mut record = ClinicalRecord {
        identity: identity(name, root)?,
        ..ClinicalRecord::default()
    };
    let date = child(root, "effectiveTime")
        .and_then(|time| time.attribute("value"))
        .and_then(day);
    for section in root.descendants().filter(|node| is(*node, "section")) {
        let Some(text) = child(section, "text") else {
            continue;
        };
        let words = narrative::plain(text);
        if words.trim().is_empty() {
            continue;
        }
        record.narratives.push(Narrative {
            title: child(section, "title").map(|title| narrative::plain(title).trim().to_owned()),
            text: Redacted::new(words),
            date: date.clone(),
            source: source(name, text),
        });
    }
    Ok(record)
}

fn identity(name: &str, root: Node) -> Result<Identity, RecordError> {
    let mut identity = Identity::default();
    let mut roles = root
        .children()
        .filter(|node| is(*node, "recordTarget"))
        .filter_map(|target| child(target, "patientRole"));
    let Some(role) = roles.next() else {
        return Ok(identity);
    };
    if let Some(other) = roles.next() {
        return Err(RecordError::SeveralPatients {
            first: source(name, role).path,
            second: source(name, other).path,
        });
    }
    for id in role.children().filter(|node| is(*node, "id")) {
        // Without an extension the root is the whole identifier.
        let (Some(root), extension) = (id.attribute("root"), id.attribute("extension")) else {
            continue;
        };
        identity.identifiers.push(Identifier {
            value: Redacted::new(extension.unwrap_or(root).trim().to_owned()),
            issuer: extension.map(|_| id.attribute("assigningAuthorityName").unwrap_or(root).to_owned()),
            source: source(name, id),
        });
    }
    if let Some(patient) = child(role, "patient") {
        identity.birth_date = child(patient, "birthTime")
            .and_then(|time| time.attribute("value"))
            .filter(|value| value.len() >= 8 && value.is_char_boundary(8))
            .map(|value| Redacted::new(value[..8].to_owned()));
        identity.sex = child(patient, "administrativeGenderCode")
            .and_then(|gender| gender.attribute("code"))
            .filter(|code| matches!(*code, "M" | "F"))
            .map(|code| Redacted::new(code.to_owned()));
    }
    Ok(identity)
}

fn is(node: Node, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name
}

fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|node| is(*node, name))
}

/// Steps from the root, numbered where siblings share a name.
fn source(document: &str, node: Node) -> Source {
    let mut steps: Vec<String> = node
        .ancestors()
        .filter(Node::is_element)
        .map(|node| {
            let name = node.tag_name().name();
            let siblings =
                |nodes: &mut dyn Iterator<Item = Node>| nodes.filter(|other| is(*other, name)).count();
            let before = siblings(&mut node.prev_siblings().skip(1));
            let after = siblings(&mut node.next_siblings().skip(1));
            if before + after == 0 {
                name.to_owned()
            } else {
                format!("{name}[{}]", before + 1)
            }
        })
        .collect();
    steps.push(String::new());
    steps.reverse();
    Source {
        document: document.to_owned(),
        format: Format::Ccda,
        path: steps.join("/"),
    }
}

/// The encoding of an XML declaration; the declaration itself is ASCII.
fn declared_encoding(bytes: &[u8]) -> String {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).into_owned();
    let Some(declaration) = head.split("?>").next().filter(|head| head.contains("<?xml")) else {
        return String::new();
    };
    declaration
        .split_once("encoding=")
        .and_then(|(_, rest)| rest.get(1..)?.split(['"', '\'']).next().map(str::to_owned))
        .unwrap_or_default()
}

/// A timestamp as a date of its own precision.
fn day(text: &str) -> Option<String> {
    crate::hl7v2::day(text)
}
