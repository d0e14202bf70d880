//! Pixel data: its length, its fragments, its RLE headers.

use rand::Rng as _;
use rand::seq::IndexedRandom as _;
use rand_chacha::ChaCha8Rng;

use super::lengths::EDGES;
use crate::part10::{Element, File, PIXEL_DATA, Value};

/// Pixel data shorter, longer, of other bytes, or the other way of holding it.
pub(super) fn pixel_bytes(file: &mut File, rng: &mut ChaCha8Rng) {
    let Some(element) = file.find(PIXEL_DATA) else {
        return;
    };
    match &mut element.value {
        Value::Bytes(stored) => match rng.random_range(0..4) {
            0 => stored.truncate(rng.random_range(0..=stored.len())),
            1 => stored.resize(stored.len() + rng.random_range(1..9), 0),
            2 => rng.fill(stored.as_mut_slice()),
            _ => {
                let stored = std::mem::take(stored);
                *element = Element::fragments(vec![vec![], stored]);
            }
        },
        Value::Fragments(fragments) => {
            if let Some(last) = fragments.last_mut() {
                match rng.random_range(0..3) {
                    0 => last.truncate(rng.random_range(0..=last.len())),
                    1 => {
                        let stored = std::mem::take(last);
                        *element = Element::new(PIXEL_DATA, *b"OW", stored);
                    }
                    _ => damage(last, rng),
                }
            }
        }
        Value::Items(_) => {}
    }
}

/// Fragments lost, doubled, split, emptied, or an offset table of edges.
pub(super) fn rearrange(file: &mut File, rng: &mut ChaCha8Rng) {
    let Some(Value::Fragments(fragments)) = file.find(PIXEL_DATA).map(|element| &mut element.value) else {
        return;
    };
    if fragments.is_empty() {
        return;
    }
    let at = rng.random_range(0..fragments.len());
    match rng.random_range(0..5) {
        0 => drop(fragments.remove(at)),
        1 => fragments.insert(at, fragments[at].clone()),
        2 => {
            let middle = rng.random_range(0..=fragments[at].len());
            let tail = fragments[at].split_off(middle);
            fragments.insert(at + 1, tail);
        }
        3 => fragments.extend((0..rng.random_range(1..3000)).map(|_| vec![])),
        _ => {
            let offsets = (0..rng.random_range(1..9)).filter_map(|_| EDGES.choose(rng));
            fragments[0] = offsets.flat_map(|offset| offset.to_le_bytes()).collect();
        }
    }
}

/// An RLE header whose segments lie elsewhere, or too many of them.
pub(super) fn rle_header(file: &mut File, rng: &mut ChaCha8Rng) {
    let Some(Value::Fragments(fragments)) = file.find(PIXEL_DATA).map(|element| &mut element.value) else {
        return;
    };
    let Some(fragment) = fragments.last_mut() else {
        return;
    };
    for _ in 0..rng.random_range(1..4) {
        let field = 4 * rng.random_range(0..16);
        let near = rng.random_range(0..200);
        let edge = EDGES.choose(rng).copied().unwrap_or(0);
        let offset = if rng.random_bool(0.5) { near } else { edge };
        if let Some(place) = fragment.get_mut(field..field + 4) {
            place.copy_from_slice(&offset.to_le_bytes());
        }
    }
}

/// A marker segment of a codestream with other values, lost, doubled, or a comment before it all that holds an end of
/// image.
pub(super) fn codestream_marker(file: &mut File, rng: &mut ChaCha8Rng) {
    let Some(Value::Fragments(fragments)) = file.find(PIXEL_DATA).map(|element| &mut element.value) else {
        return;
    };
    let Some(frame) = fragments.last_mut() else {
        return;
    };
    let markers: Vec<usize> = (1..frame.len().saturating_sub(1))
        .filter(|at| frame[*at] == 0xFF && frame[at + 1] != 0)
        .collect();
    let Some(at) = markers.choose(rng).copied() else {
        return;
    };
    let end = frame.len().min(at + rng.random_range(2..60));
    match rng.random_range(0..6) {
        0 => drop(frame.drain(at..end)),
        1 => {
            let copy = frame[at..end].to_vec();
            frame.splice(at..at, copy);
        }
        2 => drop(frame.splice(2..2, *b"\xFF\xFE\0\x04\xFF\xD9")),
        3 => {
            let edge = EDGES.choose(rng).copied().unwrap_or(0).to_be_bytes();
            let width = [1, 2, 4][rng.random_range(0..3)];
            let field = at + rng.random_range(2..40);
            if let Some(place) = frame.get_mut(field..field + width) {
                place.copy_from_slice(&edge[4 - width..]);
            }
        }
        4 => frame[at + 1] = rng.random(),
        _ => {
            let field = at + rng.random_range(2..40);
            if let Some(place) = frame.get_mut(field) {
                *place = rng.random();
            }
        }
    }
}

fn damage(bytes: &mut [u8], rng: &mut ChaCha8Rng) {
    for _ in 0..rng.random_range(1..20) {
        if !bytes.is_empty() {
            let at = rng.random_range(0..bytes.len());
            bytes[at] = rng.random();
        }
    }
}
