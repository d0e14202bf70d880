//! Pixels and data sets packed for a transfer syntax.

use std::io::Write as _;

/// RLE Lossless (PS3.5 annex G) of little-endian pixels: one byte plane per byte of a pixel, most significant
/// first, runs where there are any.
pub fn rle(stored: &[u8], bytes_per_pixel: usize) -> Vec<u8> {
    let planes: Vec<Vec<u8>> = (0..bytes_per_pixel)
        .rev()
        .map(|byte| {
            let plane: Vec<u8> = stored
                .iter()
                .skip(byte)
                .step_by(bytes_per_pixel)
                .copied()
                .collect();
            pack_bits(&plane)
        })
        .collect();
    let mut fragment = (planes.len() as u32).to_le_bytes().to_vec();
    let mut offset = 64;
    for plane in &planes {
        fragment.extend((offset as u32).to_le_bytes());
        offset += plane.len();
    }
    fragment.resize(64, 0);
    fragment.extend(planes.concat());
    fragment
}

/// `PackBits` with replicate runs of equal bytes and literal runs of the rest, padded to even length.
fn pack_bits(plane: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    for run in plane.chunk_by(|a, b| a == b) {
        for run in run.chunks(128) {
            match run {
                [byte] => packed.extend([0, *byte]),
                [byte, ..] => packed.extend([(257 - run.len()) as u8, *byte]),
                [] => {}
            }
        }
    }
    if packed.len() % 2 == 1 {
        packed.push(128);
    }
    packed
}

/// Raw deflate (RFC 1951).
pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.expect("writing to memory does not fail")
}

/// A deflated body that inflates to `size` zeros inside one element.
pub fn bomb(size: u32) -> Vec<u8> {
    const PIECE: usize = 1 << 20;
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut write = || {
        encoder.write_all(b"\x09\0\x01\x10OB\0\0")?;
        encoder.write_all(&size.to_le_bytes())?;
        let zeros = vec![0; PIECE];
        for _ in 0..size as usize / PIECE {
            encoder.write_all(&zeros)?;
        }
        encoder.write_all(&zeros[..size as usize % PIECE])
    };
    let written = write().and_then(|()| encoder.finish());
    written.expect("writing to memory does not fail")
}
