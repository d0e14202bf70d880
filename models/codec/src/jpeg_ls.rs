//! JPEG-LS by CharLS.

use charls::CharLS;

use crate::{CodecError, CodestreamHeader, FrameFormat, jpeg_markers, samples};

const CODEC: &str = "JPEG-LS";
const END_OF_IMAGE: [u8; 2] = [0xFF, 0xD9];

/// Decodes a codestream whose header agrees with `format`.
pub(crate) fn decode(
    frame: &[u8],
    header: &CodestreamHeader,
    format: &FrameFormat,
) -> Result<Vec<u8>, CodecError> {
    // CharLS 2.4 never returns from a codestream that is cut off in its scan. In a scan a zero bit follows 0xFF, so
    // this pair is nothing but the end of the image; before the scan it may be part of a comment.
    let scan = jpeg_markers::scan(frame).unwrap_or_default();
    if !scan.windows(2).rev().any(|pair| pair == END_OF_IMAGE) {
        return Err(CodecError::damaged(
            CODEC,
            "it is cut off: it has no end of image",
        ));
    }
    let mut charls = CharLS::default();
    // CharLS reads the header by itself: it must have seen what was checked.
    let info = charls
        .get_frame_info(frame)
        .map_err(|error| CodecError::damaged(CODEC, error))?;
    let seen = [
        info.height,
        info.width,
        info.component_count as u32,
        info.bits_per_sample as u32,
    ];
    if seen
        != [
            header.rows,
            header.columns,
            header.components.into(),
            header.precision.into(),
        ]
    {
        return Err(CodecError::damaged(CODEC, "it has two frame headers"));
    }
    // A fresh codec: the library refuses a second header on one that has read the first.
    let bytes = CharLS::default()
        .decode(frame)
        .map_err(|error| CodecError::damaged(CODEC, error))?;
    if header.precision <= 8 {
        return Ok(samples::from_8(bytes, format.bits_allocated));
    }
    let samples: Vec<u16> = bytes
        .chunks_exact(2)
        .map(|pair| u16::from_ne_bytes([pair[0], pair[1]]))
        .collect();
    Ok(samples::from_16(&samples, format.bits_allocated))
}
