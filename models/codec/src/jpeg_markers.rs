//! Markers of JPEG and JPEG-LS up to the frame header (ITU-T T.81 annex B, T.87 annex C).

use crate::{CodecError, CodestreamHeader, Coding};

const SOI: u8 = 0xD8;
const SOS: u8 = 0xDA;
const EOI: u8 = 0xD9;
/// Frame header of JPEG-LS.
const SOF55: u8 = 0xF7;

/// Reads the frame header that the scan will use: the first one. A second one is left to the codec to refuse.
pub(crate) fn read(frame: &[u8], coding: Coding) -> Result<CodestreamHeader, CodecError> {
    let damaged = |why| CodecError::Header {
        codec: codec(coding),
        why,
    };
    let Some([0xFF, SOI, rest @ ..]) = frame.first_chunk::<2>().map(|_| frame) else {
        return Err(damaged("it does not begin with SOI"));
    };
    let mut rest = rest;
    loop {
        let (marker, after) = next_marker(rest).ok_or_else(|| damaged("it ends before a frame header"))?;
        match marker {
            SOI | EOI | SOS | 0x00 | 0x01 | 0xD0..=0xD7 => {
                return Err(damaged("a marker that belongs after the frame header"));
            }
            _ => {}
        }
        let segment = segment(after).ok_or_else(|| damaged("a segment is longer than the frame"))?;
        if is_frame_header(marker) {
            check_process(marker, coding)?;
            return frame_header(segment).ok_or_else(|| damaged("its frame header is too short"));
        }
        rest = after.get(2 + segment.len()..).unwrap_or_default();
    }
}

/// What follows the header of the first scan; `None` where the codestream ends before.
pub(crate) fn scan(frame: &[u8]) -> Option<&[u8]> {
    let mut rest = frame.get(2..)?;
    loop {
        let (marker, after) = next_marker(rest)?;
        rest = after.get(2 + segment(after)?.len()..)?;
        if marker == SOS {
            return Some(rest);
        }
    }
}

fn codec(coding: Coding) -> &'static str {
    match coding {
        Coding::JpegLs => "JPEG-LS",
        _ => "JPEG",
    }
}

/// The next marker's code and what follows it; fill bytes 0xFF are skipped.
fn next_marker(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let (&first, mut rest) = bytes.split_first()?;
    if first != 0xFF {
        return None;
    }
    loop {
        let (&code, after) = rest.split_first()?;
        if code != 0xFF {
            return Some((code, after));
        }
        rest = after;
    }
}

/// The content of a marker segment: its length counts the two bytes of itself.
fn segment(bytes: &[u8]) -> Option<&[u8]> {
    let length = usize::from(u16::from_be_bytes(*bytes.first_chunk::<2>()?));
    bytes.get(2..length)
}

/// SOF0 to SOF15 without DHT, JPG and DAC, and SOF55.
fn is_frame_header(marker: u8) -> bool {
    matches!(marker, 0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF | SOF55)
}

fn check_process(marker: u8, coding: Coding) -> Result<(), CodecError> {
    let found = match marker {
        0xC0 => "baseline JPEG",
        0xC1 => "extended sequential JPEG",
        0xC2 => "progressive JPEG",
        0xC3 => "lossless JPEG",
        SOF55 => "JPEG-LS",
        _ => "a hierarchical or arithmetic JPEG",
    };
    let (expected, fits) = match coding {
        Coding::JpegLs => ("JPEG-LS", marker == SOF55),
        Coding::JpegLossless => ("lossless JPEG", marker == 0xC3),
        _ => ("sequential JPEG", matches!(marker, 0xC0 | 0xC1)),
    };
    if fits {
        return Ok(());
    }
    Err(CodecError::OtherProcess { found, expected })
}

fn frame_header(segment: &[u8]) -> Option<CodestreamHeader> {
    let [precision, y1, y0, x1, x0, components] = *segment.first_chunk::<6>()?;
    Some(CodestreamHeader {
        rows: u16::from_be_bytes([y1, y0]).into(),
        columns: u16::from_be_bytes([x1, x0]).into(),
        components: components.into(),
        precision,
        signed: None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SOF1: &[u8] = &[0xFF, 0xC1, 0, 11, 12, 2, 0, 1, 0, 1, 1, 0x11, 0];

    fn with(before: &[u8], header: &[u8]) -> Vec<u8> {
        [&[0xFF, SOI], before, header].concat()
    }

    #[test]
    fn the_frame_header_is_found_behind_other_segments() {
        let expected = CodestreamHeader {
            rows: 512,
            columns: 256,
            components: 1,
            precision: 12,
            signed: None,
        };
        for before in [
            &[] as &[u8],
            &[0xFF, 0xE0, 0, 4, 1, 2],
            &[0xFF, 0xFF, 0xFF, 0xFE, 0, 2],
        ] {
            assert_eq!(
                read(&with(before, SOF1), Coding::JpegSequential),
                Ok(expected),
                "{before:?}"
            );
        }
    }

    #[test]
    fn damage_is_named() {
        let rows: [(&[u8], &str); 7] = [
            (b"", "it does not begin with SOI"),
            (b"\0\0\0\0", "it does not begin with SOI"),
            (&[0xFF, SOI], "it ends before a frame header"),
            (&[0xFF, SOI, 0xFF, 0xFF], "it ends before a frame header"),
            (
                &[0xFF, SOI, 0xFF, 0xE0, 0xFF, 0xFF, 1],
                "a segment is longer than the frame",
            ),
            (
                &[0xFF, SOI, 0xFF, SOS, 0, 2],
                "a marker that belongs after the frame header",
            ),
            (
                &[0xFF, SOI, 0xFF, 0xC1, 0, 4, 12, 2],
                "its frame header is too short",
            ),
        ];
        for (bytes, why) in rows {
            let error = read(bytes, Coding::JpegSequential);
            assert_eq!(error, Err(CodecError::Header { codec: "JPEG", why }), "{bytes:?}");
        }
    }

    #[test]
    fn the_scan_follows_its_header() {
        let header = [0xFF, SOS, 0, 3, 9];
        let before = with(&[0xFF, 0xFE, 0, 4, 0xFF, EOI], SOF1);
        let whole = [before.as_slice(), &header, &[1, 2]].concat();
        assert_eq!(scan(&whole), Some(&[1, 2][..]));
        for cut in 0..before.len() + header.len() {
            assert_eq!(scan(&whole[..cut]), None, "cut at {cut}");
        }
    }

    #[test]
    fn another_process_than_the_transfer_syntax_says() {
        let error = read(&with(&[], SOF1), Coding::JpegLossless);
        assert_eq!(
            error,
            Err(CodecError::OtherProcess {
                found: "extended sequential JPEG",
                expected: "lossless JPEG"
            })
        );
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = read(&bytes, Coding::JpegLs);
            let _ = read(&with(&[], &bytes), Coding::JpegLs);
        }
    }
}
