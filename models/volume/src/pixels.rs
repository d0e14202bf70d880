//! Stored pixels to Hounsfield units.

use std::borrow::Cow;
use std::ops::Range;

use dicom_dictionary_std::tags;
use hilum_gate::{Encoding, GateError, Limits, PixelData, PixelShape, Prescan};

use crate::attributes::Attributes;
use crate::error::PixelError;
use crate::{VolumeError, rle};

const RLE_LOSSLESS: &str = "1.2.840.10008.1.2.5";

/// Transfer syntaxes that this crate reads.
const READ: [&str; 5] = [
    "1.2.840.10008.1.2",
    "1.2.840.10008.1.2.1",
    "1.2.840.10008.1.2.2",
    "1.2.840.10008.1.2.1.99",
    RLE_LOSSLESS,
];

/// How the pixels of a CT slice are stored, and how they become HU.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PixelFormat {
    pub(crate) rows: u16,
    pub(crate) columns: u16,
    bits_allocated: u16,
    bits_stored: u16,
    high_bit: u16,
    signed: bool,
    slope: f64,
    intercept: f64,
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

/// Whether pixels of this transfer syntax are read here.
pub(crate) fn reads(transfer_syntax: &str) -> bool {
    READ.contains(&transfer_syntax)
}

impl PixelFormat {
    /// From the attributes of the image pixel and CT image modules.
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
        if samples != 1 {
            return Err(layout("SamplesPerPixel", samples));
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
        let [slope] = attributes.required(tags::RESCALE_SLOPE, "RescaleSlope")?;
        let [intercept] = attributes.required(tags::RESCALE_INTERCEPT, "RescaleIntercept")?;
        Ok(Self {
            rows: required(tags::ROWS, "Rows")?,
            columns: required(tags::COLUMNS, "Columns")?,
            bits_allocated,
            bits_stored,
            high_bit,
            signed: representation == 1,
            slope,
            intercept,
        })
    }

    /// Pixels of one slice.
    pub(crate) fn pixels(&self) -> usize {
        usize::from(self.rows) * usize::from(self.columns)
    }

    /// HU of Pixel Padding Value up to Pixel Padding Range Limit, lower first.
    pub(crate) fn padding_hu(&self, attributes: &Attributes<'_>) -> Option<[f32; 2]> {
        let stored = |tag, name| {
            let value = attributes.integer(tag, name).ok().flatten()?;
            // The VR is US or SS by PixelRepresentation; an implicit data set does not say which.
            Some(if self.signed && value > i64::from(i16::MAX) {
                value - 65_536
            } else {
                value
            })
        };
        let first = stored(tags::PIXEL_PADDING_VALUE, "PixelPaddingValue")?;
        let last = stored(tags::PIXEL_PADDING_RANGE_LIMIT, "PixelPaddingRangeLimit").unwrap_or(first);
        let [a, b] = [first, last].map(|value| (value as f64 * self.slope + self.intercept) as f32);
        Some([a.min(b), a.max(b)])
    }

    /// Decodes a slice into `plane`. `Some` when whole HU within 16 bits do not hold it: then these are the values
    /// and `plane` is to be ignored.
    pub(crate) fn decode(
        &self,
        bytes: &[u8],
        scan: &Prescan,
        limits: &Limits,
        plane: &mut [i16],
    ) -> Result<Option<Vec<f32>>, PixelRefusal> {
        let stored = self.stored_bytes(bytes, scan, limits)?;
        let big_endian = scan.encoding == Encoding::ExplicitBig;
        let whole = self.slope.fract() == 0.0 && self.intercept.fract() == 0.0;
        let small = self.slope.abs() <= 8192.0 && self.intercept.abs() <= f64::from(1 << 28);
        if self.bits_allocated == 16 && whole && small {
            let range = match (self.signed, big_endian) {
                (true, false) => self.rescale_whole::<true, false>(&stored, plane),
                (true, true) => self.rescale_whole::<true, true>(&stored, plane),
                (false, false) => self.rescale_whole::<false, false>(&stored, plane),
                (false, true) => self.rescale_whole::<false, true>(&stored, plane),
            };
            let in_range = i32::from(i16::MIN) <= range[0] && range[1] <= i32::from(i16::MAX);
            return Ok((!in_range).then(|| self.rescale_any(&stored, big_endian)));
        }
        let values = self.rescale_any(&stored, big_endian);
        let fits = |hu: &f32| (f32::from(i16::MIN)..=f32::from(i16::MAX)).contains(hu);
        if whole && values.iter().all(fits) {
            for (place, hu) in plane.iter_mut().zip(&values) {
                *place = *hu as i16;
            }
            return Ok(None);
        }
        Ok(Some(values))
    }

    /// Holds the pixel data that is there against the pixel equation, before memory is asked for in its name.
    pub(crate) fn check(&self, scan: &Prescan, limits: &Limits) -> Result<(), PixelRefusal> {
        let expected = self.shape().decoded_bytes(limits).map_err(PixelRefusal::Gate)?;
        match &scan.pixel_data {
            None => Err(PixelRefusal::Format(PixelError::Absent)),
            Some(PixelData::Native(range)) => self
                .shape()
                .check(range.len() as u64, limits)
                .map_err(PixelRefusal::Gate),
            Some(PixelData::Fragments { fragments, .. }) => {
                let packed: usize = fragments.iter().map(Range::len).sum();
                if scan.transfer_syntax.as_str() == RLE_LOSSLESS && expected > rle::most_unpacked(packed) {
                    return Err(PixelRefusal::Format(PixelError::Rle(
                        "shorter than its plane packs to at best",
                    )));
                }
                Ok(())
            }
        }
    }

    fn shape(&self) -> PixelShape {
        PixelShape {
            rows: self.rows,
            columns: self.columns,
            samples_per_pixel: 1,
            bits_allocated: self.bits_allocated,
            number_of_frames: 1,
        }
    }

    /// The stored pixels as bytes in the encoding's own order, held against the pixel equation.
    fn stored_bytes<'a>(
        &self,
        bytes: &'a [u8],
        scan: &'a Prescan,
        limits: &Limits,
    ) -> Result<Cow<'a, [u8]>, PixelRefusal> {
        let shape = self.shape();
        let expected = shape.decoded_bytes(limits).map_err(PixelRefusal::Gate)? as usize;
        let compressed = scan.transfer_syntax.as_str() == RLE_LOSSLESS;
        match &scan.pixel_data {
            None => Err(PixelRefusal::Format(PixelError::Absent)),
            Some(PixelData::Native(range)) if !compressed => {
                shape
                    .check(range.len() as u64, limits)
                    .map_err(PixelRefusal::Gate)?;
                let stored = scan.bytes_of(bytes, range);
                stored
                    .get(..expected)
                    .map(Cow::Borrowed)
                    .ok_or(PixelRefusal::Format(PixelError::Absent))
            }
            Some(PixelData::Fragments { fragments, .. }) if compressed => {
                let [fragment] = fragments.as_slice() else {
                    return Err(PixelRefusal::Format(PixelError::Rle(
                        "one frame needs one fragment",
                    )));
                };
                let width = usize::from(self.bits_allocated / 8);
                rle::decode(scan.bytes_of(bytes, fragment), self.pixels(), width)
                    .map(Cow::Owned)
                    .map_err(PixelRefusal::Format)
            }
            Some(_) => Err(PixelRefusal::Format(PixelError::WrongEncapsulation)),
        }
    }

    /// Whole rescale of 16-bit pixels; returns the smallest and largest HU. Bits outside `BitsStored` (old
    /// overlays) are shifted away, and with them comes the sign.
    fn rescale_whole<const SIGNED: bool, const BIG: bool>(
        &self,
        stored: &[u8],
        plane: &mut [i16],
    ) -> [i32; 2] {
        let left = u32::from(15 - self.high_bit);
        let right = u32::from(16 - self.bits_stored);
        let (slope, intercept) = (self.slope as i32, self.intercept as i32);
        let (mut lowest, mut highest) = (i32::MAX, i32::MIN);
        for (place, two) in plane.iter_mut().zip(stored.chunks_exact(2)) {
            let two = [two[0], two[1]];
            let raw = if BIG {
                u16::from_be_bytes(two)
            } else {
                u16::from_le_bytes(two)
            };
            let raw = raw.wrapping_shl(left);
            let value = if SIGNED {
                i32::from((raw as i16).wrapping_shr(right))
            } else {
                i32::from(raw.wrapping_shr(right))
            };
            let hu = value.wrapping_mul(slope).wrapping_add(intercept);
            lowest = lowest.min(hu);
            highest = highest.max(hu);
            *place = hu as i16;
        }
        [lowest, highest]
    }

    /// Any rescale of 8, 16 or 32 bits, computed in 64-bit floats.
    fn rescale_any(&self, stored: &[u8], big_endian: bool) -> Vec<f32> {
        let left = u32::from(63 - self.high_bit);
        let right = u32::from(64 - self.bits_stored);
        let width = usize::from(self.bits_allocated / 8);
        stored
            .chunks_exact(width)
            .map(|pixel| {
                let fold = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
                let raw = if big_endian {
                    pixel.iter().fold(0, fold)
                } else {
                    pixel.iter().rev().fold(0, fold)
                };
                let raw = raw << left;
                let value = if self.signed {
                    ((raw as i64) >> right) as f64
                } else {
                    (raw >> right) as f64
                };
                (value * self.slope + self.intercept) as f32
            })
            .collect()
    }
}
