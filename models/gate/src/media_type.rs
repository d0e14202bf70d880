//! Media types with parameters (RFC 9110 section 8.3.1).
//!
//! Parameter values may be quoted or not; some clients leave the quotes off `type=application/dicom`, which
//! stricter parsers refuse.

/// A media type, its names in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaType {
    /// For example `multipart/related`.
    pub essence: String,
    parameters: Vec<(String, String)>,
}

impl MediaType {
    /// `None` when the text is no media type.
    pub fn parse(text: &str) -> Option<Self> {
        let (essence, mut rest) = text.split_at(text.find(';').unwrap_or(text.len()));
        let essence = essence.trim().to_ascii_lowercase();
        let (kind, subtype) = essence.split_once('/')?;
        if kind.is_empty() || subtype.is_empty() || essence.contains(char::is_whitespace) {
            return None;
        }
        let mut parameters = Vec::new();
        while let Some(after) = rest.strip_prefix(';') {
            let after = after.trim_start();
            if after.is_empty() || after.starts_with(';') {
                rest = after;
                continue;
            }
            let (name, value) = after.split_once('=')?;
            let (value, after) = value_of(value)?;
            parameters.push((name.trim().to_ascii_lowercase(), value));
            rest = after.trim_start();
        }
        rest.is_empty().then_some(Self { essence, parameters })
    }

    /// The value of a parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// A quoted or bare value and what follows it.
fn value_of(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start();
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, rest) = text.split_at(text.find(';').unwrap_or(text.len()));
        return Some((value.trim_end().to_owned(), rest));
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, &quoted[at + 1..])),
            '\\' => value.push(characters.next()?.1),
            _ => value.push(character),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_and_bare() {
        for text in [
            "multipart/related; type=\"application/dicom\"; boundary=abc",
            "Multipart/Related;TYPE=application/dicom;boundary=\"abc\"",
            "multipart/related ; boundary=\"a\\bc\" ; type=application/dicom;",
        ] {
            let media = MediaType::parse(text).unwrap();
            assert_eq!(media.essence, "multipart/related");
            assert_eq!(media.parameter("type"), Some("application/dicom"), "{text}");
            assert_eq!(media.parameter("boundary"), Some("abc"), "{text}");
        }
        for text in [
            "",
            "application",
            "/x",
            "a/b; c",
            "a/b; c=\"d",
            "a/b; c=\"d\" e",
            "a b/c",
        ] {
            assert_eq!(MediaType::parse(text), None, "{text:?}");
        }
    }
}
