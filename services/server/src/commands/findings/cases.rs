//! Tables of cases, as in `clinical/ehr_cases.json` and `dictations.json`.

use std::fmt;

use anyhow::bail;
use hilum_findings::{Entity, Nodule, Other, decode_wtf8, read};
use serde::de::{Deserializer, IgnoredAny, Visitor};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Table {
    schema: Option<String>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    text: Text,
    entities: Option<IgnoredAny>,
    findings: Option<IgnoredAny>,
}

/// A JSON string whose lone surrogates are replaced, each by one code point.
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(TextVisitor)
    }
}

struct TextVisitor;

impl Visitor<'_> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Text, E> {
        Ok(Text(decode_wtf8(bytes).text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Text, E> {
        Ok(Text(text.to_owned()))
    }
}

#[derive(Serialize)]
struct OfRecord<'a> {
    id: &'a str,
    entities: Vec<Entity>,
}

#[derive(Serialize)]
struct OfDictation<'a> {
    id: &'a str,
    findings: Vec<Nodule>,
    other: Other,
}

/// One JSON object per case: statements for a table of records, nodules for one of dictations. Which it is says `schema`,
/// or else the results that the cases hold.
pub(super) fn lines(bytes: &[u8]) -> anyhow::Result<Vec<String>> {
    let table: Table = serde_json::from_slice(bytes)?;
    let schema = table.schema.as_deref().unwrap_or_default();
    let mut lines = Vec::with_capacity(table.cases.len());
    for case in &table.cases {
        let dictation = if schema.contains("dictation") || case.findings.is_some() {
            true
        } else if schema.contains("ehr") || case.entities.is_some() {
            false
        } else {
            bail!(
                "case {}: want a schema that names ehr_cases or dictations",
                case.id
            );
        };
        let found = read(&case.text.0, None);
        let id = &case.id;
        lines.push(if dictation {
            serde_json::to_string(&OfDictation {
                id,
                findings: found.nodules,
                other: found.other,
            })?
        } else {
            serde_json::to_string(&OfRecord {
                id,
                entities: found.entities,
            })?
        });
    }
    Ok(lines)
}
