//! The bytes on the pipes: a fixed header, then as many bytes as it says, each length bounded.
//!
//! Integers are little endian. A request is frame length (u32), rows, columns, samples, bits allocated, bits stored
//! (u16 each), signed (u8), length of the transfer syntax UID (u8), the UID, the frame. An answer is a kind (u8) and
//! a length (u32), then that many bytes: the pixels, or a sentence.

use std::io::{self, Read, Write};

use hilum_codec::{Decoded, FrameFormat};

/// Name of the child's program, which lies beside `hilum`.
pub(crate) const PROGRAM: &str = "hilum-decode";
/// Bytes of the fixed part of a request.
pub const REQUEST_HEADER: usize = 16;
/// Bytes of the fixed part of an answer.
pub const ANSWER_HEADER: usize = 5;
/// Longest frame that is sent: what the gate lets in as one instance.
pub const LONGEST_FRAME: usize = 512 << 20;
/// Longest sentence that a child may answer with.
pub const LONGEST_SENTENCE: usize = 1024;
/// Longest UID (PS3.5 section 9.1).
const LONGEST_UID: usize = 64;

/// What a frame is to be decoded as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Bytes of the frame that follows.
    pub frame_bytes: usize,
    /// Transfer syntax UID.
    pub transfer_syntax: String,
    /// What the DICOM header declares.
    pub format: FrameFormat,
}

/// The kinds of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Kind {
    Decoded = 1,
    DecodedWithSignMismatch = 2,
    Refused = 3,
}

/// The fixed part of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerHeader {
    /// Pixels follow.
    Decoded {
        /// How many bytes.
        bytes: usize,
        /// See [`Decoded::sign_mismatch`].
        sign_mismatch: bool,
    },
    /// A sentence follows.
    Refused {
        /// How many bytes.
        bytes: usize,
    },
}

impl Request {
    /// The fixed part and the UID as bytes; `None` where a length is beyond its bound.
    pub fn to_bytes(&self) -> Option<Vec<u8>> {
        if self.frame_bytes > LONGEST_FRAME || self.transfer_syntax.len() > LONGEST_UID {
            return None;
        }
        let format = &self.format;
        let mut bytes = (self.frame_bytes as u32).to_le_bytes().to_vec();
        for field in [
            format.rows,
            format.columns,
            format.samples,
            format.bits_allocated,
            format.bits_stored,
        ] {
            bytes.extend(field.to_le_bytes());
        }
        bytes.push(format.signed.into());
        bytes.push(self.transfer_syntax.len() as u8);
        bytes.extend(self.transfer_syntax.as_bytes());
        Some(bytes)
    }

    /// Reads a request up to its frame; `None` at the end of input.
    pub fn read(input: &mut impl Read) -> io::Result<Option<Self>> {
        let mut header = [0; REQUEST_HEADER];
        if input.read(&mut header[..1])? == 0 {
            return Ok(None);
        }
        input.read_exact(&mut header[1..])?;
        let frame_bytes = u32::from_le_bytes([header[0], header[1], header[2], header[3]]) as usize;
        let field = |index: usize| u16::from_le_bytes([header[4 + 2 * index], header[5 + 2 * index]]);
        let uid_bytes = usize::from(header[15]);
        if frame_bytes > LONGEST_FRAME || uid_bytes > LONGEST_UID {
            return Err(io::Error::other("a length beyond its bound"));
        }
        let mut uid = vec![0; uid_bytes];
        input.read_exact(&mut uid)?;
        Ok(Some(Self {
            frame_bytes,
            transfer_syntax: String::from_utf8(uid).map_err(io::Error::other)?,
            format: FrameFormat {
                rows: field(0),
                columns: field(1),
                samples: field(2),
                bits_allocated: field(3),
                bits_stored: field(4),
                signed: header[14] != 0,
            },
        }))
    }
}

impl AnswerHeader {
    /// From its bytes; `None` where a child says what no child says. Pixels must be as many as `format` declares.
    pub fn from_bytes(bytes: [u8; ANSWER_HEADER], format: &FrameFormat) -> Option<Self> {
        let [kind, length @ ..] = bytes;
        let bytes = u32::from_le_bytes(length) as usize;
        let decoded = |sign_mismatch| {
            (bytes == format.decoded_bytes()).then_some(Self::Decoded { bytes, sign_mismatch })
        };
        match kind {
            kind if kind == Kind::Decoded as u8 => decoded(false),
            kind if kind == Kind::DecodedWithSignMismatch as u8 => decoded(true),
            kind if kind == Kind::Refused as u8 => {
                (bytes <= LONGEST_SENTENCE).then_some(Self::Refused { bytes })
            }
            _ => None,
        }
    }
}

/// Writes what came of a frame.
pub fn write_answer(output: &mut impl Write, answer: &Result<Decoded, String>) -> io::Result<()> {
    let (kind, bytes) = match answer {
        Ok(decoded) if decoded.sign_mismatch => (Kind::DecodedWithSignMismatch, decoded.pixels.as_slice()),
        Ok(decoded) => (Kind::Decoded, decoded.pixels.as_slice()),
        Err(sentence) => {
            let end = sentence.floor_char_boundary(LONGEST_SENTENCE);
            (Kind::Refused, &sentence.as_bytes()[..end])
        }
    };
    let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
    output.write_all(&[kind as u8])?;
    output.write_all(&length.to_le_bytes())?;
    output.write_all(bytes)?;
    output.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMAT: FrameFormat = FrameFormat {
        rows: 2,
        columns: 3,
        samples: 1,
        bits_allocated: 16,
        bits_stored: 12,
        signed: true,
    };

    fn request(frame_bytes: usize, uid: &str) -> Request {
        Request {
            frame_bytes,
            transfer_syntax: uid.to_owned(),
            format: FORMAT,
        }
    }

    #[test]
    fn a_request_is_read_as_it_was_written() {
        let request = request(7, "1.2.3");
        let bytes = request.to_bytes().unwrap();
        assert_eq!(Request::read(&mut bytes.as_slice()).unwrap(), Some(request));
        assert_eq!(Request::read(&mut [].as_slice()).unwrap(), None);
        for cut in 1..bytes.len() {
            assert!(Request::read(&mut &bytes[..cut]).is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn every_length_is_bounded() {
        assert_eq!(request(LONGEST_FRAME + 1, "1").to_bytes(), None);
        assert_eq!(request(1, &"1".repeat(65)).to_bytes(), None);
        let mut long = request(1, "1").to_bytes().unwrap();
        long[..4].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(Request::read(&mut long.as_slice()).is_err());
        let mut long = request(1, "1").to_bytes().unwrap();
        long[15] = 65;
        assert!(Request::read(&mut long.as_slice()).is_err());
    }

    #[test]
    fn answers_are_what_a_child_may_say_or_nothing() {
        let rows = [
            (
                [1, 12, 0, 0, 0],
                Some(AnswerHeader::Decoded {
                    bytes: 12,
                    sign_mismatch: false,
                }),
            ),
            (
                [2, 12, 0, 0, 0],
                Some(AnswerHeader::Decoded {
                    bytes: 12,
                    sign_mismatch: true,
                }),
            ),
            ([1, 13, 0, 0, 0], None),
            ([3, 9, 0, 0, 0], Some(AnswerHeader::Refused { bytes: 9 })),
            ([3, 1, 4, 0, 0], None),
            ([0, 0, 0, 0, 0], None),
            ([9, 12, 0, 0, 0], None),
        ];
        for (bytes, expected) in rows {
            assert_eq!(AnswerHeader::from_bytes(bytes, &FORMAT), expected, "{bytes:?}");
        }
    }

    #[test]
    fn a_long_sentence_is_cut_at_a_character() {
        let mut bytes = Vec::new();
        write_answer(&mut bytes, &Err("ü".repeat(600))).unwrap();
        let header = AnswerHeader::from_bytes(*bytes.first_chunk().unwrap(), &FORMAT);
        assert_eq!(
            header,
            Some(AnswerHeader::Refused {
                bytes: LONGEST_SENTENCE
            })
        );
        assert!(std::str::from_utf8(&bytes[ANSWER_HEADER..]).is_ok());
    }
}
