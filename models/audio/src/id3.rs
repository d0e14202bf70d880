//! `ID3v2` tags in front of a file (id3.org, id3v2.4.0-structure, section 3.1), stepped over without being read: a tag may
//! hold a picture of any size.

/// Bytes of all tags in front, and of the zeros that some writers leave behind them; never more than there are.
pub(crate) fn length(bytes: &[u8]) -> usize {
    let mut length = 0;
    while let Some(tag) = tag_length(&bytes[length..]) {
        length = (length + tag).min(bytes.len());
    }
    if length > 0 {
        length += bytes[length..].iter().take_while(|byte| **byte == 0).count();
    }
    length
}

/// Header, body and footer of one tag.
fn tag_length(bytes: &[u8]) -> Option<usize> {
    const HEADER: usize = 10;
    const FOOTER_PRESENT: u8 = 0x10;
    let [b'I', b'D', b'3', _, _, flags, size @ ..] = bytes.first_chunk::<HEADER>()? else {
        return None;
    };
    // Seven bits a byte, so that no size looks like a frame's sync word.
    let body = size
        .iter()
        .fold(0, |sum: usize, byte| sum << 7 | usize::from(byte & 0x7F));
    let footer = if flags & FOOTER_PRESENT == 0 { 0 } else { HEADER };
    Some(HEADER + body + footer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_stepped_over() {
        let tag = |size: u8, flags: u8| {
            [
                &b"ID3\x04\0"[..],
                &[flags, 0, 0, 0, size],
                &[1; 200][..size.into()],
            ]
            .concat()
        };
        let rows: &[(Vec<u8>, usize)] = &[
            (vec![], 0),
            (b"fLaC".to_vec(), 0),
            (b"ID3\x04".to_vec(), 0),
            ([tag(20, 0), vec![0xFF]].concat(), 30),
            ([tag(20, 0), tag(5, 0), vec![0, 0, 0xFF]].concat(), 47),
            ([tag(0, 0x10), vec![2; 10], vec![0xFF]].concat(), 20),
            // Declares 256 MiB.
            (b"ID3\x04\0\0\x7F\x7F\x7F\x7Fabc".to_vec(), 13),
        ];
        for (bytes, expected) in rows {
            assert_eq!(length(bytes), *expected, "{bytes:?}");
        }
    }
}
