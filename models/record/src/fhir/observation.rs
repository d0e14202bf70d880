//! Observation: a measurement or an answer, with its components.

use hilum_domain::Redacted;

use super::condition::{date, entered_in_error};
use super::node::Node;
use crate::{Assertion, ClinicalRecord, Experiencer, Statement, StatementKind, Value};

pub(super) fn read(node: &Node, record: &mut ClinicalRecord) {
    let assertion = match node.text("status") {
        Some("entered-in-error" | "cancelled") => {
            record.warnings.push(entered_in_error(node));
            return;
        }
        Some("registered" | "preliminary") => Assertion::Uncertain,
        _ => Assertion::Affirmed,
    };
    let date = node
        .text("effectiveDateTime")
        .or_else(|| node.text("effectiveInstant"))
        .map(str::to_owned)
        .or_else(|| Some(node.get("effectivePeriod")?.text("start")?.to_owned()))
        .map(|text| date(&text));
    let components = node.each("component");
    // A panel has no value of its own.
    if components.is_empty() || value_of(node).is_some() {
        record
            .statements
            .push(statement(node, assertion, date.as_deref()));
    }
    for component in &components {
        record
            .statements
            .push(statement(component, assertion, date.as_deref()));
    }
}

fn statement(node: &Node, assertion: Assertion, date: Option<&str>) -> Statement {
    let value = value_of(node);
    Statement {
        kind: StatementKind::Observation,
        codings: node.codings("code"),
        words: node.words("code").map(Redacted::new),
        assertion,
        experiencer: Experiencer::Patient,
        relationship: None,
        source: value
            .as_ref()
            .map_or_else(|| node.source(), |(source, _)| source.source()),
        value: value.map(|(_, value)| value),
        reference_range: range(node),
        date: date.map(str::to_owned),
    }
}

/// `value[x]` with the element that it stands in.
fn value_of<'a>(node: &Node<'a>) -> Option<(Node<'a>, Value)> {
    if let Some(quantity) = node.get("valueQuantity") {
        let value = quantity_of(&quantity)?;
        return Some((quantity, value));
    }
    for name in ["valueInteger", "valueDecimal"] {
        if let (Some(member), Some(value)) = (node.get(name), node.number(name)) {
            let quantity = Value::Quantity {
                value,
                comparator: None,
                unit: None,
            };
            return Some((member, quantity));
        }
    }
    if let (Some(member), Some(answer)) = (node.get("valueBoolean"), node.boolean("valueBoolean")) {
        return Some((member, Value::Boolean(answer)));
    }
    if let (Some(member), Some(text)) = (node.get("valueDateTime"), node.text("valueDateTime")) {
        return Some((member, Value::Date(date(text))));
    }
    if let (Some(member), Some(text)) = (node.get("valueString"), node.text("valueString")) {
        return Some((member, Value::Text(Redacted::new(text.to_owned()))));
    }
    let member = node.get("valueCodeableConcept")?;
    let codings = node.codings("valueCodeableConcept");
    let value = if codings.is_empty() {
        Value::Text(Redacted::new(node.words("valueCodeableConcept")?))
    } else {
        Value::Coded(codings)
    };
    Some((member, value))
}

pub(super) fn quantity_of(node: &Node) -> Option<Value> {
    Some(Value::Quantity {
        value: node.number("value")?,
        comparator: node.text("comparator").map(str::to_owned),
        unit: unit(node),
    })
}

/// The code where it is UCUM, else the unit for people.
fn unit(node: &Node) -> Option<String> {
    let ucum = node.text("system") == Some("http://unitsofmeasure.org");
    let code = node.text("code").filter(|_| ucum);
    code.or_else(|| node.text("unit")).map(str::to_owned)
}

fn range(node: &Node) -> Option<(Option<f64>, Option<f64>)> {
    let range = node.each("referenceRange").into_iter().next()?;
    let limit = |name: &str| range.get(name).and_then(|limit| limit.number("value"));
    let limits = (limit("low"), limit("high"));
    (limits != (None, None)).then_some(limits)
}
