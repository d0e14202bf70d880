//! The bytes on the pipes of a child that decodes a recording.
//!
//! Integers are little endian. A request is the length of the recording (u64), its limit in seconds (u32), the recording.
//! An answer is messages of a kind (u8), a length (u32) and so many bytes: samples (f32) as often as needed, then a
//! summary or a refusal as JSON.

use std::io::{self, Read, Write};

use hilum_audio::{AudioError, AudioLimits, SAMPLE_RATE_HZ};
use serde::Serialize;

/// Bytes in front of each message.
pub const MESSAGE_HEADER: usize = 5;
/// Longest message: what the decoder hands on at once, and a packet more.
const LONGEST_MESSAGE: usize = 4 << 20;
/// Longest recording whatever the limits say.
const LONGEST_RECORDING: usize = 1 << 30;

/// What a recording is, before its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// Bytes that follow.
    pub bytes: usize,
    /// Longest sound.
    pub seconds: u32,
}

/// The kinds of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Message {
    /// Samples.
    Samples = 1,
    /// The end: what the recording was.
    Summary = 2,
    /// The end: why it is none.
    Refused = 3,
}

impl Request {
    /// A request within the limits.
    pub fn new(bytes: usize, limits: &AudioLimits) -> Result<Self, AudioError> {
        let limit = limits.input_bytes.min(LONGEST_RECORDING);
        if bytes > limit {
            return Err(AudioError::TooLarge { bytes, limit });
        }
        Ok(Self {
            bytes,
            seconds: limits.seconds,
        })
    }

    /// Samples that may come of it: the limit, and the block that reaches beyond it.
    pub fn most_samples(&self) -> usize {
        self.seconds as usize * SAMPLE_RATE_HZ as usize + LONGEST_MESSAGE
    }

    /// As bytes.
    pub fn to_bytes(self) -> [u8; 12] {
        let mut bytes = [0; 12];
        bytes[..8].copy_from_slice(&(self.bytes as u64).to_le_bytes());
        bytes[8..].copy_from_slice(&self.seconds.to_le_bytes());
        bytes
    }

    /// Reads a request up to its recording.
    pub fn read(input: &mut impl Read) -> io::Result<Self> {
        let mut bytes = [0; 8];
        input.read_exact(&mut bytes)?;
        let mut seconds = [0; 4];
        input.read_exact(&mut seconds)?;
        let bytes = usize::try_from(u64::from_le_bytes(bytes)).unwrap_or(usize::MAX);
        if bytes > LONGEST_RECORDING {
            return Err(io::Error::other("a length beyond its bound"));
        }
        Ok(Self {
            bytes,
            seconds: u32::from_le_bytes(seconds),
        })
    }
}

impl Message {
    /// Kind and length; `None` where a child says what no child says.
    pub fn from_header(header: [u8; MESSAGE_HEADER]) -> Option<(Self, usize)> {
        let [kind, length @ ..] = header;
        let kind = [Self::Samples, Self::Summary, Self::Refused]
            .into_iter()
            .find(|message| *message as u8 == kind)?;
        let length = u32::from_le_bytes(length) as usize;
        (length <= LONGEST_MESSAGE).then_some((kind, length))
    }

    fn write(self, output: &mut impl Write, body: &[u8]) -> io::Result<()> {
        let length = u32::try_from(body.len()).map_err(io::Error::other)?;
        output.write_all(&[self as u8])?;
        output.write_all(&length.to_le_bytes())?;
        output.write_all(body)
    }
}

/// Writes samples.
pub fn write_samples(output: &mut impl Write, samples: &[f32]) -> io::Result<()> {
    for block in samples.chunks(LONGEST_MESSAGE / 4) {
        let bytes: Vec<u8> = block.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        Message::Samples.write(output, &bytes)?;
    }
    Ok(())
}

/// Writes the end of an answer.
pub fn write_end(output: &mut impl Write, kind: Message, body: &impl Serialize) -> io::Result<()> {
    kind.write(output, &serde_json::to_vec(body)?)?;
    output.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_is_bounded() {
        let limits = AudioLimits::default();
        let request = Request::new(7, &limits).unwrap();
        assert_eq!(
            Request::read(&mut request.to_bytes().as_slice()).unwrap(),
            request
        );
        assert!(Request::new(limits.input_bytes + 1, &limits).is_err());
        let mut long = request.to_bytes();
        long[..8].copy_from_slice(&u64::MAX.to_le_bytes());
        assert!(Request::read(&mut long.as_slice()).is_err());
        assert!(Request::read(&mut [0; 11].as_slice()).is_err());
        assert_eq!(Message::from_header([2, 9, 0, 0, 0]), Some((Message::Summary, 9)));
        assert_eq!(Message::from_header([1, 0, 0, 0, 1]), None);
        assert_eq!(Message::from_header([0, 0, 0, 0, 0]), None);
    }
}
