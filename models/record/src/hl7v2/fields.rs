//! Fields of a segment as values.

use hl7kit::{Message, Segment};

use crate::Coding;

/// A field, decoded; `None` when it is empty or deleted (`""`).
pub(super) fn field(segment: &Segment, at: usize) -> Option<String> {
    let text = segment.field(at)?.decoded().trim().to_owned();
    (!text.is_empty() && text != "\"\"").then_some(text)
}

/// Components of a raw value, decoded.
pub(super) fn components(message: &Message, raw: &str) -> Vec<String> {
    let separator = char::from(message.encoding().component);
    raw.split(separator)
        .map(|part| message.decode(part).into_owned())
        .collect()
}

/// A coded field (CE, CWE): code, text, system.
pub(super) fn coding(message: &Message, segment: &Segment, at: usize) -> Option<Coding> {
    coding_of(message, segment.field(at)?.value())
}

pub(super) fn coding_of(message: &Message, raw: &str) -> Option<Coding> {
    let parts = components(message, raw);
    let part = |at: usize| {
        parts
            .get(at)
            .map(|text| text.trim())
            .filter(|text| !text.is_empty())
    };
    Some(Coding {
        code: part(0)?.to_owned(),
        display: part(1).map(str::to_owned),
        system: part(2).map(str::to_owned),
    })
}

/// A timestamp (YYYYMMDDHHMM...) as a date of its own precision.
pub(crate) fn day(text: &str) -> Option<String> {
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    match digits.len() {
        0..4 => None,
        4..6 => Some(digits[..4].to_owned()),
        6..8 => Some(format!("{}-{}", &digits[..4], &digits[4..6])),
        _ => Some(format!("{}-{}-{}", &digits[..4], &digits[4..6], &digits[6..8])),
    }
}

/// `0.0-5.0`, `<5`, `>= 10`: the reference range of OBX-7.
pub(super) fn range(text: &str) -> Option<(Option<f64>, Option<f64>)> {
    let number = |text: &str| {
        text.trim()
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite())
    };
    let text = text.trim();
    if let Some(high) = text.strip_prefix("<=").or_else(|| text.strip_prefix('<')) {
        return Some((None, Some(number(high)?)));
    }
    if let Some(low) = text.strip_prefix(">=").or_else(|| text.strip_prefix('>')) {
        return Some((Some(number(low)?), None));
    }
    // The hyphen after the first character: a range may begin below zero.
    let at = text.char_indices().skip(1).find(|(_, c)| *c == '-')?.0;
    Some((Some(number(&text[..at])?), Some(number(&text[at + 1..])?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        for (text, expected) in [
            ("<5.0", Some((None, Some(5.0)))),
            ("0.0-5.0", Some((Some(0.0), Some(5.0)))),
            ("-5 - 5", Some((Some(-5.0), Some(5.0)))),
            (">= 10", Some((Some(10.0), None))),
            ("negative", None),
            ("-", None),
            ("", None),
        ] {
            assert_eq!(range(text), expected, "{text:?}");
        }
    }

    #[test]
    fn days() {
        for (text, expected) in [
            ("20190513112000+0100", Some("2019-05-13")),
            ("201905", Some("2019-05")),
            ("2019", Some("2019")),
            ("x", None),
        ] {
            assert_eq!(day(text).as_deref(), expected, "{text:?}");
        }
    }
}
