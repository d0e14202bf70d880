//! JPEG 2000 and high-throughput JPEG 2000 by OpenJPEG.

use jpeg2k::{DecodeParameters, Image};

use crate::{CodecError, CodestreamHeader, FrameFormat, j2k_markers};

const CODEC: &str = "JPEG 2000";

/// Decodes a codestream whose header agrees with `format`.
pub(crate) fn decode(
    frame: &[u8],
    header: &CodestreamHeader,
    format: &FrameFormat,
) -> Result<Vec<u8>, CodecError> {
    // Strict: a truncated codestream is an error, not a blurred image.
    let parameters = DecodeParameters::new().strict(true);
    let image = Image::from_bytes_with(j2k_markers::codestream(frame)?, parameters)
        .map_err(|error| CodecError::damaged(CODEC, error))?;
    let [component] = image.components() else {
        let why = format!("{} components came out", image.num_components());
        return Err(CodecError::damaged(CODEC, why));
    };
    let size = [component.height(), component.width(), component.precision()];
    if size != [header.rows, header.columns, header.precision.into()] {
        return Err(CodecError::damaged(
            CODEC,
            "another image came out than its header declares",
        ));
    }
    let samples = component.data();
    if format.bits_allocated == 8 {
        return Ok(samples.iter().map(|sample| *sample as u8).collect());
    }
    Ok(samples
        .iter()
        .flat_map(|sample| (*sample as i16).to_le_bytes())
        .collect())
}
