//! High-throughput JPEG 2000. No sample of it is public with the others, so frames are made by another library
//! (`openjph-core`) and decoded by ours (OpenJPEG): bit for bit.

use hilum_codec::{Decoded, FrameFormat, decode};
use openjph_core::codestream::Codestream;
use openjph_core::file::MemOutfile;
use openjph_core::types::{Point, Size};

const COLUMNS: u32 = 96;
const ROWS: u32 = 80;

/// A reversible codestream of one component; `progression` as the RPCL syntax asks for it.
fn encode(pixels: &[i32], bits: u32, signed: bool, progression: Option<&str>) -> Vec<u8> {
    let mut stream = Codestream::new();
    stream
        .access_siz_mut()
        .set_image_extent(Point::new(COLUMNS, ROWS));
    stream.access_siz_mut().set_num_components(1);
    stream
        .access_siz_mut()
        .set_comp_info(0, Point::new(1, 1), bits, signed);
    stream.access_siz_mut().set_tile_size(Size::new(COLUMNS, ROWS));
    stream.access_cod_mut().set_num_decomposition(3);
    stream.access_cod_mut().set_reversible(true);
    stream.access_cod_mut().set_color_transform(false);
    if let Some(progression) = progression {
        stream
            .access_cod_mut()
            .set_progression_order(progression)
            .unwrap();
    }
    stream.set_planar(0);
    let mut file = MemOutfile::new();
    stream.write_headers(&mut file, &[]).unwrap();
    for row in pixels.chunks_exact(COLUMNS as usize) {
        stream.exchange(row, 0).unwrap();
    }
    stream.flush(&mut file).unwrap();
    file.get_data().to_vec()
}

/// A disc of tissue in air with texture, in HU.
fn image(low: i32, high: i32) -> Vec<i32> {
    let pixel = |index: u32| {
        let (x, y) = ((index % COLUMNS) as i32 - 48, (index / COLUMNS) as i32 - 40);
        let texture = (x * 37 + y * 91 + x * y).rem_euclid(61);
        if x * x + y * y < 900 {
            high - texture
        } else {
            low + texture
        }
    };
    (0..COLUMNS * ROWS).map(pixel).collect()
}

#[test]
fn frames_of_another_encoder_are_decoded_bit_for_bit() {
    for (uid, bits, signed, progression) in [
        ("1.2.840.10008.1.2.4.201", 12, false, None),
        ("1.2.840.10008.1.2.4.201", 16, true, None),
        ("1.2.840.10008.1.2.4.202", 13, true, Some("RPCL")),
        ("1.2.840.10008.1.2.4.203", 12, false, None),
    ] {
        let pixels = if signed {
            image(-2000, 1500)
        } else {
            image(0, 3000)
        };
        let frame = encode(&pixels, bits, signed, progression);
        let format = FrameFormat {
            rows: ROWS as u16,
            columns: COLUMNS as u16,
            samples: 1,
            bits_allocated: 16,
            bits_stored: bits as u16,
            signed,
        };
        let expected = Decoded {
            pixels: pixels
                .iter()
                .flat_map(|pixel| (*pixel as i16).to_le_bytes())
                .collect(),
            sign_mismatch: false,
        };
        assert_eq!(decode(&frame, uid, &format), Ok(expected), "{uid}, {bits} bits");
        assert!(
            decode(&frame[..frame.len() / 2], uid, &format).is_err(),
            "{uid} cut off"
        );
    }
}
