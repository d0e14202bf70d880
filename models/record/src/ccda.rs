//! Consolidated CDA: identity and the narrative of its sections. Entries, which repeat the narrative in codes, are not read.

mod narrative;

use std::{collections::HashMap, rc::Rc};

use hilum_domain::Redacted;
use roxmltree::{Document, Node, ParsingOptions};

use crate::{ClinicalRecord, Format, Identifier, Identity, Narrative, RecordError, Source, text};

/// Nodes of a document; a patient's summary of many years has some ten thousand.
const MAX_NODES: u32 = 2_000_000;
/// Elements above each other; a patient's summary has some twenty.
const MAX_DEPTH: usize = 128;
/// Bytes of a path; those of real documents have about a hundred.
const MAX_PATH: usize = 512;

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
    for (section, path) in sections(root)? {
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
            source: source(name, format!("{path}/text")),
        });
    }
    Ok(record)
}

fn identity(name: &str, root: Node) -> Result<Identity, RecordError> {
    let mut identity = Identity::default();
    let targets = "/ClinicalDocument/recordTarget";
    let mut roles = root
        .children()
        .filter(|node| is(*node, "recordTarget"))
        .filter_map(|target| child(target, "patientRole"));
    let Some(role) = roles.next() else {
        return Ok(identity);
    };
    if roles.next().is_some() {
        return Err(RecordError::SeveralPatients {
            first: format!("{targets}[1]"),
            second: format!("{targets}[2]"),
        });
    }
    for (at, id) in role.children().filter(|node| is(*node, "id")).enumerate() {
        // Without an extension the root is the whole identifier.
        let (Some(root), extension) = (id.attribute("root"), id.attribute("extension")) else {
            continue;
        };
        identity.identifiers.push(Identifier {
            value: Redacted::new(extension.unwrap_or(root).trim().to_owned()),
            issuer: extension.map(|_| id.attribute("assigningAuthorityName").unwrap_or(root).to_owned()),
            source: source(name, format!("{targets}/patientRole/id[{}]", at + 1)),
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

/// Sections with their paths, in the order of the document. What stands within a narrative block is its text and no section,
/// so no words are taken twice; nesting and paths are limited, because every section carries its own.
fn sections<'a, 'i>(root: Node<'a, 'i>) -> Result<Vec<(Node<'a, 'i>, String)>, RecordError> {
    let mut found = Vec::new();
    let mut open = vec![(root, Rc::<str>::from(""), root.tag_name().name().to_owned(), 0)];
    while let Some((node, above, step, depth)) = open.pop() {
        let path = format!("{above}/{step}");
        if depth > MAX_DEPTH || path.len() > MAX_PATH {
            return Err(RecordError::Ccda(format!(
                "elements are nested deeper than {MAX_DEPTH}, or their path is longer than {MAX_PATH}"
            )));
        }
        let above = Rc::<str>::from(path.as_str());
        let at = open.len();
        open.extend(steps(node).map(|(child, step)| (child, Rc::clone(&above), step, depth + 1)));
        open[at..].reverse();
        if is(node, "section") {
            found.push((node, path));
        }
    }
    Ok(found)
}

/// The child elements beside narrative blocks, each with its step of a path: numbered where siblings share its name.
fn steps<'a, 'i>(node: Node<'a, 'i>) -> impl Iterator<Item = (Node<'a, 'i>, String)> {
    let mut alike: HashMap<&'a str, usize> = HashMap::new();
    for child in node.children().filter(Node::is_element) {
        *alike.entry(child.tag_name().name()).or_default() += 1;
    }
    let mut seen: HashMap<&'a str, usize> = HashMap::new();
    node.children().filter(Node::is_element).filter_map(move |child| {
        let name = child.tag_name().name();
        let at = seen.entry(name).or_default();
        *at += 1;
        let step = if alike[name] == 1 {
            name.to_owned()
        } else {
            format!("{name}[{at}]")
        };
        (name != "text").then_some((child, step))
    })
}

fn source(document: &str, path: String) -> Source {
    Source {
        document: document.to_owned(),
        format: Format::Ccda,
        path,
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
