//! Why a series does not become a volume.

use dicom_encoding::TransferSyntaxIndex as _;
use dicom_transfer_syntax_registry::TransferSyntaxRegistry;
use hilum_codec::{CodecError, Syntax};
use hilum_domain::{GeometryError, ReasonCode};
use hilum_gate::GateError;

use crate::VolumeShapeError;

/// Why inputs do not become a volume. Names of files are part of messages, values of patient attributes are not.
#[derive(Debug, thiserror::Error)]
pub enum VolumeError {
    /// A file, folder or archive cannot be read.
    #[error("{file}: {source}")]
    Unreadable {
        /// Which.
        file: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// An archive holds more than is allowed.
    #[error("{file}: the archive holds more than {limit} {what}")]
    ArchiveTooLarge {
        /// Which.
        file: String,
        /// Bytes or members.
        what: &'static str,
        /// What is allowed.
        limit: u64,
    },
    /// The gate refused one instance.
    #[error("{file}: {source}")]
    Refused {
        /// Which.
        file: String,
        /// Why.
        source: GateError,
    },
    /// A required attribute is absent, or its value cannot be read.
    #[error("{file}: {attribute} is absent or unreadable")]
    MissingAttribute {
        /// Which file.
        file: String,
        /// Keyword of the attribute.
        attribute: &'static str,
    },
    /// A header of a form that the parser does not read.
    #[error("{file}: the header cannot be parsed")]
    Unparsable {
        /// Which.
        file: String,
    },
    /// Nothing among the inputs is a CT slice.
    #[error("no CT slice among the inputs: {detail}")]
    NothingToLoad {
        /// The code that all inputs were set aside with, or that of the first.
        code: ReasonCode,
        /// How many were set aside for what.
        detail: String,
    },
    /// The series that was asked for is not there.
    #[error("no CT slice of series {series_uid} among the inputs")]
    NoSuchSeries {
        /// Which was asked for.
        series_uid: String,
    },
    /// Several series are equally large and none was chosen.
    #[error("{series} series of {slices} slices each: name one by its series instance uid")]
    SeveralSeries {
        /// How many series.
        series: usize,
        /// How many slices each.
        slices: usize,
    },
    /// One series, but two studies or patients.
    #[error("{file}: {attribute} differs from that of the other slices of the series")]
    MixedIdentity {
        /// The first file that differs.
        file: String,
        /// Keyword of the attribute.
        attribute: &'static str,
    },
    /// A volume needs three slices.
    #[error("the series has {slices} slices, a volume needs at least 3")]
    TooFewSlices {
        /// How many there are.
        slices: usize,
    },
    /// Slices differ in what must be equal.
    #[error("{file}: {attribute} differs from that of the other slices")]
    InconsistentSlices {
        /// The first file that differs.
        file: String,
        /// Keyword of the attribute.
        attribute: &'static str,
    },
    /// Slices are missing inside the series.
    #[error(
        "{missing} slices are missing: the gap after slice {after_slice} at {position_mm:.2} mm along the normal is \
         {gap_mm:.3} mm, the spacing is {spacing_mm:.3} mm"
    )]
    MissingSlice {
        /// How many over the whole series.
        missing: usize,
        /// The slice before the first gap, counted from 0.
        after_slice: usize,
        /// Its position along the normal.
        position_mm: f64,
        /// The gap there.
        gap_mm: f64,
        /// The usual spacing.
        spacing_mm: f64,
    },
    /// Two different slices at one position.
    #[error(
        "{first} and {second} lie at the same position ({position_mm:.2} mm along the normal) with different pixels"
    )]
    DuplicateSlice {
        /// One of the files.
        first: String,
        /// The other.
        second: String,
        /// Where.
        position_mm: f64,
    },
    /// Slices do not lie on a regular grid.
    #[error(
        "spacing is irregular: slice {slice} at {position_mm:.2} mm along the normal lies {off_mm:.3} mm off the \
         regular grid of {spacing_mm:.3} mm"
    )]
    IrregularSpacing {
        /// The slice, counted from 0.
        slice: usize,
        /// Its position along the normal.
        position_mm: f64,
        /// How far it is off.
        off_mm: f64,
        /// The usual spacing.
        spacing_mm: f64,
    },
    /// The stack is sheared against the slice normal by more than a gantry can be tilted.
    #[error(
        "the stack is sheared by {degrees:.2} degrees against the slice normal, more than a gantry tilts"
    )]
    GantryTilt {
        /// Angle between slice step and slice normal.
        degrees: f64,
    },
    /// A series holds several acquisitions of the same region, equally large.
    #[error(
        "the series holds {acquisitions} acquisitions (by {attribute}), several of {slices} slices: give the files of \
         one of them"
    )]
    SeveralAcquisitions {
        /// How many.
        acquisitions: usize,
        /// Slices of the largest ones.
        slices: usize,
        /// Keyword of the attribute that tells them apart.
        attribute: &'static str,
    },
    /// A transfer syntax that this version does not read.
    #[error("{file}: transfer syntax {uid} ({name}) is not supported")]
    UnsupportedTransferSyntax {
        /// Which file.
        file: String,
        /// The UID.
        uid: String,
        /// Its name in the standard.
        name: String,
    },
    /// Pixels of a form that CT does not have, or damaged compressed pixels.
    #[error("{file}: {what}")]
    Pixels {
        /// Which file.
        file: String,
        /// What is wrong.
        what: PixelError,
    },
    /// The geometry makes no grid.
    #[error("the slices span no volume: {0}")]
    Affine(#[from] GeometryError),
    /// The grid is too small.
    #[error(transparent)]
    Shape(#[from] VolumeShapeError),
    /// A volume could not be written.
    #[error("{file}: cannot be written: {why}")]
    Write {
        /// Which file.
        file: String,
        /// What the writer says.
        why: String,
    },
}

/// What is wrong with the pixels of a slice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PixelError {
    /// A layout that no CT slice has.
    #[error("{attribute} is {value}, which this version does not read for CT")]
    Layout {
        /// Keyword of the attribute.
        attribute: &'static str,
        /// Its value.
        value: u64,
    },
    /// Colours, or entries of a palette: no HU. The value is a term that the standard defines, or a number.
    #[error("{attribute} is {value}: pixels are colours, not one grey value each")]
    Colour {
        /// Keyword of the attribute.
        attribute: &'static str,
        /// Its value.
        value: String,
    },
    /// Values of another unit. The value is a term that the standard defines, or says that there is none.
    #[error("{attribute} is {value}, which is not HU")]
    NotHounsfield {
        /// Keyword of the attribute.
        attribute: &'static str,
        /// Its value.
        value: &'static str,
    },
    /// No pixel data at all.
    #[error("PixelData is absent")]
    Absent,
    /// Uncompressed where compressed pixels belong, or the other way round.
    #[error("PixelData is not encoded as its transfer syntax says")]
    WrongEncapsulation,
    /// A damaged RLE stream.
    #[error("the RLE stream is damaged: {0}")]
    Rle(&'static str),
    /// Compressed pixels that the decoder did not decode.
    #[error("{0}")]
    Codec(String),
    /// Compressed pixels, and nobody to decode them.
    #[error("pixels are compressed and no decoder was handed in")]
    NoDecoder,
    /// A modality lookup table that cannot be used.
    #[error("the modality lookup table cannot be used: {0}")]
    ModalityLut(&'static str),
}

impl VolumeError {
    /// The error for a transfer syntax that nobody here reads.
    pub(crate) fn unsupported(file: &str, transfer_syntax: &str) -> Self {
        let name = match Syntax::of(transfer_syntax) {
            Ok(syntax) => syntax.name,
            Err(CodecError::Retired { name }) => name,
            Err(_) => TransferSyntaxRegistry
                .get(transfer_syntax)
                .map_or("unknown", |syntax| syntax.name()),
        };
        Self::UnsupportedTransferSyntax {
            file: file.to_owned(),
            uid: transfer_syntax.to_owned(),
            name: name.to_owned(),
        }
    }

    /// The code a program branches on.
    pub const fn code(&self) -> ReasonCode {
        match self {
            Self::Unreadable { .. } | Self::Write { .. } | Self::Unparsable { .. } => {
                ReasonCode::DecodeFailed
            }
            Self::ArchiveTooLarge { .. } => ReasonCode::LimitExceeded,
            Self::Refused { source, .. } => source.code(),
            Self::MissingAttribute { .. } => ReasonCode::MissingAttribute,
            Self::NothingToLoad { code, .. } => *code,
            Self::NoSuchSeries { .. } => ReasonCode::OtherSeries,
            Self::SeveralSeries { .. } | Self::MixedIdentity { .. } => ReasonCode::MixedSeries,
            Self::TooFewSlices { .. } => ReasonCode::TooFewSlices,
            Self::InconsistentSlices { .. } | Self::Affine(_) | Self::Shape(_) => {
                ReasonCode::InconsistentSlices
            }
            Self::MissingSlice { .. } => ReasonCode::MissingSlice,
            Self::DuplicateSlice { .. } => ReasonCode::DuplicateSlice,
            Self::IrregularSpacing { .. } => ReasonCode::IrregularSpacing,
            Self::GantryTilt { .. } => ReasonCode::GantryTilt,
            Self::SeveralAcquisitions { .. } => ReasonCode::SeveralAcquisitions,
            Self::UnsupportedTransferSyntax { .. } => ReasonCode::UnsupportedTransferSyntax,
            Self::Pixels { what, .. } => match what {
                PixelError::Absent => ReasonCode::PixelLengthMismatch,
                PixelError::Colour { .. } => ReasonCode::ColourImage,
                PixelError::NotHounsfield { .. } => ReasonCode::RescaleType,
                PixelError::NoDecoder => ReasonCode::UnsupportedTransferSyntax,
                _ => ReasonCode::DecodeFailed,
            },
        }
    }
}
