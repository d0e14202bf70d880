//! The answer to a STOW-RS request (PS3.18 section 10.5.3) in the DICOM JSON model.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hilum_domain::Uid;
use serde_json::{Map, Value, json};

/// Failure reasons (PS3.18 table I.2-2, PS3.7 annex C).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FailureReason {
    /// Out of resources: larger than one instance may be.
    TooLarge = 0xA700,
    /// Processing failure on our side.
    Processing = 0x0110,
    /// The SOP Instance UID is known with other content.
    Duplicate = 0x0111,
    /// Does not match: another study than the path's, another patient or study than the one kept.
    Mismatch = 0xA900,
    /// Cannot understand.
    CannotUnderstand = 0xC000,
}

/// What became of one part.
#[derive(Debug)]
pub(super) enum PartResult {
    /// Kept, now or before.
    Kept {
        /// What it is.
        identity: Identity,
        /// Whether the same bytes were there already.
        already_there: bool,
    },
    /// Refused.
    Failed {
        /// What it is, where that could be read.
        identity: Option<Identity>,
        /// Why, as a code.
        reason: FailureReason,
        /// Why, in words without patient data.
        text: String,
    },
}

/// What identifies an instance in answers.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    pub(super) sop_class: Uid,
    pub(super) sop_instance: Uid,
    pub(super) series: Uid,
    pub(super) study: Uid,
}

/// Warning reason of an instance that was there already.
const ALREADY_THERE: u16 = 0xB00E;

/// 200 when all parts are kept, 202 when some are, 409 when none is; `base` is what URLs begin with.
pub(super) fn answer(parts: &[PartResult], base: &str) -> Response {
    let mut referenced = Vec::new();
    let mut failed = Vec::new();
    let mut studies: Vec<&Uid> = Vec::new();
    for part in parts {
        match part {
            PartResult::Kept {
                identity,
                already_there,
            } => {
                let mut item = sop_reference(identity);
                item.insert("00081190".into(), url(&instance_url(base, identity)));
                if *already_there {
                    item.insert("00081196".into(), json!({"vr": "US", "Value": [ALREADY_THERE]}));
                }
                referenced.push(Value::Object(item));
                if !studies.contains(&&identity.study) {
                    studies.push(&identity.study);
                }
            }
            PartResult::Failed {
                identity,
                reason,
                text,
            } => {
                let mut item = identity.as_ref().map(sop_reference).unwrap_or_default();
                item.insert("00081197".into(), json!({"vr": "US", "Value": [*reason as u16]}));
                // A private element says why in words; clients that do not know it skip it.
                item.insert("00090010".into(), json!({"vr": "LO", "Value": ["HILUM"]}));
                item.insert("00091001".into(), json!({"vr": "LT", "Value": [text]}));
                failed.push(Value::Object(item));
            }
        }
    }
    let status = match (referenced.is_empty(), failed.is_empty()) {
        (false, true) => StatusCode::OK,
        (false, false) => StatusCode::ACCEPTED,
        (true, _) => StatusCode::CONFLICT,
    };
    let mut body = Map::new();
    if let [study] = studies.as_slice() {
        body.insert(
            "00081190".into(),
            url(&format!("{base}/dicom-web/studies/{study}")),
        );
    }
    if !failed.is_empty() {
        body.insert("00081198".into(), json!({"vr": "SQ", "Value": failed}));
    }
    if !referenced.is_empty() {
        body.insert("00081199".into(), json!({"vr": "SQ", "Value": referenced}));
    }
    let content_type = [(header::CONTENT_TYPE, "application/dicom+json")];
    (status, content_type, Value::Object(body).to_string()).into_response()
}

/// How the client calls this server: `https://host:port`, or nothing where it does not say, which leaves
/// URLs relative.
pub(super) fn base_url(headers: &HeaderMap, authority: Option<&str>) -> String {
    let host = authority.or_else(|| headers.get(header::HOST)?.to_str().ok());
    // Only what can stand in a URL, because it is repeated in the answer.
    let is_authority = |host: &&str| {
        host.parse::<axum::http::uri::Authority>()
            .is_ok_and(|a| !a.as_str().contains('@'))
    };
    host.filter(is_authority)
        .map(|host| format!("https://{host}"))
        .unwrap_or_default()
}

fn sop_reference(identity: &Identity) -> Map<String, Value> {
    let uid = |uid: &Uid| json!({"vr": "UI", "Value": [uid.as_str()]});
    Map::from_iter([
        ("00081150".to_owned(), uid(&identity.sop_class)),
        ("00081155".to_owned(), uid(&identity.sop_instance)),
    ])
}

fn instance_url(base: &str, identity: &Identity) -> String {
    let Identity {
        study,
        series,
        sop_instance,
        ..
    } = identity;
    format!("{base}/dicom-web/studies/{study}/series/{series}/instances/{sop_instance}")
}

fn url(text: &str) -> Value {
    json!({"vr": "UR", "Value": [text]})
}
