//! HL7 v2 messages: ADT for identity and diagnoses, ORU for results and texts. A segment's number in a path counts those of
//! its name: `OBX[3]-5` is the fifth field of the third OBX.

mod fields;
mod results;

use std::collections::HashSet;

use hilum_domain::Redacted;
use hl7kit::{Message, Segment};

use crate::{
    Assertion, ClinicalRecord, Experiencer, Format, Identifier, Identity, RecordError, RecordWarning, Source,
    Statement, StatementKind, text,
};
pub(crate) use fields::day;
use fields::{coding, components, field};

/// Reads one message.
pub(crate) fn read(name: &str, bytes: &[u8]) -> Result<ClinicalRecord, RecordError> {
    let text = text::decode_as(&character_set(bytes), "MSH-18", bytes)?;
    let message = Message::parse(text).map_err(|error| RecordError::Hl7V2(error.to_string()))?;
    let place = Place { document: name };
    let mut record = ClinicalRecord {
        identity: identity(&message, &place)?,
        ..ClinicalRecord::default()
    };
    for (at, segment) in numbered(&message, "DG1") {
        diagnosis(&message, &segment, &place.field("DG1", at, 3), &mut record);
    }
    results::read(&message, &place, &mut record);
    Ok(record)
}

/// Names places in one document.
struct Place<'a> {
    document: &'a str,
}

impl Place<'_> {
    /// `OBX[3]-5`.
    fn field(&self, segment: &str, at: usize, field: usize) -> Source {
        self.path(format!("{segment}[{at}]-{field}"))
    }

    fn path(&self, path: String) -> Source {
        Source {
            document: self.document.to_owned(),
            format: Format::Hl7V2,
            path,
        }
    }
}

/// Segments of a name with their number, from 1.
fn numbered<'a>(message: &'a Message, name: &'static str) -> impl Iterator<Item = (usize, Segment<'a>)> {
    message
        .segments_named(name)
        .enumerate()
        .map(|(at, segment)| (at + 1, segment))
}

/// MSH-18, read before the characters are: everything up to it is ASCII in every character set of table 0211 that is read.
fn character_set(bytes: &[u8]) -> String {
    let line = bytes
        .split(|byte| matches!(byte, b'\r' | b'\n'))
        .find(|line| line.windows(3).any(|window| window == b"MSH"))
        .unwrap_or_default();
    let Some(start) = line.windows(3).position(|window| window == b"MSH") else {
        return String::new();
    };
    let Some(&separator) = line.get(start + 3) else {
        return String::new();
    };
    // MSH-1 is the separator itself, so MSH-18 is the seventeenth piece after the name.
    let field = line[start..]
        .split(|&byte| byte == separator)
        .nth(17)
        .unwrap_or_default();
    let first = field.split(|&byte| byte == b'~').next().unwrap_or_default();
    String::from_utf8_lossy(first).into_owned()
}

fn identity(message: &Message, place: &Place) -> Result<Identity, RecordError> {
    let mut identity = Identity::default();
    let mut known = HashSet::new();
    for (at, segment) in numbered(message, "PID") {
        let mut new = Vec::new();
        if let Some(list) = segment.field(3) {
            for repetition in list.repetitions() {
                let parts = components(message, repetition.value());
                let value = parts.first().map_or("", |value| value.trim());
                if value.is_empty() || value == "\"\"" {
                    continue;
                }
                new.push(Identifier {
                    value: Redacted::new(value.to_owned()),
                    issuer: parts.get(3).filter(|issuer| !issuer.is_empty()).cloned(),
                    source: place.field("PID", at, 3),
                });
            }
        }
        let keys: Vec<_> = new
            .iter()
            .map(|one| (one.value.reveal().clone(), one.issuer.clone()))
            .collect();
        if at > 1 && !keys.iter().any(|key| known.contains(key)) {
            return Err(RecordError::SeveralPatients {
                first: "PID[1]".to_owned(),
                second: format!("PID[{at}]"),
            });
        }
        known.extend(keys);
        identity.identifiers.extend(new);
        identity.birth_date = identity.birth_date.or_else(|| {
            field(&segment, 7)
                .filter(|text| text.len() >= 8)
                .map(|text| Redacted::new(text[..8].to_owned()))
        });
        identity.sex = identity.sex.or_else(|| {
            field(&segment, 8)
                .filter(|sex| matches!(sex.as_str(), "M" | "F"))
                .map(Redacted::new)
        });
    }
    for (at, segment) in numbered(message, "OBR") {
        // OBR-18 is where IHE puts the accession number; OBR-3, the filler's number, is only its usual source.
        let number = field(&segment, 18).and_then(|text| components(message, &text).into_iter().next());
        if let Some(number) = number.filter(|number| !number.trim().is_empty()) {
            identity.accession_numbers.push(Identifier {
                value: Redacted::new(number.trim().to_owned()),
                issuer: None,
                source: place.field("OBR", at, 18),
            });
        }
    }
    Ok(identity)
}

/// DG1: working diagnoses are uncertain, deleted ones are not there.
fn diagnosis(message: &Message, segment: &Segment, source: &Source, record: &mut ClinicalRecord) {
    if field(segment, 21).as_deref() == Some("D") {
        record.warnings.push(RecordWarning {
            code: "entered_in_error",
            text: "a deleted diagnosis is set aside".to_owned(),
            source: source.clone(),
        });
        return;
    }
    let codings: Vec<_> = coding(message, segment, 3).into_iter().collect();
    let words = field(segment, 4)
        .or_else(|| codings.first().and_then(|coding| coding.display.clone()))
        .map(Redacted::new);
    if codings.is_empty() && words.is_none() {
        return;
    }
    record.statements.push(Statement {
        kind: StatementKind::Condition,
        codings,
        words,
        assertion: match field(segment, 6).as_deref() {
            Some("W" | "A") => Assertion::Uncertain,
            _ => Assertion::Affirmed,
        },
        experiencer: Experiencer::Patient,
        relationship: None,
        value: None,
        reference_range: None,
        date: field(segment, 5).and_then(|text| day(&text)),
        source: source.clone(),
    });
}
