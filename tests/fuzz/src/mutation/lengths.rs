//! Lengths that lie.

use rand::Rng as _;
use rand::seq::IndexedRandom as _;
use rand_chacha::ChaCha8Rng;

use super::any_element;
use crate::part10::{File, Length, Value};

/// Numbers at the edges of types and of this program's own arithmetic.
pub(super) const EDGES: [u32; 20] = [
    0,
    1,
    2,
    3,
    7,
    8,
    0x7F,
    0x80,
    0xFF,
    0x100,
    0x7FFF,
    0x8000,
    0xFFFE,
    0xFFFF,
    0x1_0000,
    0x7FFF_FFFF,
    0x8000_0000,
    0xFFFF_FFF0,
    0xFFFF_FFFE,
    0xFFFF_FFFF,
];

/// Another number in a length field: an edge, or a little off the truth.
pub(super) fn claim(file: &mut File, rng: &mut ChaCha8Rng) {
    let edge = *EDGES.choose(rng).unwrap_or(&0);
    let off = rng.random_range(-9..=9i32);
    let near = rng.random_bool(0.5);
    let Some(element) = any_element(file, rng) else {
        return;
    };
    match &mut element.value {
        Value::Bytes(bytes) => {
            let near_truth = (bytes.len() as u32).wrapping_add_signed(off);
            element.length = Length::Claimed(if near { near_truth } else { edge });
        }
        Value::Items(items) => match items.first_mut() {
            Some(item) if near => item.length = Length::Claimed(edge),
            _ => element.length = Length::Claimed(edge),
        },
        Value::Fragments(_) => element.length = Length::Claimed(edge),
    }
}

/// An undefined length whose delimiter is not there.
pub(super) fn forget_delimiter(file: &mut File, rng: &mut ChaCha8Rng) {
    if let Some(element) = any_element(file, rng) {
        match &mut element.value {
            Value::Items(items) if rng.random_bool(0.5) => {
                for item in items {
                    item.length = Length::Unclosed;
                }
            }
            _ => element.length = Length::Unclosed,
        }
    }
}

/// An undefined length where it was defined, with its delimiter.
pub(super) fn undefine(file: &mut File, rng: &mut ChaCha8Rng) {
    if let Some(element) = any_element(file, rng) {
        element.length = Length::Undefined;
    }
}
