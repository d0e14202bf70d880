//! JPEG 2000 and high-throughput JPEG 2000 by OpenJPEG.

use jpeg2k::{DecodeParameters, Image};

use crate::{CodecError, CodestreamHeader, FrameFormat, j2k_markers};

/// Decodes a codestream whose header agrees with `format`.
pub(crate) fn decode(
    frame: &[u8],
    header: &CodestreamHeader,
    format: &FrameFormat,
) -> Result<Vec<u8>, CodecError> {
    let damaged = |why: String| CodecError::Damaged {
        codec: "JPEG 2000",
        why,
    };
    // Strict: a truncated codestream is an error, not a blurred image.
    let parameters = DecodeParameters::new().strict(true);
    let image = Image::from_bytes_with(j2k_markers::codestream(frame)?, parameters)
        .map_err(|error| damaged(error.to_string()))?;
    let [component] = image.components() else {
        return Err(damaged(format!("{} components came out", image.num_components())));
    };
    let size = [component.height(), component.width(), component.precision()];
    if size != [header.rows, header.columns, header.precision.into()] {
        return Err(damaged(
            "another image came out than its header declares".to_owned(),
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
