//! Which format a document is in.

use serde::Serialize;

/// Format of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Plain text.
    Text,
    /// FHIR R4 JSON.
    Fhir,
    /// HL7 version 2, pipes and hats.
    Hl7V2,
    /// Consolidated CDA.
    Ccda,
}

impl Format {
    /// By the first characters: a brace and a resource type, `MSH` with its separator, an XML element. Anything else is
    /// text, which is why a broken document of another format is not mistaken for one: its first characters stay.
    pub fn of(bytes: &[u8]) -> Self {
        let body = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let start = body
            .iter()
            // MLLP frames a message in a vertical tab.
            .position(|byte| !byte.is_ascii_whitespace() && *byte != 0x0b)
            .unwrap_or(body.len());
        let body = &body[start..];
        let head = &body[..body.len().min(4096)];
        let holds = |word: &[u8]| head.windows(word.len()).any(|window| window == word);
        if body.first() == Some(&b'{')
            && (holds(b"\"resourceType\"") || serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok())
        {
            Self::Fhir
        } else if body.starts_with(b"MSH") && body.get(3).is_some_and(u8::is_ascii_punctuation) {
            Self::Hl7V2
        } else if body.starts_with(b"<?xml") || body.starts_with(b"<ClinicalDocument") {
            Self::Ccda
        } else {
            Self::Text
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_first_characters() {
        for (text, expected) in [
            ("", Format::Text),
            ("Never smoker.", Format::Text),
            ("{never smoker}", Format::Text),
            ("\u{feff} {\"resourceType\": \"Bundle\"", Format::Fhir),
            ("{\"a\": 1}", Format::Fhir),
            ("\u{b}MSH|^~\\&|EPIC", Format::Hl7V2),
            ("MSH shows nothing", Format::Text),
            ("<?xml version=\"1.0\"?><x/>", Format::Ccda),
            ("< 5 ng/mL", Format::Text),
        ] {
            assert_eq!(Format::of(text.as_bytes()), expected, "{text:?}");
        }
    }
}
