//! What goes in beside the bytes, and what comes out.

use crate::CodecError;

/// A frame as the DICOM header declares it (Image Pixel module, PS3.3 section C.7.6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameFormat {
    /// Rows (0028,0010).
    pub rows: u16,
    /// Columns (0028,0011).
    pub columns: u16,
    /// Samples per Pixel (0028,0002). Only 1 is decoded.
    pub samples: u16,
    /// Bits Allocated (0028,0100): 8 or 16.
    pub bits_allocated: u16,
    /// Bits Stored (0028,0101).
    pub bits_stored: u16,
    /// Whether Pixel Representation (0028,0103) is 1.
    pub signed: bool,
}

impl FrameFormat {
    /// Pixels of the frame.
    pub const fn pixels(&self) -> usize {
        self.rows as usize * self.columns as usize
    }

    /// Bytes of the decoded frame.
    pub const fn decoded_bytes(&self) -> usize {
        self.pixels() * (self.bits_allocated as usize / 8)
    }

    /// Refuses what no codec here makes.
    pub(crate) fn check(&self) -> Result<(), CodecError> {
        let refuse = |attribute, value| Err(CodecError::Format { attribute, value });
        if self.rows == 0 {
            return refuse("Rows", 0);
        }
        if self.columns == 0 {
            return refuse("Columns", 0);
        }
        if self.samples != 1 {
            return refuse("SamplesPerPixel", self.samples);
        }
        if !matches!(self.bits_allocated, 8 | 16) {
            return refuse("BitsAllocated", self.bits_allocated);
        }
        if self.bits_stored == 0 || self.bits_stored > self.bits_allocated {
            return refuse("BitsStored", self.bits_stored);
        }
        Ok(())
    }
}

/// A decoded frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// Rows x columns stored pixels, row by row, Bits Allocated wide, little endian. Where Pixel Representation says
    /// signed they are sign-extended from the codestream's precision to the full width.
    pub pixels: Vec<u8>,
    /// Whether a JPEG 2000 codestream says signed where Pixel Representation says unsigned, or the other way round.
    /// The bits are kept and read as Pixel Representation says.
    pub sign_mismatch: bool,
}
