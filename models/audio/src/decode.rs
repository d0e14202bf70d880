//! The loop over packets.

use std::io::Cursor;

use symphonia::{
    core::{
        errors::Error,
        formats::{FormatOptions, FormatReader},
        io::{MediaSourceStream, MediaSourceStreamOptions, ReadBytes as _},
        packet::Packet,
    },
    default::formats::{AdtsReader, FlacReader, IsoMp4Reader, MkvReader, MpaReader, OggReader, WavReader},
};

use crate::{AudioError, AudioLimits, Container, Summary, id3, track::Playing};

/// Samples that are handed on at once, about.
const BLOCK: usize = 1 << 15;

/// Decodes a recording and hands its samples on in blocks: mono, 16 kHz, within -1 and 1, finite. The block is cleared
/// after each call.
///
/// No block comes of a file that is refused by its first bytes; blocks that came before an error are to be thrown away.
pub fn decode(
    mut bytes: Vec<u8>,
    limits: &AudioLimits,
    mut take: impl FnMut(&[f32]) -> Result<(), AudioError>,
) -> Result<Summary, AudioError> {
    if bytes.len() > limits.input_bytes {
        return Err(AudioError::TooLarge {
            bytes: bytes.len(),
            limit: limits.input_bytes,
        });
    }
    bytes.drain(..id3::length(&bytes));
    let container = Container::of(&bytes)?;
    // A packet takes at least a byte of the file; a reader that gives more of them goes in circles.
    let most_packets = bytes.len();
    let mut reader = open(container, bytes)?;
    let mut track = Playing::choose(reader.as_ref(), container, limits)?;
    let mut block = Vec::new();
    let mut packets = 0;
    while let Some(packet) = next(reader.as_mut(), &mut track)? {
        packets += 1;
        if packets > most_packets {
            return Err(AudioError::Damaged {
                why: "more packets than bytes".to_owned(),
            });
        }
        if packet.track_id == track.id() {
            track.play(&packet, &mut block)?;
        }
        if block.len() >= BLOCK {
            take(&block)?;
            block.clear();
        }
    }
    let summary = track.finish(&mut block)?;
    take(&block)?;
    Ok(summary)
}

/// The reader of the format. Tags and pictures in front of it are gone already, see [`id3`]; those within are limited by
/// the reader.
fn open(container: Container, bytes: Vec<u8>) -> Result<Box<dyn FormatReader>, AudioError> {
    let mut stream =
        MediaSourceStream::new(Box::new(Cursor::new(bytes)), MediaSourceStreamOptions::default());
    let options = FormatOptions::default();
    let reader: Result<Box<dyn FormatReader>, Error> = match container {
        Container::Wav => WavReader::try_new(stream, options).map(boxed),
        Container::Mp3 => MpaReader::try_new(stream, options).map(boxed),
        Container::Adts => AdtsReader::try_new(stream, options).map(boxed),
        Container::Flac => FlacReader::try_new(stream, options).map(boxed),
        Container::Mp4 => {
            // This one expects to stand behind the size of the first atom, and goes back.
            stream
                .ignore_bytes(4)
                .map_err(|error| AudioError::damaged(&error.into()))?;
            IsoMp4Reader::try_new(stream, options).map(boxed)
        }
        Container::Ogg => OggReader::try_new(stream, options).map(boxed),
        Container::Webm => MkvReader::try_new(stream, options).map(boxed),
    };
    reader.map_err(|error| AudioError::damaged(&error))
}

fn boxed(reader: impl FormatReader + 'static) -> Box<dyn FormatReader> {
    Box::new(reader)
}

/// The next packet of any track; `None` at the end, whatever that looks like.
fn next(reader: &mut dyn FormatReader, track: &mut Playing) -> Result<Option<Packet>, AudioError> {
    match reader.next_packet() {
        Ok(packet) => Ok(packet),
        // A chained Ogg file begins anew: what follows is another recording.
        Err(Error::ResetRequired) => Ok(None),
        // Live recordings and streamed headers end so.
        Err(_) if track.has_sound() => {
            track.cut_off();
            Ok(None)
        }
        Err(error) => Err(AudioError::damaged(&error)),
    }
}
