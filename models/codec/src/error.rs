//! Why a frame was not decoded.

/// Why a frame was not decoded. Never holds a byte of the frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// A transfer syntax that the standard retired.
    #[error("{name} was retired by the standard and is not read")]
    Retired {
        /// Its name in the standard.
        name: &'static str,
    },
    /// No codec for the transfer syntax.
    #[error("there is no codec for this transfer syntax")]
    NotDecoded,
    /// The DICOM header declares a frame that no codec here makes.
    #[error("{attribute} is {value}, which is not decoded")]
    Format {
        /// Keyword of the attribute.
        attribute: &'static str,
        /// Its value.
        value: u16,
    },
    /// The frame does not begin as its transfer syntax says.
    #[error("the {codec} header is damaged: {why}")]
    Header {
        /// Which codec.
        codec: &'static str,
        /// What is wrong.
        why: &'static str,
    },
    /// The codestream is of another process than its transfer syntax says.
    #[error("the codestream is {found}, the transfer syntax says {expected}")]
    OtherProcess {
        /// What it is.
        found: &'static str,
        /// What belongs there.
        expected: &'static str,
    },
    /// The codestream declares another image than the DICOM header.
    #[error("the codestream has {what} {codestream}, the DICOM header {declared}")]
    Disagrees {
        /// Which property.
        what: &'static str,
        /// What the codestream says.
        codestream: u64,
        /// What the DICOM header says.
        declared: u64,
    },
    /// The codec found damage.
    #[error("{codec}: {why}")]
    Damaged {
        /// Which codec.
        codec: &'static str,
        /// What it said.
        why: String,
    },
}

impl CodecError {
    /// What a codec found in a codestream whose header agreed.
    pub(crate) fn damaged(codec: &'static str, why: impl ToString) -> Self {
        Self::Damaged {
            codec,
            why: why.to_string(),
        }
    }
}
