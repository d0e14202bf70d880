//! The layout of a ggml Whisper file (whisper.cpp, `whisper_model_load`), walked before whisper.cpp sees it: it allocates
//! what the file declares, and ends the process where its assumptions do not hold.

/// Numbers at the beginning, after the magic.
const MAGIC: u32 = 0x6767_6D6C;
/// Vocabulary sizes that whisper.cpp knows the special tokens of: English only, multilingual, large-v3.
const VOCABULARIES: std::ops::RangeInclusive<u32> = 51_864..=51_866;
/// Bins of the spectrum that mel filters are over (a transform of 400 samples).
const SPECTRUM: u32 = 201;
/// Longest token in bytes; those of the published vocabularies have at most 93.
const LONGEST_TOKEN: usize = 512;
/// Longest name of a tensor.
const LONGEST_NAME: usize = 128;
/// Type number, weights of a block, bytes of a block (ggml.h, `ggml_type`).
const TYPES: &[(u32, u64, u64)] = &[
    (0, 1, 4),
    (1, 1, 2),
    (2, 32, 18),
    (3, 32, 20),
    (6, 32, 22),
    (7, 32, 24),
    (8, 32, 34),
    (10, 256, 84),
    (11, 256, 110),
    (12, 256, 144),
    (13, 256, 176),
    (14, 256, 210),
];

/// What the header of a file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Entries of the vocabulary, the padding included.
    pub vocabulary: u32,
    /// Positions of the encoder.
    pub audio_positions: u32,
    /// Width of the network.
    pub width: u32,
    /// Layers of the encoder.
    pub audio_layers: u32,
    /// Positions of the decoder.
    pub text_positions: u32,
    /// Layers of the decoder.
    pub text_layers: u32,
    /// Mel bands.
    pub mels: u32,
}

/// Whether a file is laid out as its header says, to the last byte. What is wrong otherwise.
pub fn check(file: &[u8]) -> Result<Header, String> {
    let mut rest = Bytes { file, at: 0 };
    if rest.number("magic")? != MAGIC {
        return Err("it does not begin with the ggml magic".to_owned());
    }
    let header = header(&mut rest)?;
    filters(&mut rest, header.mels)?;
    vocabulary(&mut rest, header.vocabulary)?;
    let mut tensors = 0;
    while rest.at < file.len() {
        tensor(&mut rest)?;
        tensors += 1;
    }
    // 7 tensors of the encoder and 4 of the decoder beside their layers.
    let expected = 11 + 15 * header.audio_layers + 24 * header.text_layers;
    if tensors != expected {
        return Err(format!("{tensors} tensors, not {expected}"));
    }
    Ok(header)
}

fn header(rest: &mut Bytes) -> Result<Header, String> {
    let vocabulary = rest.within("vocabulary size", VOCABULARIES)?;
    let audio_positions = rest.within("audio positions", 64..=1500)?;
    let width = rest.within("audio width", 16..=2048)?;
    let audio_heads = rest.within("audio heads", 1..=64)?;
    let audio_layers = rest.within("audio layers", 1..=64)?;
    let text_positions = rest.within("text positions", 16..=1024)?;
    let text_width = rest.within("text width", 16..=2048)?;
    let text_heads = rest.within("text heads", 1..=64)?;
    let text_layers = rest.within("text layers", 1..=64)?;
    let mels = rest.within("mel bands", 80..=128)?;
    // 0 is 32-bit floats: whisper.cpp loads them, and ends the process at the first convolution, which is for 16 bits only.
    rest.within("weight type", 1..=99_999)?;
    if text_width != width {
        return Err(format!("audio width {width} and text width {text_width} differ"));
    }
    for heads in [audio_heads, text_heads] {
        if !width.is_multiple_of(heads) {
            return Err(format!("{heads} heads do not divide a width of {width}"));
        }
    }
    Ok(Header {
        vocabulary,
        audio_positions,
        width,
        audio_layers,
        text_positions,
        text_layers,
        mels,
    })
}

fn filters(rest: &mut Bytes, mels: u32) -> Result<(), String> {
    rest.within("mel bands of the filters", mels..=mels)?;
    rest.within("spectrum of the filters", SPECTRUM..=SPECTRUM)?;
    rest.skip("mel filters", u64::from(mels * SPECTRUM) * 4)
}

fn vocabulary(rest: &mut Bytes, most: u32) -> Result<(), String> {
    let entries = rest.within("vocabulary entries", 1..=most)?;
    for entry in 0..entries {
        let length = rest.number("length of a token")?;
        if length as usize > LONGEST_TOKEN {
            return Err(format!("token {entry} has {length} bytes"));
        }
        rest.skip("a token", length.into())?;
    }
    Ok(())
}

fn tensor(rest: &mut Bytes) -> Result<(), String> {
    let dimensions = rest.within("dimensions of a tensor", 1..=4)?;
    let name = rest.within("length of a tensor's name", 1..=LONGEST_NAME as u32)?;
    let kind = rest.number("type of a tensor")?;
    let mut weights: u64 = 1;
    for _ in 0..dimensions {
        let side = rest.within("side of a tensor", 1..=1 << 20)?;
        weights = weights.saturating_mul(side.into());
    }
    rest.skip("a tensor's name", name.into())?;
    let Some((_, block, bytes)) = TYPES.iter().find(|(number, ..)| *number == kind) else {
        return Err(format!("a tensor of the unknown type {kind}"));
    };
    rest.skip("a tensor", weights.div_ceil(*block).saturating_mul(*bytes))
}

struct Bytes<'a> {
    file: &'a [u8],
    at: usize,
}

impl Bytes<'_> {
    fn number(&mut self, what: &str) -> Result<u32, String> {
        let bytes = self.file.get(self.at..).and_then(<[u8]>::first_chunk);
        let bytes = bytes.ok_or_else(|| format!("it ends at byte {} within {what}", self.file.len()))?;
        self.at += 4;
        Ok(u32::from_le_bytes(*bytes))
    }

    fn within(&mut self, what: &str, range: std::ops::RangeInclusive<u32>) -> Result<u32, String> {
        let number = self.number(what)?;
        if range.contains(&number) {
            Ok(number)
        } else {
            Err(format!(
                "{what} is {number}, not within {} to {}",
                range.start(),
                range.end()
            ))
        }
    }

    fn skip(&mut self, what: &str, bytes: u64) -> Result<(), String> {
        let left = (self.file.len() - self.at) as u64;
        if bytes > left {
            return Err(format!("it ends at byte {} within {what}", self.file.len()));
        }
        self.at += bytes as usize;
        Ok(())
    }
}
