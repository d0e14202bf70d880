//! Bytes of a file to text.

use thiserror::Error;

/// Text of a file and what had to be replaced in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The text.
    pub text: String,
    /// Ill-formed sequences that were read as U+FFFD.
    pub replaced: usize,
}

/// Why bytes are no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// A byte order mark of UTF-16 or UTF-32.
    #[error("the text begins with the byte order mark of {0}; want UTF-8")]
    OtherEncoding(&'static str),
}

/// Reads UTF-8. Each maximal ill-formed sequence becomes one U+FFFD, as the Encoding Standard and Python's `replace` have
/// it, and counts as one code point; a byte order mark stays, as a code point of the text.
pub fn decode(bytes: &[u8]) -> Result<Decoded, DecodeError> {
    for (mark, name) in [
        (&b"\xff\xfe\0\0"[..], "UTF-32"),
        (b"\0\0\xfe\xff", "UTF-32"),
        (b"\xff\xfe", "UTF-16"),
        (b"\xfe\xff", "UTF-16"),
    ] {
        if bytes.starts_with(mark) {
            return Err(DecodeError::OtherEncoding(name));
        }
    }
    let mut text = String::with_capacity(bytes.len());
    let mut replaced = 0;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
            replaced += 1;
        }
    }
    Ok(Decoded { text, replaced })
}

/// Reads what a JSON string holds, lone surrogates and all (WTF-8: each in three bytes). A lone surrogate becomes one
/// U+FFFD and counts as one code point, as in the languages that can hold it.
pub fn decode_wtf8(bytes: &[u8]) -> Decoded {
    let mut text = String::with_capacity(bytes.len());
    let mut replaced = 0;
    let mut rest_of_surrogate = 0;
    for chunk in bytes.utf8_chunks() {
        if !chunk.valid().is_empty() {
            rest_of_surrogate = 0;
        }
        text.push_str(chunk.valid());
        match chunk.invalid() {
            [] => {}
            [0x80..=0xbf] if rest_of_surrogate > 0 => rest_of_surrogate -= 1,
            invalid => {
                // ED is ill-formed alone when a surrogate follows; its two other bytes come as chunks of their own.
                rest_of_surrogate = if invalid == [0xed] { 2 } else { 0 };
                text.push(char::REPLACEMENT_CHARACTER);
                replaced += 1;
            }
        }
    }
    Decoded { text, replaced }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ill_formed_bytes_count_once() {
        let read = decode(b"a\xffb\xe7\xbb c\xed\xa0\x80").unwrap();
        assert_eq!(read.text, "a\u{fffd}b\u{fffd} c\u{fffd}\u{fffd}\u{fffd}");
        assert_eq!(read.replaced, 5);
        assert_eq!(decode(b"\xff\xfea\0"), Err(DecodeError::OtherEncoding("UTF-16")));
        assert_eq!(decode("\u{feff}a".as_bytes()).unwrap().text, "\u{feff}a");
    }

    #[test]
    fn lone_surrogates_count_once() {
        let read = decode_wtf8(b"a\xed\xa0\x80b\xed\xbf\xbf");
        assert_eq!(read.text, "a\u{fffd}b\u{fffd}");
        assert_eq!(read.replaced, 2);
    }
}
