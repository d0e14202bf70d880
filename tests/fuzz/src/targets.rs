//! The functions that foreign bytes reach, each through public entry points only.
//!
//! A target takes any bytes and must return; panics, aborts, more than [`crate::memory::MOST_EXTRA`] bytes and more
//! than five seconds are findings.

use std::path::Path;
use std::sync::Arc;

use hilum_codec::FrameDecoder;
use hilum_domain::NoProgress;
use hilum_gate::multipart::{Event, SplitError, Splitter};
use hilum_gate::{Limits, MediaType, prescan};
use hilum_volume::{LoadOptions, VolumeError, instances, load, load_instances, read_header};

use crate::decoding;
use crate::part10::{Element, Encoding, File};

/// A parser under a name; the name is that of its folder in `corpus`.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name.
    pub name: &'static str,
    /// What it does with bytes.
    pub run: fn(&[u8]),
}

/// Every parser of foreign bytes.
pub const TARGETS: [Target; 7] = [
    Target {
        name: "import",
        run: |bytes| {
            import(series_of(bytes), None).ok();
        },
    },
    Target {
        name: "codestream",
        run: decoding::codestream,
    },
    Target {
        name: "rle",
        run: rle,
    },
    Target {
        name: "archive",
        run: archive,
    },
    Target {
        name: "multipart",
        run: multipart,
    },
    Target {
        name: "findings",
        run: findings,
    },
    Target {
        name: "audio",
        run: decoding::recording,
    },
];

/// The target of this name.
pub fn find(name: &str) -> Option<Target> {
    TARGETS.into_iter().find(|target| target.name == name)
}

/// Imports files as the program does: gate and header of each, then one volume of all. Gives the number of slices.
/// Without a decoder compressed pixels are refused.
pub fn import(files: Vec<Vec<u8>>, decoder: Option<Arc<dyn FrameDecoder>>) -> Result<usize, VolumeError> {
    let limits = Limits::default();
    for bytes in &files {
        if let Ok(scan) = prescan(bytes, &limits) {
            let all = scan.dataset(bytes).len();
            let inside = scan.elements.iter().all(|element| element.value.end <= all);
            assert!(inside, "an element reaches beyond the data set");
        }
        read_header("file", bytes, &limits).ok();
    }
    let named = files.into_iter().enumerate();
    let named = named.map(|(k, bytes)| (format!("file {k}"), bytes));
    let options = LoadOptions {
        decoder,
        ..LoadOptions::default()
    };
    let loaded = load_instances(named, &options, &NoProgress)?;
    Ok(loaded.slices.len())
}

/// The file three times, each at another position where it has one: a slice alone never gets as far as its pixels.
fn series_of(bytes: &[u8]) -> Vec<Vec<u8>> {
    let position = prescan(bytes, &Limits::default()).ok().and_then(|scan| {
        let value = scan.value(bytes, 0x0020, 0x0032)?;
        // Inside an inflated data set the place is none of the file's.
        let at = (value.as_ptr() as usize).checked_sub(bytes.as_ptr() as usize)?;
        (at + value.len() <= bytes.len()).then(|| at..at + value.len())
    });
    (0..3)
        .map(|k| {
            let mut copy = bytes.to_vec();
            if let Some(place) = position.as_ref().and_then(|range| copy.get_mut(range.clone())) {
                let text = format!("0\\0\\{k}");
                if place.len() >= text.len() {
                    place.fill(b' ');
                    place[..text.len()].copy_from_slice(text.as_bytes());
                }
            }
            copy
        })
        .collect()
}

/// Rows, columns and bytes per pixel from the first three bytes; the rest is the fragment of each slice.
fn rle(bytes: &[u8]) {
    let Some(([rows, columns, width], fragment)) = bytes.split_first_chunk() else {
        return;
    };
    let bits: u16 = [8, 16, 32][usize::from(width % 3)];
    let number = |group, element, number: u16| Element::new((group, element), *b"US", number.to_le_bytes());
    let slice = |k: u8| {
        let mut file = File {
            meta: vec![],
            encoding: Encoding::Explicit,
            deflated: false,
            dataset: vec![
                Element::text((0x0008, 0x0016), *b"UI", "1.2.840.10008.5.1.4.1.1.2"),
                Element::text((0x0008, 0x0018), *b"UI", &format!("1.2.3.{k}")),
                Element::text((0x0008, 0x0060), *b"CS", "CT"),
                Element::text((0x0020, 0x000D), *b"UI", "1.2.3"),
                Element::text((0x0020, 0x000E), *b"UI", "1.2.3"),
                Element::text((0x0020, 0x0032), *b"DS", &format!("0\\0\\{k}")),
                Element::text((0x0020, 0x0037), *b"DS", "1\\0\\0\\0\\1\\0"),
                number(0x0028, 0x0010, u16::from(rows % 32) + 1),
                number(0x0028, 0x0011, u16::from(columns % 32) + 1),
                Element::text((0x0028, 0x0030), *b"DS", "1\\1"),
                number(0x0028, 0x0100, bits),
                number(0x0028, 0x0101, bits),
                number(0x0028, 0x0102, bits - 1),
                number(0x0028, 0x0103, 0),
                Element::text((0x0028, 0x1052), *b"DS", "0"),
                Element::text((0x0028, 0x1053), *b"DS", "1"),
                Element::fragments(vec![vec![], fragment.to_vec()]),
            ],
        };
        file.claim_transfer_syntax("1.2.840.10008.1.2.5");
        file.to_bytes()
    };
    import((0..3).map(slice).collect(), None).ok();
}

/// The bytes as a file that is named as an input: tar, gzip, xz or zip, or none of them. Limits are small, so that
/// they are met.
fn archive(bytes: &[u8]) {
    let limits = Limits {
        instance_bytes: 4 << 20,
        archive_bytes: 16 << 20,
        archive_entries: 1000,
        ..Limits::default()
    };
    // In memory where the system has such a folder: fuzzing writes a thousand files a second.
    let shared_memory = Path::new("/dev/shm");
    let file = if shared_memory.is_dir() {
        tempfile::NamedTempFile::new_in(shared_memory)
    } else {
        tempfile::NamedTempFile::new()
    };
    let file = file.expect("a temporary file");
    std::fs::write(file.path(), bytes).expect("a temporary file can be written");
    let inputs = [file.path().to_owned()];
    if let Ok(found) = instances(&inputs, &limits) {
        found.for_each(|instance| drop(instance.ok()));
    }
    let options = LoadOptions {
        limits,
        ..LoadOptions::default()
    };
    load(&inputs, &options, &NoProgress).ok();
}

/// First line: Content-Type, whose boundary counts; then the size of pieces as one byte; then the body. Parts are the
/// same whether the body arrives whole or in pieces.
fn multipart(bytes: &[u8]) {
    let line_end = bytes
        .iter()
        .position(|byte| *byte == b'\n')
        .unwrap_or(bytes.len());
    let (line, rest) = bytes.split_at(line_end);
    let media_type = std::str::from_utf8(line).ok().and_then(MediaType::parse);
    let boundary = media_type
        .as_ref()
        .and_then(|media_type| media_type.parameter("boundary"));
    let Some(([_, size], body)) = rest.split_first_chunk() else {
        return;
    };
    let boundary = boundary.unwrap_or("b");
    let whole = split(boundary, &[body]);
    let pieces: Vec<&[u8]> = body.chunks(usize::from(*size).max(1)).collect();
    let in_pieces = split(boundary, &pieces);
    // What is too long is found out later when it comes whole; everything else is the same.
    if let (Ok(whole), Ok(in_pieces)) = (whole, in_pieces) {
        assert_eq!(whole, in_pieces, "parts depend on how the body was cut");
    }
}

/// The bytes as the text of a note; every place that is reported cuts out the words that are reported with it.
fn findings(bytes: &[u8]) {
    let Ok(decoded) = hilum_findings::decode(bytes) else {
        return;
    };
    let length = decoded.text.chars().count() as u32;
    let found = hilum_findings::read(&decoded.text, None);
    for entity in found.entities.iter().take(1000) {
        let words = decoded.text.chars().skip(entity.start as usize);
        let words: String = words.take((entity.end - entity.start) as usize).collect();
        assert_eq!(words, entity.text, "the place is another one's");
    }
    for nodule in &found.nodules {
        assert!(
            nodule.start <= nodule.end && nodule.end <= length,
            "the place is outside the text"
        );
    }
}

type Parts = Vec<(Option<String>, Vec<u8>)>;

fn split(boundary: &str, pieces: &[&[u8]]) -> Result<Parts, SplitError> {
    let mut splitter = Splitter::new(boundary)?;
    let mut parts = Parts::new();
    for piece in pieces {
        splitter.feed(piece);
        loop {
            match splitter.next_event()? {
                Event::NeedMore | Event::End => break,
                Event::Part(content_type) => parts.push((content_type, Vec::new())),
                Event::Data(data) => {
                    let (_, content) = parts.last_mut().expect("data come after the beginning of a part");
                    content.extend_from_slice(&data);
                }
                Event::PartEnd => {}
            }
        }
    }
    splitter.finish()?;
    Ok(parts)
}
