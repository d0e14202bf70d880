//! `FamilyMemberHistory`: diseases of a relative.

use hilum_domain::Redacted;

use super::condition::{date, entered_in_error};
use super::node::Node;
use crate::{Assertion, ClinicalRecord, Experiencer, Statement, StatementKind, Value};

pub(super) fn read(node: &Node, record: &mut ClinicalRecord) {
    if node.text("status") == Some("entered-in-error") {
        record.warnings.push(entered_in_error(node));
        return;
    }
    let relationship = node.codings("relationship").into_iter().next();
    for condition in node.each("condition") {
        record.statements.push(Statement {
            kind: StatementKind::FamilyHistory,
            codings: condition.codings("code"),
            words: condition.words("code").map(Redacted::new),
            assertion: Assertion::Affirmed,
            experiencer: Experiencer::Family,
            relationship: relationship.clone(),
            // Age at onset, where it is known.
            value: condition
                .get("onsetAge")
                .and_then(|age| super::observation::quantity_of(&age))
                .or_else(|| {
                    Some(Value::Text(Redacted::new(
                        condition.text("onsetString")?.to_owned(),
                    )))
                }),
            reference_range: None,
            date: node.text("date").map(date),
            source: condition.get("code").unwrap_or(condition).source(),
        });
    }
}
