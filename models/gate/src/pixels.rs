//! The pixel equation.

use crate::{GateError, Limits};

/// The five numbers that say how many bytes an uncompressed image has (PS3.5 section 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PixelShape {
    /// Rows (0028,0010).
    pub rows: u16,
    /// Columns (0028,0011).
    pub columns: u16,
    /// Samples per Pixel (0028,0002).
    pub samples_per_pixel: u16,
    /// Bits Allocated (0028,0100).
    pub bits_allocated: u16,
    /// Number of Frames (0028,0008); 1 where the attribute is absent.
    pub number_of_frames: u32,
}

impl PixelShape {
    /// Bytes of the decoded image without the padding byte.
    ///
    /// Refuses a zero, bits that fill no whole samples (1 is let through for segmentations) and an image
    /// beyond [`Limits::decoded_pixel_bytes`].
    pub fn decoded_bytes(&self, limits: &Limits) -> Result<u64, GateError> {
        let bad = |attribute, value: u64| Err(GateError::BadPixelShape { attribute, value });
        if self.rows == 0 {
            return bad("Rows", 0);
        }
        if self.columns == 0 {
            return bad("Columns", 0);
        }
        if self.number_of_frames == 0 {
            return bad("NumberOfFrames", 0);
        }
        if !matches!(self.samples_per_pixel, 1 | 3 | 4) {
            return bad("SamplesPerPixel", self.samples_per_pixel.into());
        }
        if !matches!(self.bits_allocated, 1 | 8 | 16 | 32 | 64) {
            return bad("BitsAllocated", self.bits_allocated.into());
        }
        let bits = [
            u64::from(self.rows),
            self.columns.into(),
            self.samples_per_pixel.into(),
            self.number_of_frames.into(),
            self.bits_allocated.into(),
        ]
        .into_iter()
        .try_fold(1u64, u64::checked_mul);
        let bytes = bits.map(|bits| bits.div_ceil(8));
        bytes
            .filter(|bytes| *bytes <= limits.decoded_pixel_bytes)
            .ok_or(GateError::ImageTooLarge {
                limit: limits.decoded_pixel_bytes,
            })
    }

    /// Holds uncompressed pixel data of `available` bytes against the equation: exactly what it gives, or one
    /// padding byte more to an even length.
    pub fn check(&self, available: u64, limits: &Limits) -> Result<(), GateError> {
        let expected = self.decoded_bytes(limits)?;
        if available == expected || available == expected + expected % 2 {
            return Ok(());
        }
        Err(GateError::PixelLengthMismatch { expected, available })
    }
}
