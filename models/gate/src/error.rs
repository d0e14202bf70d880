//! Why bytes were refused.

use std::fmt;

use hilum_domain::ReasonCode;

/// A DICOM tag as `(gggg,eeee)`, for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TagName(pub u16, pub u16);

impl fmt::Display for TagName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({:04X},{:04X})", self.0, self.1)
    }
}

/// Why bytes were refused. Offsets count from the start of the file, or from the start of the inflated data
/// set when the transfer syntax is a deflated one. No value of an element is ever part of a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GateError {
    /// No preamble with `DICM` after it.
    #[error("not a DICOM Part 10 file: {0}")]
    NotDicom(&'static str),
    /// The instance as a whole is too large.
    #[error("{bytes} bytes are more than the {limit} allowed for one instance")]
    InstanceTooLarge {
        /// Size of the input.
        bytes: u64,
        /// What is allowed.
        limit: u64,
    },
    /// The file meta group names no transfer syntax.
    #[error("the file meta group has no readable transfer syntax uid")]
    NoTransferSyntax,
    /// A declared length reaches beyond its container.
    #[error("{tag} at byte {offset} declares {declared} bytes, {left} are left")]
    LengthBeyondInput {
        /// Whose length.
        tag: TagName,
        /// Where the element starts.
        offset: usize,
        /// What it declares.
        declared: u64,
        /// What its container still holds.
        left: usize,
    },
    /// The input ends in the middle of an element header, or before a sequence was closed.
    #[error("the data set ends at byte {offset} in the middle of {within}")]
    Truncated {
        /// Where.
        offset: usize,
        /// In the middle of what.
        within: &'static str,
    },
    /// Sequences nested too deep.
    #[error("sequence {tag} at byte {offset} is nested deeper than {limit}")]
    NestingTooDeep {
        /// The sequence that is one too deep.
        tag: TagName,
        /// Where it starts.
        offset: usize,
        /// What is allowed.
        limit: usize,
    },
    /// Too many elements, items or fragments.
    #[error("more than {limit} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// What is allowed.
        limit: usize,
    },
    /// A delimiter or item where none belongs, or an element where an item belongs.
    #[error("{tag} at byte {offset} where {expected} belongs")]
    UnexpectedTag {
        /// What is there.
        tag: TagName,
        /// Where.
        offset: usize,
        /// What belongs there.
        expected: &'static str,
    },
    /// Fragments and frames do not agree.
    #[error("encapsulated pixel data: {0}")]
    Fragments(&'static str),
    /// The deflated data set does not inflate.
    #[error("the deflated data set is damaged after {inflated} inflated bytes")]
    Inflate {
        /// How much came out before.
        inflated: usize,
    },
    /// The deflated data set grows beyond the limit.
    #[error("the deflated data set inflates to more than the {limit} bytes allowed")]
    InflatedTooLarge {
        /// What is allowed.
        limit: u64,
    },
    /// A number of the pixel equation that cannot be.
    #[error("{attribute} is {value}")]
    BadPixelShape {
        /// Keyword of the attribute.
        attribute: &'static str,
        /// Its value.
        value: u64,
    },
    /// The pixel equation gives more than is allowed.
    #[error("the image is larger than the {limit} bytes allowed for decoded pixels")]
    ImageTooLarge {
        /// What is allowed.
        limit: u64,
    },
    /// Pixel data does not hold what the pixel equation asks for.
    #[error("pixel data has {available} bytes, rows, columns, samples, bits and frames ask for {expected}")]
    PixelLengthMismatch {
        /// What the equation gives.
        expected: u64,
        /// What is there.
        available: u64,
    },
}

impl GateError {
    /// The code a program branches on.
    pub const fn code(&self) -> ReasonCode {
        match self {
            Self::NotDicom(_) => ReasonCode::NotDicom,
            Self::NoTransferSyntax => ReasonCode::MissingAttribute,
            Self::LengthBeyondInput { .. } | Self::Truncated { .. } => ReasonCode::LengthBeyondInput,
            Self::NestingTooDeep { .. } => ReasonCode::NestingTooDeep,
            Self::InstanceTooLarge { .. }
            | Self::TooMany { .. }
            | Self::InflatedTooLarge { .. }
            | Self::ImageTooLarge { .. } => ReasonCode::LimitExceeded,
            Self::UnexpectedTag { .. } | Self::Inflate { .. } | Self::Fragments(_) => {
                ReasonCode::DecodeFailed
            }
            Self::BadPixelShape { .. } | Self::PixelLengthMismatch { .. } => ReasonCode::PixelLengthMismatch,
        }
    }
}
