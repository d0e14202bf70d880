//! What a codestream declares, read before a codec sees it.

use crate::{CodecError, Coding, FrameFormat, j2k_markers, jpeg_markers};

/// Size and sample format of a codestream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodestreamHeader {
    /// Height of the image.
    pub rows: u32,
    /// Width of the image.
    pub columns: u32,
    /// Components.
    pub components: u16,
    /// Bits of a sample.
    pub precision: u8,
    /// Whether samples are signed: `None` where the codec cannot say.
    pub signed: Option<bool>,
}

impl CodestreamHeader {
    /// Reads the header of a codestream of this coding, in time bounded by the headers' length.
    pub fn read(frame: &[u8], coding: Coding) -> Result<Self, CodecError> {
        match coding {
            Coding::JpegSequential | Coding::JpegLossless | Coding::JpegLs => {
                jpeg_markers::read(frame, coding)
            }
            Coding::Jpeg2000 | Coding::HighThroughputJpeg2000 => {
                j2k_markers::read(j2k_markers::codestream(frame)?)
            }
        }
    }

    /// Holds the header against what the DICOM header declares.
    pub(crate) fn check(&self, format: &FrameFormat) -> Result<(), CodecError> {
        let rows = ("rows", self.rows.into(), u64::from(format.rows));
        let columns = ("columns", self.columns.into(), u64::from(format.columns));
        let components = ("components", self.components.into(), u64::from(format.samples));
        for (what, codestream, declared) in [rows, columns, components] {
            if codestream != declared {
                return Err(CodecError::Disagrees {
                    what,
                    codestream,
                    declared,
                });
            }
        }
        // A precision below Bits Stored is common and harmless; one above the place for a pixel loses bits.
        if self.precision == 0 || u16::from(self.precision) > format.bits_allocated {
            return Err(CodecError::Disagrees {
                what: "bits per sample",
                codestream: self.precision.into(),
                declared: format.bits_allocated.into(),
            });
        }
        Ok(())
    }
}
