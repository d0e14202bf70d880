//! RLE Lossless (PS3.5 annex G), every index bounded.
//!
//! Unlike the other codecs this one runs in process: it is safe Rust without a loop that the input could prolong, and
//! it allocates what the DICOM header's rows and columns ask for, which the gate has bounded.

use crate::error::PixelError;

const HEADER: usize = 64;

/// The most bytes that a fragment of this length can unpack to: a run of 128 takes two bytes.
pub(crate) fn most_unpacked(fragment: usize) -> u64 {
    fragment as u64 * 64
}

/// Decodes one frame of single-sample pixels to little-endian bytes.
///
/// `pixels` is rows x columns, `bytes_per_pixel` 1, 2 or 4. Each segment is one byte plane, most significant
/// first, packed row by row with `PackBits`; each must give exactly `pixels` bytes.
pub(crate) fn decode(fragment: &[u8], pixels: usize, bytes_per_pixel: usize) -> Result<Vec<u8>, PixelError> {
    let header = fragment
        .get(..HEADER)
        .ok_or(PixelError::Rle("shorter than its header"))?;
    let field = |index: usize| {
        let at = 4 * index;
        u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]) as usize
    };
    if field(0) != bytes_per_pixel {
        return Err(PixelError::Rle(
            "number of segments is not that of the bits allocated",
        ));
    }
    // Planes are unpacked one after the other, so that a run is one copy, and interleaved afterwards.
    let mut planes = vec![0; pixels * bytes_per_pixel];
    for (plane, out) in planes.chunks_exact_mut(pixels.max(1)).enumerate() {
        let start = field(plane + 1);
        let end = if plane + 1 < bytes_per_pixel {
            field(plane + 2)
        } else {
            fragment.len()
        };
        if start < HEADER || start > end {
            return Err(PixelError::Rle("segment offsets do not ascend"));
        }
        let segment = fragment
            .get(start..end)
            .ok_or(PixelError::Rle("a segment offset lies beyond the fragment"))?;
        unpack(segment, out)?;
    }
    Ok(match bytes_per_pixel {
        1 => planes,
        2 => interleave_two(&planes, pixels),
        _ => interleave(&planes, pixels, bytes_per_pixel),
    })
}

/// Unpacks `PackBits` until every place of `out` is filled; what follows is padding.
fn unpack(segment: &[u8], out: &mut [u8]) -> Result<(), PixelError> {
    const SHORT: PixelError = PixelError::Rle("a segment ends before its plane is full");
    let mut bytes = segment;
    let mut filled = 0;
    while filled < out.len() {
        let (&control, rest) = bytes.split_first().ok_or(SHORT)?;
        bytes = match control {
            0..=127 => {
                let count = usize::from(control) + 1;
                let place = out
                    .get_mut(filled..filled + count)
                    .ok_or(PixelError::Rle("a literal run overflows its plane"))?;
                let (literal, rest) = rest.split_at_checked(count).ok_or(SHORT)?;
                place.copy_from_slice(literal);
                filled += count;
                rest
            }
            128 => rest,
            129..=255 => {
                let count = 257 - usize::from(control);
                let place = out
                    .get_mut(filled..filled + count)
                    .ok_or(PixelError::Rle("a replicate run overflows its plane"))?;
                let (&byte, rest) = rest.split_first().ok_or(SHORT)?;
                place.fill(byte);
                filled += count;
                rest
            }
        };
    }
    Ok(())
}

/// Two planes, high bytes first, to little-endian pairs: the form that the compiler turns into vector code.
fn interleave_two(planes: &[u8], pixels: usize) -> Vec<u8> {
    let (high, low) = planes.split_at(pixels);
    let mut out = vec![0; planes.len()];
    for ((pair, high), low) in out.chunks_exact_mut(2).zip(high).zip(low) {
        pair.copy_from_slice(&[*low, *high]);
    }
    out
}

/// Planes, most significant first, to little-endian pixels.
fn interleave(planes: &[u8], pixels: usize, bytes_per_pixel: usize) -> Vec<u8> {
    let mut out = vec![0; planes.len()];
    for (plane, bytes) in planes.chunks_exact(pixels.max(1)).enumerate() {
        let low_byte_first = bytes_per_pixel - 1 - plane;
        for (place, byte) in out[low_byte_first..]
            .iter_mut()
            .step_by(bytes_per_pixel)
            .zip(bytes)
        {
            *place = *byte;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fragment(segments: &[&[u8]]) -> Vec<u8> {
        let mut bytes = (segments.len() as u32).to_le_bytes().to_vec();
        let mut offset = HEADER as u32;
        for segment in segments {
            bytes.extend(offset.to_le_bytes());
            offset += segment.len() as u32;
        }
        bytes.resize(HEADER, 0);
        for segment in segments {
            bytes.extend_from_slice(segment);
        }
        bytes
    }

    #[test]
    fn planes_interleave_most_significant_first() {
        let encoded = fragment(&[&[0xFD, 0x01], &[0x03, 10, 11, 12, 13]]);
        assert_eq!(decode(&encoded, 4, 2), Ok(vec![10, 1, 11, 1, 12, 1, 13, 1]));
    }

    #[test]
    fn runs_follow_each_other() {
        let encoded = fragment(&[&[0x01, 1, 2, 0x00, 3, 0xFE, 4, 0x80, 0x01, 5, 6]]);
        assert_eq!(decode(&encoded, 8, 1), Ok(vec![1, 2, 3, 4, 4, 4, 5, 6]));
    }

    #[test]
    fn damage_is_named() {
        let beyond = {
            let mut bytes = fragment(&[&[0xFD, 1], &[0xFD, 2]]);
            bytes[8..12].copy_from_slice(&0xFFFF_FFF0u32.to_le_bytes());
            bytes
        };
        let rows: [(&[u8], &str); 6] = [
            (&[0; 4], "shorter than its header"),
            (
                &fragment(&[&[0xFD, 1]]),
                "number of segments is not that of the bits allocated",
            ),
            (&beyond, "a segment offset lies beyond the fragment"),
            (
                &fragment(&[&[0xFD, 1], &[0x7F, 1, 2]]),
                "a literal run overflows its plane",
            ),
            (
                &fragment(&[&[0xFD, 1], &[0x81, 1]]),
                "a replicate run overflows its plane",
            ),
            (
                &fragment(&[&[0xFD, 1], &[0x80]]),
                "a segment ends before its plane is full",
            ),
        ];
        for (bytes, why) in rows {
            assert_eq!(decode(bytes, 4, 2), Err(PixelError::Rle(why)));
        }
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), width in 1usize..=4) {
            let _ = decode(&bytes, 16, width);
            let mut with_header = (width as u32).to_le_bytes().to_vec();
            with_header.extend(bytes);
            let _ = decode(&with_header, 16, width);
        }
    }
}
