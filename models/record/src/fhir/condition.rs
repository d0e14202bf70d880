//! Condition: a disease or problem.

use hilum_domain::Redacted;

use super::node::Node;
use crate::{Assertion, ClinicalRecord, Experiencer, RecordWarning, Statement, StatementKind};

pub(super) fn read(node: &Node, record: &mut ClinicalRecord) {
    let Some(assertion) = assertion(node) else {
        record.warnings.push(entered_in_error(node));
        return;
    };
    let words = node.words("code");
    let codings = node.codings("code");
    if words.is_none() && codings.is_empty() {
        record.warnings.push(RecordWarning {
            code: "missing_code",
            text: "a Condition without a code says nothing".to_owned(),
            source: node.source(),
        });
        return;
    }
    record.statements.push(Statement {
        kind: StatementKind::Condition,
        codings,
        words: words.map(Redacted::new),
        assertion,
        experiencer: Experiencer::Patient,
        relationship: None,
        value: None,
        reference_range: None,
        date: ["onsetDateTime", "recordedDate"]
            .iter()
            .find_map(|name| node.text(name))
            .map(date),
        source: node.get("code").unwrap_or_else(|| node.clone()).source(),
    });
}

/// `None` when it was entered in error.
fn assertion(node: &Node) -> Option<Assertion> {
    let verification = node.status_code("verificationStatus");
    let clinical = node.status_code("clinicalStatus");
    Some(match (verification.as_deref(), clinical.as_deref()) {
        (Some("entered-in-error"), _) => return None,
        (Some("refuted"), _) => Assertion::Negated,
        (Some("unconfirmed" | "provisional" | "differential"), _) => Assertion::Uncertain,
        (_, Some("inactive" | "remission" | "resolved")) => Assertion::Historical,
        _ => Assertion::Affirmed,
    })
}

pub(super) fn entered_in_error(node: &Node) -> RecordWarning {
    RecordWarning {
        code: "entered_in_error",
        text: "a resource that was entered in error, or cancelled, is set aside".to_owned(),
        source: node.source(),
    }
}

/// A date or an instant, cut to the day.
pub(super) fn date(text: &str) -> String {
    text.split('T').next().unwrap_or(text).to_owned()
}
