//! Transfer syntaxes of encapsulated pixel data (PS3.5 section 10, PS3.6 table A-1).

use crate::CodecError;

/// How the codestreams of a transfer syntax are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// JPEG with the sequential DCT, Huffman coded (processes 1, 2 and 4).
    JpegSequential,
    /// JPEG lossless, Huffman coded (process 14).
    JpegLossless,
    /// JPEG-LS, lossless or near-lossless.
    JpegLs,
    /// JPEG 2000 part 1, reversible or irreversible.
    Jpeg2000,
    /// High-throughput JPEG 2000 (part 15).
    HighThroughputJpeg2000,
}

/// A transfer syntax that this crate decodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Syntax {
    /// UID.
    pub uid: &'static str,
    /// Name in the standard.
    pub name: &'static str,
    /// How its codestreams are made.
    pub coding: Coding,
}

/// What is decoded.
const DECODED: [Syntax; 11] = [
    syntax(
        "1.2.840.10008.1.2.4.50",
        "JPEG Baseline (Process 1)",
        Coding::JpegSequential,
    ),
    syntax(
        "1.2.840.10008.1.2.4.51",
        "JPEG Extended (Process 2 & 4)",
        Coding::JpegSequential,
    ),
    syntax(
        "1.2.840.10008.1.2.4.57",
        "JPEG Lossless, Non-Hierarchical (Process 14)",
        Coding::JpegLossless,
    ),
    syntax(
        "1.2.840.10008.1.2.4.70",
        "JPEG Lossless, Non-Hierarchical, First-Order Prediction (Process 14 [Selection Value 1])",
        Coding::JpegLossless,
    ),
    syntax(
        "1.2.840.10008.1.2.4.80",
        "JPEG-LS Lossless Image Compression",
        Coding::JpegLs,
    ),
    syntax(
        "1.2.840.10008.1.2.4.81",
        "JPEG-LS Lossy (Near-Lossless) Image Compression",
        Coding::JpegLs,
    ),
    syntax(
        "1.2.840.10008.1.2.4.90",
        "JPEG 2000 Image Compression (Lossless Only)",
        Coding::Jpeg2000,
    ),
    syntax(
        "1.2.840.10008.1.2.4.91",
        "JPEG 2000 Image Compression",
        Coding::Jpeg2000,
    ),
    syntax(
        "1.2.840.10008.1.2.4.201",
        "High-Throughput JPEG 2000 Image Compression (Lossless Only)",
        Coding::HighThroughputJpeg2000,
    ),
    syntax(
        "1.2.840.10008.1.2.4.202",
        "High-Throughput JPEG 2000 with RPCL Options Image Compression (Lossless Only)",
        Coding::HighThroughputJpeg2000,
    ),
    syntax(
        "1.2.840.10008.1.2.4.203",
        "High-Throughput JPEG 2000 Image Compression",
        Coding::HighThroughputJpeg2000,
    ),
];

/// What the standard retired (PS3.6 table A-1): processes that no CT device writes and few libraries read right.
const RETIRED: [(&str, &str); 17] = [
    (
        "1.2.840.10008.1.2.4.52",
        "JPEG Extended (Process 3 & 5) (Retired)",
    ),
    (
        "1.2.840.10008.1.2.4.53",
        "JPEG Spectral Selection, Non-Hierarchical (Process 6 & 8) (Retired)",
    ),
    (
        "1.2.840.10008.1.2.4.54",
        "JPEG Spectral Selection, Non-Hierarchical (Process 7 & 9) (Retired)",
    ),
    (
        "1.2.840.10008.1.2.4.55",
        "JPEG Full Progression, Non-Hierarchical (Process 10 & 12) (Retired)",
    ),
    (
        "1.2.840.10008.1.2.4.56",
        "JPEG Full Progression, Non-Hierarchical (Process 11 & 13) (Retired)",
    ),
    (
        "1.2.840.10008.1.2.4.58",
        "JPEG Lossless, Non-Hierarchical (Process 15) (Retired)",
    ),
    (
        "1.2.840.10008.1.2.4.59",
        "JPEG Extended, Hierarchical (Process 16 & 18) (Retired)",
    ),
    (
        "1.2.840.10008.1.2.4.60",
        "JPEG Extended, Hierarchical (Process 17 & 19) (Retired)",
    ),
    (
        "1.2.840.10008.1.2.4.61",
        "JPEG Spectral Selection, Hierarchical (Process 20 & 22) (Retired)",
    ),
    (
        "1.2.840.10008.1.2.4.62",
        "JPEG Spectral Selection, Hierarchical (Process 21 & 23) (Retired)",
    ),
    (
        "1.2.840.10008.1.2.4.63",
        "JPEG Full Progression, Hierarchical (Process 24 & 26) (Retired)",
    ),
    (
        "1.2.840.10008.1.2.4.64",
        "JPEG Full Progression, Hierarchical (Process 25 & 27) (Retired)",
    ),
    (
        "1.2.840.10008.1.2.4.65",
        "JPEG Lossless, Hierarchical (Process 28) (Retired)",
    ),
    (
        "1.2.840.10008.1.2.4.66",
        "JPEG Lossless, Hierarchical (Process 29) (Retired)",
    ),
    ("1.2.840.10008.1.2.6.1", "RFC 2557 MIME encapsulation (Retired)"),
    ("1.2.840.10008.1.2.6.2", "XML Encoding (Retired)"),
    (
        "1.2.840.10008.1.20",
        "Papyrus 3 Implicit VR Little Endian (Retired)",
    ),
];

const fn syntax(uid: &'static str, name: &'static str, coding: Coding) -> Syntax {
    Syntax { uid, name, coding }
}

impl Syntax {
    /// The syntax of a UID, or why its pixels are not decoded.
    pub fn of(uid: &str) -> Result<Self, CodecError> {
        if let Some(syntax) = DECODED.iter().find(|syntax| syntax.uid == uid) {
            return Ok(*syntax);
        }
        Err(match RETIRED.iter().find(|(retired, _)| *retired == uid) {
            Some((_, name)) => CodecError::Retired { name },
            None => CodecError::NotDecoded,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retired_and_unknown_syntaxes_are_refused_by_name() {
        for (uid, name) in RETIRED {
            assert_eq!(Syntax::of(uid), Err(CodecError::Retired { name }), "{uid}");
        }
        for uid in [
            "",
            "1.2.840.10008.1.2.1",
            "1.2.840.10008.1.2.5",
            "1.2.840.10008.1.2.4.110",
        ] {
            assert_eq!(Syntax::of(uid), Err(CodecError::NotDecoded), "{uid}");
        }
        assert_eq!(
            Syntax::of("1.2.840.10008.1.2.4.81").unwrap().coding,
            Coding::JpegLs
        );
    }
}
