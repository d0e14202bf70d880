//! From a frame to stored pixels.

use crate::{
    CodecError, CodestreamHeader, Coding, Decoded, FrameFormat, Syntax, jpeg, jpeg_ls, jpeg2000, samples,
};

/// Decodes one frame of a transfer syntax.
///
/// `frame` is the frame's fragments one after the other (PS3.5 annex A.4). The codestream's size, components and
/// precision are held against `format` before the codec allocates anything for them. A codec may still crash or take
/// long on hostile bytes: give it a process that can be killed.
pub fn decode(frame: &[u8], transfer_syntax: &str, format: &FrameFormat) -> Result<Decoded, CodecError> {
    let syntax = Syntax::of(transfer_syntax)?;
    format.check()?;
    let header = CodestreamHeader::read(frame, syntax.coding)?;
    header.check(format)?;
    let mut pixels = match syntax.coding {
        Coding::JpegSequential | Coding::JpegLossless => jpeg::decode(frame, &header, format)?,
        Coding::JpegLs => jpeg_ls::decode(frame, &header, format)?,
        Coding::Jpeg2000 | Coding::HighThroughputJpeg2000 => jpeg2000::decode(frame, &header, format)?,
    };
    let sign_mismatch = header.signed.is_some_and(|signed| signed != format.signed);
    if format.signed && header.signed != Some(true) {
        samples::extend_sign(&mut pixels, header.precision, format.bits_allocated);
    }
    Ok(Decoded {
        pixels,
        sign_mismatch,
    })
}
