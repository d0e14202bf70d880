//! Elements that are where or what they should not be.

use rand::Rng as _;
use rand::seq::IndexedRandom as _;
use rand_chacha::ChaCha8Rng;

use super::{any_element, somewhere};
use crate::part10::{Element, File, Item, Length, Tag};

const VRS: [[u8; 2]; 36] = [
    *b"AE",
    *b"AS",
    *b"AT",
    *b"CS",
    *b"DA",
    *b"DS",
    *b"DT",
    *b"FL",
    *b"FD",
    *b"IS",
    *b"LO",
    *b"LT",
    *b"OB",
    *b"OD",
    *b"OF",
    *b"OL",
    *b"OV",
    *b"OW",
    *b"PN",
    *b"SH",
    *b"SL",
    *b"SQ",
    *b"SS",
    *b"ST",
    *b"SV",
    *b"TM",
    *b"UC",
    *b"UI",
    *b"UL",
    *b"UN",
    *b"UR",
    *b"US",
    *b"UT",
    *b"ZZ",
    [0, 0],
    [0xFF, 0xFF],
];

/// Tags that parsers treat in their own way.
const TAGS: [Tag; 24] = [
    (0x0000, 0x0000),
    (0x0002, 0x0000),
    (0x0002, 0x0010),
    (0x0008, 0x0005),
    (0x0008, 0x0016),
    (0x0008, 0x0018),
    (0x0008, 0x0060),
    (0x0009, 0x0010),
    (0x0020, 0x000E),
    (0x0020, 0x0032),
    (0x0020, 0x0037),
    (0x0028, 0x0008),
    (0x0028, 0x0010),
    (0x0028, 0x0030),
    (0x0028, 0x0100),
    (0x0028, 0x1053),
    (0x0040, 0xA730),
    (0x5200, 0x9230),
    (0x7FE0, 0x0008),
    (0x7FE0, 0x0010),
    (0xFFFC, 0xFFFC),
    (0xFFFE, 0xE000),
    (0xFFFE, 0xE00D),
    (0xFFFE, 0xE0DD),
];

pub(super) fn rename_vr(file: &mut File, rng: &mut ChaCha8Rng) {
    let vr = VRS.choose(rng).copied();
    if let (Some(element), Some(vr)) = (any_element(file, rng), vr) {
        element.vr = vr;
    }
}

pub(super) fn retag(file: &mut File, rng: &mut ChaCha8Rng) {
    let tag = if rng.random_bool(0.8) {
        TAGS.choose(rng).copied().unwrap_or_default()
    } else {
        (rng.random(), rng.random())
    };
    if let Some(element) = any_element(file, rng) {
        element.tag = tag;
    }
}

/// The same element again, right behind or at the end.
pub(super) fn repeat(file: &mut File, rng: &mut ChaCha8Rng) {
    let behind = rng.random_bool(0.5);
    if let Some((elements, at)) = somewhere(&mut file.dataset, rng) {
        let copy = elements[at].clone();
        let place = if behind { at + 1 } else { elements.len() };
        elements.insert(place, copy);
    }
}

pub(super) fn remove(file: &mut File, rng: &mut ChaCha8Rng) {
    let elements = if rng.random_bool(0.1) {
        &mut file.meta
    } else {
        &mut file.dataset
    };
    if let Some((elements, at)) = somewhere(elements, rng) {
        elements.remove(at);
    }
}

/// Out of its order, its item, or the meta group.
pub(super) fn move_elsewhere(file: &mut File, rng: &mut ChaCha8Rng) {
    let Some((elements, at)) = somewhere(&mut file.dataset, rng) else {
        return;
    };
    let element = elements.remove(at);
    if rng.random_bool(0.1) {
        file.meta.push(element);
    } else if let Some((elements, at)) = somewhere(&mut file.dataset, rng) {
        elements.insert(at, element);
    }
}

/// One element, or all of them, inside an item of a sequence.
pub(super) fn nest(file: &mut File, rng: &mut ChaCha8Rng) {
    let whole = rng.random_bool(0.1);
    let length = if rng.random_bool(0.5) {
        Length::Actual
    } else {
        Length::Undefined
    };
    let Some((elements, at)) = somewhere(&mut file.dataset, rng) else {
        return;
    };
    let inside = if whole {
        std::mem::take(elements)
    } else {
        vec![elements.remove(at)]
    };
    let item = Item {
        length,
        elements: inside,
    };
    let place = at.min(elements.len());
    elements.insert(place, Element::sequence((0x0040, 0xA730), length, vec![item]));
}

/// Sequences in sequences: a few, around the limit, or thousands; in SQ or hidden in UN.
pub(super) fn nest_deeply(file: &mut File, rng: &mut ChaCha8Rng) {
    let depth = [3, 20, 62, 63, 64, 65, 66, 200, 1500, 3000].choose(rng).copied();
    let vr = if rng.random_bool(0.7) { *b"SQ" } else { *b"UN" };
    let closed = rng.random_bool(0.7);
    let mut bytes = Vec::new();
    for _ in 0..depth.unwrap_or(65) {
        // Items and inner sequences of undefined length; explicit, and in an implicit file simply damage.
        bytes.extend(b"\xFE\xFF\x00\xE0\xFF\xFF\xFF\xFF\x40\x00\x30\xA7SQ\0\0\xFF\xFF\xFF\xFF");
    }
    if closed {
        for _ in 0..depth.unwrap_or(65) {
            bytes.extend(b"\xFE\xFF\xDD\xE0\0\0\0\0\xFE\xFF\x0D\xE0\0\0\0\0");
        }
        bytes.extend(b"\xFE\xFF\xDD\xE0\0\0\0\0");
    }
    let mut element = Element::new((0x0040, 0xA731), vr, bytes);
    element.length = Length::Undefined;
    let place = rng.random_range(0..=file.dataset.len());
    file.dataset.insert(place, element);
}

/// A delimiter or an item where an element belongs.
pub(super) fn stray_delimiter(file: &mut File, rng: &mut ChaCha8Rng) {
    let number = [0xE000, 0xE00D, 0xE0DD, 0xE0FF].choose(rng).copied();
    let length = if rng.random_bool(0.7) { vec![] } else { vec![0; 8] };
    if let Some((elements, at)) = somewhere(&mut file.dataset, rng) {
        let element = Element::new((0xFFFE, number.unwrap_or_default()), *b"OB", length);
        elements.insert(at, element);
    }
}

/// Thousands of empty elements, of one tag or of all.
pub(super) fn many(file: &mut File, rng: &mut ChaCha8Rng) {
    let count = rng.random_range(1..6000u16);
    let same = rng.random_bool(0.5);
    let place = rng.random_range(0..=file.dataset.len());
    let elements = (0..count).map(|n| Element::new((0x0011, if same { 0x0010 } else { n }), *b"LO", []));
    file.dataset.splice(place..place, elements);
}
