//! Values at the edges of what they may be.

use rand::Rng as _;
use rand::seq::IndexedRandom as _;
use rand_chacha::ChaCha8Rng;

use super::any_element;
use super::lengths::EDGES;
use crate::part10::{Element, File, Tag, Value};

/// Samples, frames, rows, columns, bits, sign, padding: what the pixel equation is made of.
const PIXEL_NUMBERS: [Tag; 9] = [
    (0x0028, 0x0002),
    (0x0028, 0x0010),
    (0x0028, 0x0011),
    (0x0028, 0x0100),
    (0x0028, 0x0101),
    (0x0028, 0x0102),
    (0x0028, 0x0103),
    (0x0028, 0x0120),
    (0x0028, 0x0121),
];

/// Position, orientation, spacing, thickness, rescale, frames, numbers: decimal texts.
const DECIMALS: [(Tag, &[u8; 2], usize); 9] = [
    ((0x0020, 0x0032), b"DS", 3),
    ((0x0020, 0x0037), b"DS", 6),
    ((0x0028, 0x0030), b"DS", 2),
    ((0x0018, 0x0050), b"DS", 1),
    ((0x0028, 0x1052), b"DS", 1),
    ((0x0028, 0x1053), b"DS", 1),
    ((0x0028, 0x0008), b"IS", 1),
    ((0x0020, 0x0013), b"IS", 1),
    ((0x0020, 0x0011), b"IS", 1),
];

const DECIMAL_EDGES: [&str; 24] = [
    "",
    " ",
    "0",
    "-0",
    "1",
    "-1",
    "2",
    "0.5",
    "1e308",
    "-1e308",
    "1e-308",
    "1e400",
    "nan",
    "inf",
    "-inf",
    "1e",
    "0x10",
    "1.0.0",
    "32767",
    "32768",
    "4294836225",
    "4294967296",
    "9223372036854775808",
    "-9223372036854775809",
];

const TRANSFER_SYNTAXES: [&str; 22] = [
    "1.2.840.10008.1.2",
    "1.2.840.10008.1.2.1",
    "1.2.840.10008.1.2.1.99",
    "1.2.840.10008.1.2.2",
    "1.2.840.10008.1.2.5",
    "1.2.840.10008.1.2.4.50",
    "1.2.840.10008.1.2.4.51",
    "1.2.840.10008.1.2.4.57",
    "1.2.840.10008.1.2.4.70",
    "1.2.840.10008.1.2.4.80",
    "1.2.840.10008.1.2.4.81",
    "1.2.840.10008.1.2.4.90",
    "1.2.840.10008.1.2.4.91",
    "1.2.840.10008.1.2.4.95",
    "1.2.840.10008.1.2.4.201",
    "1.2.840.10008.1.2.4.205",
    "1.2.840.10008.1.2.8.1",
    "1.2.3",
    "1..2",
    "",
    "text",
    "1.2.840.10008.1.2.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1",
];

/// A number of the pixel equation.
pub(super) fn pixel_number(file: &mut File, rng: &mut ChaCha8Rng) {
    let usual = [
        0, 1, 2, 3, 4, 7, 8, 9, 11, 12, 13, 15, 16, 17, 31, 32, 33, 64, 512,
    ];
    let number = if rng.random_bool(0.6) {
        usual.choose(rng).copied()
    } else {
        EDGES.choose(rng).map(|edge| *edge as u16)
    };
    if let (Some(tag), Some(number)) = (PIXEL_NUMBERS.choose(rng), number) {
        file.put(Element::new(*tag, *b"US", number.to_le_bytes()));
    }
}

/// A decimal text: too large, no number, too many or too few.
pub(super) fn decimal(file: &mut File, rng: &mut ChaCha8Rng) {
    let Some((tag, vr, values)) = DECIMALS.choose(rng) else {
        return;
    };
    let values = if rng.random_bool(0.8) {
        *values
    } else {
        rng.random_range(0..5000)
    };
    let same = rng.random_bool(0.5);
    let first = *DECIMAL_EDGES.choose(rng).unwrap_or(&"");
    let texts: Vec<&str> = (0..values)
        .map(|_| {
            let own = *DECIMAL_EDGES.choose(rng).unwrap_or(&"");
            if same { first } else { own }
        })
        .collect();
    file.put(Element::text(*tag, **vr, &texts.join("\\")));
}

/// Any bytes in a value.
pub(super) fn garble(file: &mut File, rng: &mut ChaCha8Rng) {
    let garbage: Vec<u8> = (0..rng.random_range(0..70)).map(|_| rng.random()).collect();
    if let Some(element) = any_element(file, rng) {
        element.value = Value::Bytes(garbage);
    }
}

/// A value far longer than it should be.
pub(super) fn lengthen(file: &mut File, rng: &mut ChaCha8Rng) {
    let fill = *b"\\0 A\x1B\xFF".choose(rng).unwrap_or(&0);
    let more = [1, 255, 65_534, 65_535, 65_536, 300_000].choose(rng).copied();
    if let Some(Value::Bytes(bytes)) = any_element(file, rng).map(|element| &mut element.value) {
        bytes.resize(bytes.len() + more.unwrap_or(1), fill);
    }
}

/// Another transfer syntax than the data set is written in; now and then the data set follows.
pub(super) fn transfer_syntax(file: &mut File, rng: &mut ChaCha8Rng) {
    if let Some(uid) = TRANSFER_SYNTAXES.choose(rng) {
        file.claim_transfer_syntax(uid);
    }
    if rng.random_bool(0.2) {
        file.deflated = !file.deflated;
    }
}
