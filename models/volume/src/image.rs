//! Stored pixels of any image instance of one sample, CT or not.

use dicom_dictionary_std::tags;
use hilum_codec::FrameDecoder;
use hilum_domain::Uid;
use hilum_gate::{Encoding, Limits, PixelData, prescan};

use crate::VolumeError;
use crate::attributes::Attributes;
use crate::enhanced::frame_ranges;
use crate::header::parse;
use crate::layout::{Coding, Frame, PixelLayout, PixelRefusal, Reading};

/// The pixels of an instance as they are stored: no rescale, no lookup table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredImage {
    /// Transfer syntax that they came in.
    pub transfer_syntax: Uid,
    /// Frames, each rows x columns pixels.
    pub frames: u32,
    /// Rows.
    pub rows: u16,
    /// Columns.
    pub columns: u16,
    /// Bits Allocated: 8, 16 or 32.
    pub bits_allocated: u16,
    /// Bits Stored.
    pub bits_stored: u16,
    /// Whether pixels are in two's complement.
    pub signed: bool,
    /// Frame by frame, row by row, Bits Allocated wide, little endian. Bits outside Bits Stored are as they came.
    pub pixels: Vec<u8>,
    /// Whether a codestream says of its pixels another sign than the header, which was believed.
    pub sign_mismatch: bool,
}

/// Reads the stored pixels of a DICOM Part 10 file. `name` is what errors call it.
///
/// Images of several samples (colour) are refused by name.
pub fn stored_image(
    name: &str,
    bytes: &[u8],
    limits: &Limits,
    decoder: Option<&dyn FrameDecoder>,
) -> Result<StoredImage, VolumeError> {
    let refused = |source| VolumeError::Refused {
        file: name.to_owned(),
        source,
    };
    let scan = prescan(bytes, limits).map_err(refused)?;
    let object = parse(name, bytes, &scan)?;
    let attributes = Attributes {
        object: &object,
        file: name,
    };
    let pixels_refused = |refusal: PixelRefusal| refusal.of_file(name);
    let transfer_syntax = scan.transfer_syntax.as_str();
    let coding = Coding::of(transfer_syntax).map_err(|_| VolumeError::unsupported(name, transfer_syntax))?;
    if scan.pixel_data.is_none() {
        return Err(pixels_refused(crate::PixelError::Absent.into()));
    }
    let layout = PixelLayout::of(&attributes)?;
    let frames = attributes
        .integer(tags::NUMBER_OF_FRAMES, "NumberOfFrames")?
        .unwrap_or(1);
    let frames = u32::try_from(frames).map_err(|_| VolumeError::MissingAttribute {
        file: name.to_owned(),
        attribute: "NumberOfFrames",
    })?;
    let ranges = frame_ranges(bytes, &scan, &layout, frames, coding, limits).map_err(pixels_refused)?;
    let big_endian = scan.encoding == Encoding::ExplicitBig;
    let reading = Reading {
        transfer_syntax,
        big_endian,
        decoder,
    };
    let swapped = big_endian && layout.bits_allocated > 8;
    let native = matches!(scan.pixel_data, Some(PixelData::Native(_)));
    let mut pixels = Vec::new();
    let mut sign_mismatch = false;
    for ranges in ranges {
        let parts: Vec<&[u8]> = ranges.iter().map(|range| scan.bytes_of(bytes, range)).collect();
        let frame = match parts.as_slice() {
            [one] if native => Frame::Native(one),
            [one] => Frame::Encapsulated((*one).into()),
            several => Frame::Encapsulated(several.concat().into()),
        };
        let stored = layout
            .stored(frame, &reading, coding)
            .map_err(|what| pixels_refused(what.into()))?;
        sign_mismatch |= stored.sign_mismatch;
        pixels.extend_from_slice(&stored.bytes);
    }
    if swapped && native {
        let width = usize::from(layout.bits_allocated / 8);
        pixels.chunks_exact_mut(width).for_each(<[u8]>::reverse);
    }
    Ok(StoredImage {
        frames,
        rows: layout.rows,
        columns: layout.columns,
        bits_allocated: layout.bits_allocated,
        bits_stored: layout.bits_stored,
        signed: layout.signed,
        pixels,
        sign_mismatch,
        transfer_syntax: scan.transfer_syntax,
    })
}
