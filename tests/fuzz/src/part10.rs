//! A DICOM Part 10 file as a tree whose lengths may lie.
//!
//! Values are bytes in little endian order whatever the file's encoding; writing swaps them.

use crate::encode::deflate;

/// `(group, element)`.
pub type Tag = (u16, u16);

/// Item of a sequence, or fragment.
pub const ITEM: Tag = (0xFFFE, 0xE000);
/// End of an item of undefined length.
pub const ITEM_END: Tag = (0xFFFE, 0xE00D);
/// End of a sequence of undefined length.
pub const SEQUENCE_END: Tag = (0xFFFE, 0xE0DD);
/// Pixel Data.
pub const PIXEL_DATA: Tag = (0x7FE0, 0x0010);

/// How elements are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Implicit VR little endian.
    Implicit,
    /// Explicit VR little endian.
    Explicit,
    /// Explicit VR big endian.
    Big,
}

/// What the length field says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// The truth.
    Actual,
    /// Undefined, with a delimiter at the end where one belongs.
    Undefined,
    /// Undefined, and the delimiter is forgotten.
    Unclosed,
    /// Whatever.
    Claimed(u32),
}

/// What an element holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Bytes, little endian.
    Bytes(Vec<u8>),
    /// Items of a sequence.
    Items(Vec<Item>),
    /// Fragments of encapsulated pixel data, the offset table first.
    Fragments(Vec<Vec<u8>>),
}

/// A data element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// Its tag.
    pub tag: Tag,
    /// Its VR as written where VRs are.
    pub vr: [u8; 2],
    /// Its length field.
    pub length: Length,
    /// Its value.
    pub value: Value,
}

/// An item of a sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its length field.
    pub length: Length,
    /// Its elements.
    pub elements: Vec<Element>,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// File meta group, explicit VR little endian.
    pub meta: Vec<Element>,
    /// How the data set is written, whatever the meta group says.
    pub encoding: Encoding,
    /// Whether the data set is deflated, whatever the meta group says.
    pub deflated: bool,
    /// The data set.
    pub dataset: Vec<Element>,
}

impl Element {
    /// An element of true length.
    pub fn new(tag: Tag, vr: [u8; 2], value: impl Into<Vec<u8>>) -> Self {
        Self {
            tag,
            vr,
            length: Length::Actual,
            value: Value::Bytes(value.into()),
        }
    }

    /// A text, padded to even length as its VR asks for.
    pub fn text(tag: Tag, vr: [u8; 2], text: &str) -> Self {
        let mut value = text.as_bytes().to_vec();
        if value.len() % 2 == 1 {
            value.push(if vr == *b"UI" { 0 } else { b' ' });
        }
        Self::new(tag, vr, value)
    }

    /// A sequence.
    pub fn sequence(tag: Tag, length: Length, items: Vec<Item>) -> Self {
        Self {
            tag,
            vr: *b"SQ",
            length,
            value: Value::Items(items),
        }
    }

    /// Encapsulated pixel data: the offset table, then fragments.
    pub fn fragments(fragments: Vec<Vec<u8>>) -> Self {
        Self {
            tag: PIXEL_DATA,
            vr: *b"OB",
            length: Length::Undefined,
            value: Value::Fragments(fragments),
        }
    }
}

impl File {
    /// The first element of this tag on the outermost level.
    pub fn find(&mut self, tag: Tag) -> Option<&mut Element> {
        self.dataset.iter_mut().find(|element| element.tag == tag)
    }

    /// Replaces the element of this tag, or puts it in its place.
    pub fn put(&mut self, element: Element) {
        if let Some(old) = self.find(element.tag) {
            *old = element;
            return;
        }
        let place = self.dataset.partition_point(|other| other.tag < element.tag);
        self.dataset.insert(place, element);
    }

    /// Says another transfer syntax in the meta group; the data set stays written as it is.
    pub fn claim_transfer_syntax(&mut self, uid: &str) {
        let element = Element::text((0x0002, 0x0010), *b"UI", uid);
        match self.meta.iter_mut().find(|other| other.tag == element.tag) {
            Some(old) => *old = element,
            None => self.meta.push(element),
        }
    }

    /// The file as bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![0; 128];
        bytes.extend(b"DICM");
        write_elements(&self.meta, Encoding::Explicit, &mut bytes);
        if self.deflated {
            let mut dataset = Vec::new();
            write_elements(&self.dataset, self.encoding, &mut dataset);
            bytes.extend(deflate(&dataset));
        } else {
            write_elements(&self.dataset, self.encoding, &mut bytes);
        }
        bytes
    }
}

fn write_elements(elements: &[Element], encoding: Encoding, out: &mut Vec<u8>) {
    for element in elements {
        write_element(element, encoding, out);
    }
}

fn write_element(element: &Element, encoding: Encoding, out: &mut Vec<u8>) {
    let inner = encoding_inside(element, encoding);
    let value = match &element.value {
        Value::Bytes(bytes) if encoding == Encoding::Big => swapped(bytes, element.vr),
        Value::Bytes(bytes) => bytes.clone(),
        Value::Items(items) => {
            let mut value = Vec::new();
            for item in items {
                let mut content = Vec::new();
                write_elements(&item.elements, inner, &mut content);
                write_header(ITEM, None, item.length, content.len(), inner, &mut value);
                value.extend(content);
                if item.length == Length::Undefined {
                    write_header(ITEM_END, None, Length::Actual, 0, inner, &mut value);
                }
            }
            value
        }
        Value::Fragments(fragments) => {
            let mut value = Vec::new();
            for fragment in fragments {
                write_header(ITEM, None, Length::Actual, fragment.len(), encoding, &mut value);
                value.extend(fragment);
            }
            value
        }
    };
    let vr = (encoding != Encoding::Implicit).then_some(element.vr);
    write_header(element.tag, vr, element.length, value.len(), encoding, out);
    out.extend(value);
    if element.length == Length::Undefined && !matches!(element.value, Value::Bytes(_)) {
        write_header(SEQUENCE_END, None, Length::Actual, 0, inner, out);
    }
}

/// What is in a sequence of VR UN and undefined length is implicit little endian, its delimiter too (PS3.5 section
/// 6.2.2).
fn encoding_inside(element: &Element, encoding: Encoding) -> Encoding {
    let defined = matches!(element.length, Length::Actual | Length::Claimed(_));
    if element.vr == *b"UN" && !defined {
        Encoding::Implicit
    } else {
        encoding
    }
}

fn write_header(
    tag: Tag,
    vr: Option<[u8; 2]>,
    length: Length,
    actual: usize,
    encoding: Encoding,
    out: &mut Vec<u8>,
) {
    let big = encoding == Encoding::Big;
    let two = |n: u16| if big { n.to_be_bytes() } else { n.to_le_bytes() };
    let four = |n: u32| if big { n.to_be_bytes() } else { n.to_le_bytes() };
    let length = match length {
        Length::Actual => actual as u32,
        Length::Undefined | Length::Unclosed => u32::MAX,
        Length::Claimed(length) => length,
    };
    out.extend(two(tag.0));
    out.extend(two(tag.1));
    match vr {
        Some(vr) if SHORT.contains(&vr) => {
            out.extend(vr);
            out.extend(two(length as u16));
        }
        Some(vr) => {
            out.extend(vr);
            out.extend([0, 0]);
            out.extend(four(length));
        }
        None => out.extend(four(length)),
    }
}

/// Swaps the bytes of numbers, or swaps them back.
pub(crate) fn swapped(bytes: &[u8], vr: [u8; 2]) -> Vec<u8> {
    let width = match &vr {
        b"US" | b"SS" | b"OW" | b"AT" => 2,
        b"UL" | b"SL" | b"FL" | b"OF" | b"OL" => 4,
        b"FD" | b"OD" | b"OV" | b"SV" | b"UV" => 8,
        _ => 1,
    };
    bytes
        .chunks(width)
        .flat_map(|number| number.iter().rev().copied())
        .collect()
}

/// VRs with a 16-bit length (PS3.5 table 7.1-2).
pub(crate) const SHORT: [[u8; 2]; 21] = [
    *b"AE", *b"AS", *b"AT", *b"CS", *b"DA", *b"DS", *b"DT", *b"FL", *b"FD", *b"IS", *b"LO", *b"LT", *b"PN",
    *b"SH", *b"SL", *b"SS", *b"ST", *b"TM", *b"UI", *b"UL", *b"US",
];
