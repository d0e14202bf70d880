//! `DocumentReference` and `DiagnosticReport`: texts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hilum_domain::Redacted;

use super::condition::{date, entered_in_error};
use super::node::Node;
use crate::{ClinicalRecord, Narrative, RecordWarning, text};

pub(super) fn read_reference(node: &Node, record: &mut ClinicalRecord) {
    if node.text("status") == Some("entered-in-error") || node.text("docStatus") == Some("entered-in-error") {
        record.warnings.push(entered_in_error(node));
        return;
    }
    let title = node
        .text("description")
        .map(str::to_owned)
        .or_else(|| node.words("type"));
    for content in node.each("content") {
        if let Some(attachment) = content.get("attachment") {
            read_attachment(&attachment, title.clone(), node.text("date"), record);
        }
    }
}

pub(super) fn read_report(node: &Node, record: &mut ClinicalRecord) {
    if matches!(node.text("status"), Some("entered-in-error" | "cancelled")) {
        record.warnings.push(entered_in_error(node));
        return;
    }
    let title = node.words("code");
    let when = node.text("effectiveDateTime").or_else(|| node.text("issued"));
    for attachment in node.each("presentedForm") {
        read_attachment(&attachment, title.clone(), when, record);
    }
    if let (Some(member), Some(conclusion)) = (node.get("conclusion"), node.text("conclusion")) {
        record.narratives.push(Narrative {
            title,
            text: Redacted::new(conclusion.to_owned()),
            date: when.map(date),
            source: member.source(),
        });
    }
}

fn read_attachment(node: &Node, title: Option<String>, when: Option<&str>, record: &mut ClinicalRecord) {
    let mut set_aside = |why: String| {
        record.warnings.push(RecordWarning {
            code: "attachment_not_read",
            text: why,
            source: node.source(),
        });
    };
    let kind = node.text("contentType").unwrap_or("text/plain");
    if !kind.starts_with("text/plain") {
        return set_aside("an attachment that is not text/plain is not read".to_owned());
    }
    let Some(data) = node.text("data") else {
        return set_aside("an attachment behind a link is not fetched".to_owned());
    };
    // A line break within base64 is common and harmless.
    let data: String = data.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let Ok(bytes) = STANDARD.decode(data) else {
        return set_aside("an attachment is not base64".to_owned());
    };
    match text::decode(&bytes) {
        Ok(text) => record.narratives.push(Narrative {
            title: node.text("title").map(str::to_owned).or(title),
            text: Redacted::new(text),
            date: node.text("creation").or(when).map(date),
            source: node.source(),
        }),
        Err(error) => set_aside(error.to_string()),
    }
}
