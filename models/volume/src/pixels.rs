//! Stored pixels to Hounsfield units.

use std::sync::Arc;

use dicom_dictionary_std::tags;

use crate::VolumeError;
use crate::attributes::Attributes;
use crate::error::PixelError;
use crate::layout::{PixelLayout, Stored};
use crate::modality::{Modality, Table, Unit};

/// How the pixels of a CT slice are stored, and how they become HU.
///
/// MONOCHROME1 says that low values are shown bright, and changes no value (PS3.3 section C.7.6.3.1.2).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PixelFormat {
    pub(crate) layout: PixelLayout,
    /// What the HU are said to be.
    pub(crate) unit: Unit,
    modality: Modality,
}

/// Photometric Interpretations of one grey value a pixel.
const GREY: [&str; 2] = ["MONOCHROME1", "MONOCHROME2"];
/// The others that PS3.3 section C.7.6.3.1.2 defines, or once did.
const COLOUR: [&str; 12] = [
    "PALETTE COLOR",
    "RGB",
    "HSV",
    "ARGB",
    "CMYK",
    "YBR_FULL",
    "YBR_FULL_422",
    "YBR_PARTIAL_422",
    "YBR_PARTIAL_420",
    "YBR_ICT",
    "YBR_RCT",
    "XYB",
];

impl PixelFormat {
    /// From the attributes of the image pixel and CT image modules.
    pub(crate) fn of(
        attributes: &Attributes<'_>,
        layout: PixelLayout,
        table: Option<Arc<Table>>,
    ) -> Result<Self, VolumeError> {
        refuse_colour(attributes)?;
        let unit = match table {
            Some(_) => Unit::Hounsfield,
            None => Unit::of(attributes)?,
        };
        Ok(Self {
            layout,
            unit,
            modality: Modality::of(attributes, table)?,
        })
    }

    /// HU of Pixel Padding Value up to Pixel Padding Range Limit, lower first.
    pub(crate) fn padding_hu(&self, attributes: &Attributes<'_>) -> Option<[f32; 2]> {
        let stored = |tag, name| {
            let value = attributes.integer(tag, name).ok().flatten()?;
            // The VR is US or SS by PixelRepresentation; an implicit data set does not say which.
            Some(if self.layout.signed && value > i64::from(i16::MAX) {
                value - 65_536
            } else {
                value
            })
        };
        let first = stored(tags::PIXEL_PADDING_VALUE, "PixelPaddingValue")?;
        let last = stored(tags::PIXEL_PADDING_RANGE_LIMIT, "PixelPaddingRangeLimit").unwrap_or(first);
        let [a, b] = [first, last].map(|value| self.modality.hu(value) as f32);
        Some([a.min(b), a.max(b)])
    }

    /// Writes the HU of a slice into `plane`. `Some` when whole HU within 16 bits do not hold it: then these are the
    /// values and `plane` is to be ignored.
    pub(crate) fn to_hu(&self, stored: &Stored<'_>, plane: &mut [i16]) -> Option<Vec<f32>> {
        let (bytes, big_endian) = (stored.bytes.as_ref(), stored.big_endian);
        if let Some(line) = self.whole_line() {
            let range = match (self.layout.signed, big_endian) {
                (true, false) => self.rescale_whole::<true, false>(line, bytes, plane),
                (true, true) => self.rescale_whole::<true, true>(line, bytes, plane),
                (false, false) => self.rescale_whole::<false, false>(line, bytes, plane),
                (false, true) => self.rescale_whole::<false, true>(line, bytes, plane),
            };
            let in_range = i32::from(i16::MIN) <= range[0] && range[1] <= i32::from(i16::MAX);
            return (!in_range).then(|| self.rescale_any(bytes, big_endian));
        }
        let values = self.rescale_any(bytes, big_endian);
        let fits = |hu: &f32| (f32::from(i16::MIN)..=f32::from(i16::MAX)).contains(hu);
        if self.modality.is_whole() && values.iter().all(fits) {
            for (place, hu) in plane.iter_mut().zip(&values) {
                *place = *hu as i16;
            }
            return None;
        }
        Some(values)
    }

    /// Slope and intercept where 16-bit pixels can be rescaled in 32-bit integers without overflow.
    fn whole_line(&self) -> Option<[i32; 2]> {
        let Modality::Line { slope, intercept } = self.modality else {
            return None;
        };
        let small = slope.abs() <= 8192.0 && intercept.abs() <= f64::from(1 << 28);
        (self.layout.bits_allocated == 16 && self.modality.is_whole() && small)
            .then_some([slope as i32, intercept as i32])
    }

    /// Whole rescale of 16-bit pixels; returns the smallest and largest HU. Bits outside `BitsStored` (old
    /// overlays) are shifted away, and with them comes the sign.
    fn rescale_whole<const SIGNED: bool, const BIG: bool>(
        &self,
        [slope, intercept]: [i32; 2],
        stored: &[u8],
        plane: &mut [i16],
    ) -> [i32; 2] {
        if slope == 1
            && let Ok(intercept) = i16::try_from(intercept)
            && (SIGNED || self.layout.bits_stored < 16)
        {
            return self.shift_whole::<SIGNED, BIG>(intercept, stored, plane);
        }
        let left = u32::from(15 - self.layout.high_bit);
        let right = u32::from(16 - self.layout.bits_stored);
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

    /// The same for slope 1 and stored values within 16 signed bits: nothing wider than the pixels is needed, so twice
    /// as many fit into a vector.
    fn shift_whole<const SIGNED: bool, const BIG: bool>(
        &self,
        intercept: i16,
        stored: &[u8],
        plane: &mut [i16],
    ) -> [i32; 2] {
        let left = u32::from(15 - self.layout.high_bit);
        let right = u32::from(16 - self.layout.bits_stored);
        let (mut lowest, mut highest) = (i16::MAX, i16::MIN);
        for (place, two) in plane.iter_mut().zip(stored.as_chunks::<2>().0) {
            let raw = if BIG {
                u16::from_be_bytes(*two)
            } else {
                u16::from_le_bytes(*two)
            };
            let raw = raw.wrapping_shl(left);
            let value = if SIGNED {
                (raw as i16).wrapping_shr(right)
            } else {
                raw.wrapping_shr(right) as i16
            };
            lowest = lowest.min(value);
            highest = highest.max(value);
            *place = value.wrapping_add(intercept);
        }
        [lowest, highest].map(|value| i32::from(value) + i32::from(intercept))
    }

    /// Any rescale of 8, 16 or 32 bits, computed in 64-bit floats.
    fn rescale_any(&self, stored: &[u8], big_endian: bool) -> Vec<f32> {
        let left = u32::from(63 - self.layout.high_bit);
        let right = u32::from(64 - self.layout.bits_stored);
        let width = usize::from(self.layout.bits_allocated / 8);
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
                // At most 32 bits are stored, so an unsigned value fits too.
                let value = if self.layout.signed {
                    raw.cast_signed() >> right
                } else {
                    (raw >> right).cast_signed()
                };
                self.modality.hu(value) as f32
            })
            .collect()
    }
}

/// Entries of a palette look like grey values in everything but Photometric Interpretation. One that is absent is let
/// pass: then there is one sample, and no palette is announced.
fn refuse_colour(attributes: &Attributes<'_>) -> Result<(), VolumeError> {
    let Some(said) = attributes.text(tags::PHOTOMETRIC_INTERPRETATION) else {
        return Ok(());
    };
    if GREY.contains(&said.as_str()) {
        return Ok(());
    }
    // What the standard does not define is not repeated: it may be anything.
    let defined = COLOUR.iter().find(|term| **term == said);
    Err(VolumeError::Pixels {
        file: attributes.file.to_owned(),
        what: PixelError::Colour {
            attribute: "PhotometricInterpretation",
            value: defined.unwrap_or(&"no defined term").to_string(),
        },
    })
}
