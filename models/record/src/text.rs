//! Bytes to characters, and free text.

use encoding_rs::{GB18030, ISO_8859_15, UTF_16BE, UTF_16LE, WINDOWS_1252};
use hilum_domain::Redacted;

use crate::{ClinicalRecord, Format, Narrative, RecordError, Source};

/// A file of free text: UTF-8, or UTF-16 with its mark. It has no identity.
pub(crate) fn read(name: &str, bytes: &[u8]) -> Result<ClinicalRecord, RecordError> {
    let text = decode(bytes)?;
    Ok(ClinicalRecord {
        narratives: vec![Narrative {
            title: None,
            text: Redacted::new(text),
            date: None,
            source: Source {
                document: name.to_owned(),
                format: Format::Text,
                path: String::new(),
            },
        }],
        ..ClinicalRecord::default()
    })
}

/// UTF-8, or UTF-16 with a byte order mark. The mark is no part of the text. Other encodings cannot be told apart without
/// guessing, so they are refused where nothing names them.
pub(crate) fn decode(bytes: &[u8]) -> Result<String, RecordError> {
    for (mark, encoding, name) in [
        (&b"\xff\xfe"[..], UTF_16LE, "UTF-16"),
        (&b"\xfe\xff"[..], UTF_16BE, "UTF-16"),
    ] {
        if let Some(body) = bytes.strip_prefix(mark) {
            return strict(encoding, name, body);
        }
    }
    let body = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(body) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => Err(RecordError::Encoding {
            encoding: "UTF-8",
            at: bytes.len() - body.len() + error.valid_up_to(),
        }),
    }
}

/// By the name that a document gives (HL7 table 0211, or the declaration of an XML document).
pub(crate) fn decode_as(charset: &str, place: &'static str, bytes: &[u8]) -> Result<String, RecordError> {
    let folded: String = charset
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    match folded.as_str() {
        "" | "ASCII" | "USASCII" | "UNICODEUTF8" | "UTF8" | "UNICODE" => decode(bytes),
        "GB180302000" | "GB18030" | "GBK" | "GB2312" => strict(GB18030, "GB 18030", bytes),
        "88591" | "ISO88591" | "WINDOWS1252" => strict(WINDOWS_1252, "Latin-1", bytes),
        "885915" | "ISO885915" => strict(ISO_8859_15, "Latin-9", bytes),
        _ => Err(RecordError::CharacterSet { place }),
    }
}

fn strict(
    encoding: &'static encoding_rs::Encoding,
    name: &'static str,
    bytes: &[u8],
) -> Result<String, RecordError> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(bytes.len());
    let mut read = 0;
    loop {
        text.reserve(
            decoder
                .max_utf8_buffer_length_without_replacement(bytes.len() - read)
                .unwrap_or(0),
        );
        let (result, consumed) =
            decoder.decode_to_string_without_replacement(&bytes[read..], &mut text, true);
        read += consumed;
        match result {
            encoding_rs::DecoderResult::InputEmpty => return Ok(text),
            encoding_rs::DecoderResult::OutputFull => {}
            encoding_rs::DecoderResult::Malformed(length, after) => {
                return Err(RecordError::Encoding {
                    encoding: name,
                    at: read.saturating_sub(usize::from(length) + usize::from(after)),
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_named_by_mark_or_document() {
        let text = "吸烟40年，6.8 ng/mL ≥ é";
        let utf16: Vec<u8> = [0xfeff_u16]
            .into_iter()
            .chain(text.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(decode(&utf16).unwrap(), text);
        assert_eq!(decode(format!("\u{feff}{text}").as_bytes()).unwrap(), text);
        let (gb, _, _) = GB18030.encode(text);
        assert_eq!(decode_as("GB 18030-2000", "MSH-18", &gb).unwrap(), text);
        assert_eq!(decode_as("8859/1", "MSH-18", b"caf\xe9").unwrap(), "café");
    }

    #[test]
    fn wrong_bytes_are_counted() {
        assert_eq!(
            decode("烟 \u{e9}".as_bytes())
                .map(|_| ())
                .map_err(|error| error.to_string()),
            Ok(())
        );
        assert_eq!(
            decode(b"smoker \xff").unwrap_err().to_string(),
            "the record is not UTF-8 text: byte 7 belongs to no character"
        );
        assert_eq!(
            decode_as("GB 18030-2000", "MSH-18", b"ab\xff\xff")
                .unwrap_err()
                .to_string(),
            "the record is not GB 18030 text: byte 2 belongs to no character"
        );
        assert_eq!(
            decode_as("ISO IR87", "MSH-18", b"").unwrap_err().to_string(),
            "MSH-18 names a character set that is not read"
        );
    }
}
