//! The first markers of JPEG 2000 (ISO/IEC 15444-1 annexes A and I).

use crate::{CodecError, CodestreamHeader};

/// SOC, then SIZ: every codestream begins so.
const START: [u8; 4] = [0xFF, 0x4F, 0xFF, 0x51];
/// The signature box of a JP2 file.
const JP2_SIGNATURE: &[u8; 12] = b"\0\0\0\x0CjP  \r\n\x87\n";
/// Fixed part of SIZ after its length: Rsiz, eight sizes and offsets, Csiz.
const FIXED: usize = 36;
/// Bytes for each component: precision and sign, two subsampling factors.
const PER_COMPONENT: usize = 3;

/// The codestream of a frame. The standard asks for a bare one (PS3.5 annex A.4.4); some devices wrap it into a JP2
/// file, whose other boxes say nothing that the DICOM header does not.
pub(crate) fn codestream(frame: &[u8]) -> Result<&[u8], CodecError> {
    if frame.starts_with(&START) {
        return Ok(frame);
    }
    if !frame.starts_with(JP2_SIGNATURE) {
        return Err(damaged(
            "it begins neither with a codestream nor with a JP2 signature",
        ));
    }
    let mut rest = &frame[JP2_SIGNATURE.len()..];
    loop {
        let (kind, content, after) =
            next_box(rest).ok_or_else(|| damaged("a JP2 box is longer than the frame"))?;
        if kind == *b"jp2c" {
            return if content.starts_with(&START) {
                Ok(content)
            } else {
                Err(damaged("the codestream box holds no codestream"))
            };
        }
        rest = after;
    }
}

/// Type and content of the first box, and what follows it (annex I.4).
fn next_box(bytes: &[u8]) -> Option<([u8; 4], &[u8], &[u8])> {
    let short = u32::from_be_bytes(*bytes.first_chunk::<4>()?);
    let kind = *bytes.get(4..)?.first_chunk::<4>()?;
    let (header, end) = match short {
        0 => (8, bytes.len()),
        1 => {
            let long = u64::from_be_bytes(*bytes.get(8..)?.first_chunk::<8>()?);
            (16, usize::try_from(long).ok()?)
        }
        _ => (8, short as usize),
    };
    Some((kind, bytes.get(header..end)?, &bytes[end..]))
}

/// Reads SIZ. Every component must look like the first: same precision, sign and no subsampling.
pub(crate) fn read(codestream: &[u8]) -> Result<CodestreamHeader, CodecError> {
    let siz = codestream
        .strip_prefix(&START)
        .and_then(|rest| {
            let length = usize::from(u16::from_be_bytes(*rest.first_chunk::<2>()?));
            rest.get(2..length)
        })
        .filter(|siz| siz.len() >= FIXED + PER_COMPONENT)
        .ok_or_else(|| damaged("SIZ is cut off"))?;
    let field = |at: usize| u32::from_be_bytes([siz[at], siz[at + 1], siz[at + 2], siz[at + 3]]);
    let [right, bottom, left, top] = [field(2), field(6), field(10), field(14)];
    let [tile_width, tile_height] = [field(18), field(22)];
    let components = u16::from_be_bytes([siz[34], siz[35]]);
    if siz.len() != FIXED + PER_COMPONENT * usize::from(components) {
        return Err(damaged("the length of SIZ is not that of its components"));
    }
    if right <= left || bottom <= top || tile_width == 0 || tile_height == 0 {
        return Err(damaged("an image or tile of no size"));
    }
    let first = &siz[FIXED..FIXED + PER_COMPONENT];
    let equal = siz[FIXED..]
        .chunks_exact(PER_COMPONENT)
        .all(|component| component == first);
    if !equal || first[1..] != [1, 1] {
        return Err(damaged("components are subsampled or differ"));
    }
    Ok(CodestreamHeader {
        rows: bottom - top,
        columns: right - left,
        components,
        precision: (first[0] & 0x7F) + 1,
        signed: Some(first[0] & 0x80 != 0),
    })
}

fn damaged(why: &'static str) -> CodecError {
    CodecError::Header {
        codec: "JPEG 2000",
        why,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// SIZ of an image with one component at an offset of (2, 1).
    fn siz(right: u32, bottom: u32, component: [u8; 3]) -> Vec<u8> {
        let mut bytes = START.to_vec();
        bytes.extend([0, 41, 0, 0]);
        for field in [right, bottom, 2, 1, right, bottom, 0, 0] {
            bytes.extend(field.to_be_bytes());
        }
        bytes.extend([0, 1]);
        bytes.extend(component);
        bytes
    }

    fn boxed(content: &[u8]) -> Vec<u8> {
        let length = (content.len() as u32 + 8).to_be_bytes();
        [
            JP2_SIGNATURE,
            b"\0\0\0\x0Cftypjp2 ".as_slice(),
            &length,
            b"jp2c",
            content,
        ]
        .concat()
    }

    #[test]
    fn sizes_count_from_their_offset() {
        let expected = CodestreamHeader {
            rows: 99,
            columns: 198,
            components: 1,
            precision: 16,
            signed: Some(true),
        };
        let bare = siz(200, 100, [0x8F, 1, 1]);
        assert_eq!(codestream(&bare).and_then(read), Ok(expected));
        assert_eq!(codestream(&boxed(&bare)).and_then(read), Ok(expected));
    }

    #[test]
    fn damage_is_named() {
        let cut = siz(9, 9, [7, 1, 1])[..20].to_vec();
        let rows = [
            (
                Vec::new(),
                "it begins neither with a codestream nor with a JP2 signature",
            ),
            (cut, "SIZ is cut off"),
            (siz(2, 9, [7, 1, 1]), "an image or tile of no size"),
            (siz(9, 9, [7, 2, 1]), "components are subsampled or differ"),
            (boxed(b"nothing"), "the codestream box holds no codestream"),
            (JP2_SIGNATURE.to_vec(), "a JP2 box is longer than the frame"),
            (
                [JP2_SIGNATURE, b"\0\0\0\x01jp2h".as_slice(), &[0xFF; 8]].concat(),
                "a JP2 box is longer than the frame",
            ),
        ];
        for (bytes, why) in rows {
            assert_eq!(codestream(&bytes).and_then(read), Err(damaged(why)));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = codestream(&bytes).and_then(read);
            let _ = codestream(&boxed(&bytes)).and_then(read);
            let _ = read(&[&START[..], &bytes].concat());
        }
    }
}
