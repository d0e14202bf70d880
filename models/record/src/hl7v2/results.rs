//! OBX and NTE: results and texts of an ORU message.

use hilum_domain::Redacted;
use hl7kit::{Message, Segment};

use super::fields::{coding, coding_of, components, day, field, range};
use super::{Place, numbered};
use crate::{
    Assertion, ClinicalRecord, Experiencer, Narrative, RecordWarning, Statement, StatementKind, Value,
};

/// A text that goes over several OBX segments.
struct Text {
    first: usize,
    last: usize,
    code: String,
    title: Option<String>,
    date: Option<String>,
    lines: Vec<String>,
}

pub(super) fn read(message: &Message, place: &Place, record: &mut ClinicalRecord) {
    let mut text: Option<Text> = None;
    for (at, segment) in numbered(message, "OBX") {
        // D deleted, W wrong, X cannot be had.
        if matches!(field(&segment, 11).as_deref(), Some("D" | "W" | "X")) {
            record.warnings.push(RecordWarning {
                code: "entered_in_error",
                text: "a result that was deleted, wrong or not obtained is set aside".to_owned(),
                source: place.field("OBX", at, 5),
            });
            continue;
        }
        if matches!(field(&segment, 2).as_deref(), Some("TX" | "FT")) {
            let code = coding(message, &segment, 3);
            let key = code.as_ref().map(|code| code.code.clone()).unwrap_or_default();
            // Lines of one text follow each other under one code.
            if let Some(before) = text.take_if(|before| before.code != key || before.last + 1 != at) {
                finish(before, place, record);
            }
            let text = text.get_or_insert_with(|| Text {
                first: at,
                last: at,
                code: key,
                title: code.and_then(|code| code.display),
                date: field(&segment, 14).and_then(|text| day(&text)),
                lines: Vec::new(),
            });
            text.last = at;
            text.lines.extend(lines(message, &segment));
            continue;
        }
        result(message, &segment, at, place, record);
    }
    if let Some(text) = text {
        finish(text, place, record);
    }
    for (at, segment) in numbered(message, "NTE") {
        let comment = lines_of(message, &segment, 3);
        if comment.iter().any(|line| !line.trim().is_empty()) {
            record.narratives.push(Narrative {
                title: None,
                text: Redacted::new(comment.join("\n")),
                date: None,
                source: place.field("NTE", at, 3),
            });
        }
    }
}

fn finish(text: Text, place: &Place, record: &mut ClinicalRecord) {
    let path = if text.first == text.last {
        format!("OBX[{}]-5", text.first)
    } else {
        format!("OBX[{}..{}]-5", text.first, text.last)
    };
    record.narratives.push(Narrative {
        title: text.title,
        text: Redacted::new(text.lines.join("\n")),
        date: text.date,
        source: place.path(path),
    });
}

fn lines(message: &Message, segment: &Segment) -> Vec<String> {
    lines_of(message, segment, 5)
}

/// Repetitions of a field as lines.
fn lines_of(message: &Message, segment: &Segment, at: usize) -> Vec<String> {
    segment.field(at).map_or_else(Vec::new, |field| {
        field
            .repetitions()
            .map(|repetition| message.decode(repetition.value()).into_owned())
            .collect()
    })
}

fn result(message: &Message, segment: &Segment, at: usize, place: &Place, record: &mut ClinicalRecord) {
    let Some(code) = coding(message, segment, 3) else {
        return;
    };
    let kind = field(segment, 2).unwrap_or_default();
    let value = value_of(message, segment, &kind);
    if value.is_none() && segment.field(5).is_some_and(|field| !field.is_empty()) {
        record.warnings.push(RecordWarning {
            code: "value_not_read",
            text: format!("a value of the type {} is not read", type_name(&kind)),
            source: place.field("OBX", at, 5),
        });
    }
    record.statements.push(Statement {
        kind: StatementKind::Observation,
        words: code.display.clone().map(Redacted::new),
        codings: vec![code],
        assertion: match field(segment, 11).as_deref() {
            // Preliminary, in process, partial.
            Some("P" | "I" | "S" | "R") => Assertion::Uncertain,
            _ => Assertion::Affirmed,
        },
        experiencer: Experiencer::Patient,
        relationship: None,
        value,
        reference_range: field(segment, 7).and_then(|text| range(&text)),
        date: field(segment, 14).and_then(|text| day(&text)),
        source: place.field("OBX", at, 5),
    });
}

fn value_of(message: &Message, segment: &Segment, kind: &str) -> Option<Value> {
    let unit = || coding(message, segment, 6).map(|unit| unit.code);
    let text = field(segment, 5)?;
    match kind {
        "NM" => Some(Value::Quantity {
            value: text.parse().ok().filter(|number: &f64| number.is_finite())?,
            comparator: None,
            unit: unit(),
        }),
        "SN" => {
            // <comparator>^<number>: a bound. Ratios and intervals (a third component) are not one number.
            let parts = components(message, segment.field(5)?.value());
            let number = parts
                .get(1)?
                .trim()
                .parse()
                .ok()
                .filter(|number: &f64| number.is_finite())?;
            let single = parts.iter().skip(2).all(|part| part.trim().is_empty());
            single.then(|| Value::Quantity {
                value: number,
                comparator: parts.first().filter(|sign| !sign.is_empty()).cloned(),
                unit: unit(),
            })
        }
        "ST" => Some(Value::Text(Redacted::new(text))),
        "CE" | "CWE" | "CNE" => Some(Value::Coded(vec![coding_of(message, segment.field(5)?.value())?])),
        "DT" | "TS" | "DTM" => day(&text).map(Value::Date),
        _ => None,
    }
}

/// A value type is two or three letters; anything else is not repeated.
fn type_name(kind: &str) -> &str {
    if kind.len() <= 3 && kind.chars().all(|c| c.is_ascii_uppercase()) && !kind.is_empty() {
        kind
    } else {
        "(none)"
    }
}
