//! How the pixels of an image are stored, and the stored pixels of one frame.

use std::borrow::Cow;

use dicom_dictionary_std::tags;
use hilum_codec::{FrameDecoder, FrameFormat, Syntax};
use hilum_gate::{GateError, Limits, PixelData, PixelShape, Prescan};

use crate::attributes::Attributes;
use crate::error::PixelError;
use crate::{VolumeError, rle};

const RLE_LOSSLESS: &str = "1.2.840.10008.1.2.5";

/// Transfer syntaxes whose pixels are not compressed, the deflated data set being inflated by the gate.
const NATIVE: [&str; 4] = [
    "1.2.840.10008.1.2",
    "1.2.840.10008.1.2.1",
    "1.2.840.10008.1.2.2",
    "1.2.840.10008.1.2.1.99",
];

/// Who turns the pixels of a transfer syntax into stored pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    /// Nobody: they are there.
    Native,
    /// This crate.
    Rle,
    /// The decoder that was handed in.
    Codec,
}

impl Coding {
    /// The coding of a transfer syntax, or the name of one that is not read.
    pub(crate) fn of(transfer_syntax: &str) -> Result<Self, hilum_codec::CodecError> {
        if NATIVE.contains(&transfer_syntax) {
            Ok(Self::Native)
        } else if transfer_syntax == RLE_LOSSLESS {
            Ok(Self::Rle)
        } else {
            Syntax::of(transfer_syntax).map(|_| Self::Codec)
        }
    }
}

/// Why pixels were refused: by the gate or by the format.
pub(crate) enum PixelRefusal {
    Gate(GateError),
    Format(PixelError),
}

impl PixelRefusal {
    pub(crate) fn of_file(self, file: &str) -> VolumeError {
        let file = file.to_owned();
        match self {
            Self::Gate(source) => VolumeError::Refused { file, source },
            Self::Format(what) => VolumeError::Pixels { file, what },
        }
    }
}

impl From<GateError> for PixelRefusal {
    fn from(error: GateError) -> Self {
        Self::Gate(error)
    }
}

impl From<PixelError> for PixelRefusal {
    fn from(error: PixelError) -> Self {
        Self::Format(error)
    }
}

/// The bytes of one frame as they lie in the instance.
pub(crate) enum Frame<'a> {
    /// Uncompressed.
    Native(&'a [u8]),
    /// The frame's fragments, one after the other.
    Encapsulated(Cow<'a, [u8]>),
}

/// How a frame is to be read.
pub(crate) struct Reading<'a> {
    pub(crate) transfer_syntax: &'a str,
    /// Whether words are big endian.
    pub(crate) big_endian: bool,
    pub(crate) decoder: Option<&'a dyn FrameDecoder>,
}

/// The stored pixels of one frame.
pub(crate) struct Stored<'a> {
    pub(crate) bytes: Cow<'a, [u8]>,
    pub(crate) big_endian: bool,
    /// See [`hilum_codec::Decoded::sign_mismatch`].
    pub(crate) sign_mismatch: bool,
}

/// How the pixels of an image of one sample are stored (Image Pixel module, PS3.3 section C.7.6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PixelLayout {
    pub(crate) rows: u16,
    pub(crate) columns: u16,
    pub(crate) bits_allocated: u16,
    pub(crate) bits_stored: u16,
    pub(crate) high_bit: u16,
    pub(crate) signed: bool,
}

impl PixelLayout {
    pub(crate) fn of(attributes: &Attributes<'_>) -> Result<Self, VolumeError> {
        let missing = |attribute| VolumeError::MissingAttribute {
            file: attributes.file.to_owned(),
            attribute,
        };
        let layout = |attribute, value: u16| VolumeError::Pixels {
            file: attributes.file.to_owned(),
            what: PixelError::Layout {
                attribute,
                value: value.into(),
            },
        };
        let required = |tag, name| attributes.unsigned(tag, name)?.ok_or_else(|| missing(name));
        let samples = attributes
            .unsigned(tags::SAMPLES_PER_PIXEL, "SamplesPerPixel")?
            .unwrap_or(1);
        match samples {
            1 => {}
            0 => return Err(layout("SamplesPerPixel", samples)),
            _ => {
                return Err(VolumeError::Pixels {
                    file: attributes.file.to_owned(),
                    what: PixelError::Colour {
                        attribute: "SamplesPerPixel",
                        value: samples.to_string(),
                    },
                });
            }
        }
        let bits_allocated = required(tags::BITS_ALLOCATED, "BitsAllocated")?;
        if !matches!(bits_allocated, 8 | 16 | 32) {
            return Err(layout("BitsAllocated", bits_allocated));
        }
        let bits_stored = required(tags::BITS_STORED, "BitsStored")?;
        if bits_stored == 0 || bits_stored > bits_allocated {
            return Err(layout("BitsStored", bits_stored));
        }
        let high_bit = attributes
            .unsigned(tags::HIGH_BIT, "HighBit")?
            .unwrap_or(bits_stored - 1);
        if high_bit >= bits_allocated || high_bit + 1 < bits_stored {
            return Err(layout("HighBit", high_bit));
        }
        let representation = required(tags::PIXEL_REPRESENTATION, "PixelRepresentation")?;
        if representation > 1 {
            return Err(layout("PixelRepresentation", representation));
        }
        Ok(Self {
            rows: required(tags::ROWS, "Rows")?,
            columns: required(tags::COLUMNS, "Columns")?,
            bits_allocated,
            bits_stored,
            high_bit,
            signed: representation == 1,
        })
    }

    /// Pixels of one frame.
    pub(crate) fn pixels(&self) -> usize {
        usize::from(self.rows) * usize::from(self.columns)
    }

    /// Bytes of one frame, decoded.
    pub(crate) fn frame_bytes(&self) -> usize {
        self.pixels() * usize::from(self.bits_allocated / 8)
    }

    pub(crate) fn shape(&self, number_of_frames: u32) -> PixelShape {
        PixelShape {
            rows: self.rows,
            columns: self.columns,
            samples_per_pixel: 1,
            bits_allocated: self.bits_allocated,
            number_of_frames,
        }
    }

    /// Holds the pixel data that is there against the pixel equation, before memory is asked for in its name. How far
    /// codecs pack has no useful bound; their memory is bounded where they run.
    pub(crate) fn check(
        &self,
        scan: &Prescan,
        frames: u32,
        coding: Coding,
        limits: &Limits,
    ) -> Result<(), PixelRefusal> {
        let shape = self.shape(frames);
        let expected = shape.decoded_bytes(limits)?;
        match &scan.pixel_data {
            None => Err(PixelError::Absent.into()),
            Some(PixelData::Native(range)) if coding == Coding::Native => {
                Ok(shape.check(range.len() as u64, limits)?)
            }
            Some(PixelData::Fragments { fragments, .. }) if coding != Coding::Native => {
                let packed: usize = fragments.iter().map(ExactSizeIterator::len).sum();
                if coding == Coding::Rle && expected > rle::most_unpacked(packed) {
                    return Err(PixelError::Rle("shorter than its plane packs to at best").into());
                }
                Ok(())
            }
            Some(_) => Err(PixelError::WrongEncapsulation.into()),
        }
    }

    /// The bytes of the one frame of an instance, held against the pixel equation.
    pub(crate) fn only_frame<'a>(
        &self,
        bytes: &'a [u8],
        scan: &'a Prescan,
        coding: Coding,
        limits: &Limits,
    ) -> Result<Frame<'a>, PixelRefusal> {
        self.check(scan, 1, coding, limits)?;
        match &scan.pixel_data {
            None => Err(PixelError::Absent.into()),
            Some(PixelData::Native(range)) if coding == Coding::Native => {
                let stored = scan.bytes_of(bytes, range).get(..self.frame_bytes());
                Ok(Frame::Native(stored.ok_or(PixelError::Absent)?))
            }
            Some(PixelData::Fragments { fragments, .. }) if coding != Coding::Native => {
                let frame = match fragments.as_slice() {
                    [] => return Err(PixelError::Absent.into()),
                    [one] => Cow::Borrowed(scan.bytes_of(bytes, one)),
                    _ if coding == Coding::Rle => return Err(one_fragment_for_rle().into()),
                    several => Cow::Owned(
                        several
                            .iter()
                            .flat_map(|range| scan.bytes_of(bytes, range))
                            .copied()
                            .collect(),
                    ),
                };
                Ok(Frame::Encapsulated(frame))
            }
            Some(_) => Err(PixelError::WrongEncapsulation.into()),
        }
    }

    /// The stored pixels of a frame: as many as rows and columns say.
    pub(crate) fn stored<'a>(
        &self,
        frame: Frame<'a>,
        reading: &Reading<'_>,
        coding: Coding,
    ) -> Result<Stored<'a>, PixelError> {
        let little = |bytes, sign_mismatch| Stored {
            bytes: Cow::Owned(bytes),
            big_endian: false,
            sign_mismatch,
        };
        match (frame, coding) {
            (Frame::Native(bytes), Coding::Native) => Ok(Stored {
                bytes: Cow::Borrowed(bytes),
                big_endian: reading.big_endian,
                sign_mismatch: false,
            }),
            (Frame::Encapsulated(frame), Coding::Rle) => {
                let width = usize::from(self.bits_allocated / 8);
                Ok(little(rle::decode(&frame, self.pixels(), width)?, false))
            }
            (Frame::Encapsulated(frame), Coding::Codec) => {
                let decoder = reading.decoder.ok_or(PixelError::NoDecoder)?;
                let decoded = decoder
                    .decode(&frame, reading.transfer_syntax, &self.frame_format())
                    .map_err(|failure| PixelError::Codec(failure.0))?;
                if decoded.pixels.len() != self.frame_bytes() {
                    return Err(PixelError::Codec("another number of pixels came out".to_owned()));
                }
                Ok(little(decoded.pixels, decoded.sign_mismatch))
            }
            _ => Err(PixelError::WrongEncapsulation),
        }
    }

    fn frame_format(&self) -> FrameFormat {
        FrameFormat {
            rows: self.rows,
            columns: self.columns,
            samples: 1,
            bits_allocated: self.bits_allocated,
            bits_stored: self.bits_stored,
            signed: self.signed,
        }
    }
}

/// RLE alone asks for one fragment to a frame (PS3.5 annex A.4.2).
pub(crate) fn one_fragment_for_rle() -> PixelError {
    PixelError::Rle("one frame needs one fragment")
}
