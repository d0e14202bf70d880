//! Samples as codecs give them, as bytes of the declared width.

/// Widens or narrows 8-bit samples to `bits_allocated`.
pub(crate) fn from_8(samples: Vec<u8>, bits_allocated: u16) -> Vec<u8> {
    if bits_allocated == 8 {
        return samples;
    }
    samples.into_iter().flat_map(|sample| [sample, 0]).collect()
}

/// 16-bit samples in the machine's order, little endian in `bits_allocated`. They fit, since the precision does.
pub(crate) fn from_16(samples: &[u16], bits_allocated: u16) -> Vec<u8> {
    if bits_allocated == 8 {
        return samples.iter().map(|sample| *sample as u8).collect();
    }
    samples.iter().flat_map(|sample| sample.to_le_bytes()).collect()
}

/// Fills the bits above `precision` with the sign. JPEG and JPEG-LS know no sign: negative pixels come in two's
/// complement within the precision.
pub(crate) fn extend_sign(pixels: &mut [u8], precision: u8, bits_allocated: u16) {
    let unused = u32::from(bits_allocated).saturating_sub(precision.into());
    if unused == 0 {
        return;
    }
    if bits_allocated == 8 {
        for pixel in pixels {
            *pixel = ((*pixel << unused).cast_signed() >> unused).cast_unsigned();
        }
        return;
    }
    for pixel in pixels.chunks_exact_mut(2) {
        let extended = i16::from_le_bytes([pixel[0], pixel[1]]) << unused >> unused;
        pixel.copy_from_slice(&extended.to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sign_is_extended_from_the_precision() {
        let rows: [(&[u8], u8, u16, &[u8]); 4] = [
            (&[0x30, 0x18], 13, 16, &[0x30, 0xF8]),
            (&[0x30, 0x08], 13, 16, &[0x30, 0x08]),
            (&[0x0F, 0x07], 4, 8, &[0xFF, 0x07]),
            (&[0x30, 0x98], 16, 16, &[0x30, 0x98]),
        ];
        for (stored, precision, bits_allocated, expected) in rows {
            let mut pixels = stored.to_vec();
            extend_sign(&mut pixels, precision, bits_allocated);
            assert_eq!(pixels, expected, "{stored:?} of {precision} bits");
        }
    }

    #[test]
    fn samples_take_the_declared_width() {
        assert_eq!(from_8(vec![1, 255], 8), [1, 255]);
        assert_eq!(from_8(vec![1, 255], 16), [1, 0, 255, 0]);
        assert_eq!(from_16(&[0x0102, 7], 16), [2, 1, 7, 0]);
        assert_eq!(from_16(&[9, 255], 8), [9, 255]);
    }
}
