//! Reads a well-formed file into the tree. Test material only: whatever is odd is given up, never guessed.

use std::io::Read as _;

use crate::part10::{
    Element, Encoding, File, ITEM, ITEM_END, Item, Length, PIXEL_DATA, SEQUENCE_END, SHORT, Tag, Value,
    swapped,
};

const DEEPEST: usize = 16;
const MOST_INFLATED: u64 = 64 << 20;

impl File {
    /// The tree of a Part 10 file; `None` when it is not well-formed. Offset tables are kept as they are.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        if bytes.get(128..132)? != b"DICM" {
            return None;
        }
        let mut reader = Reader { bytes, at: 132 };
        let mut meta = Vec::new();
        while reader.peek_u16() == Some(0x0002) {
            meta.push(reader.element(bytes.len(), Encoding::Explicit, 0)?);
        }
        let uid = meta.iter().find(|element| element.tag == (0x0002, 0x0010))?;
        let Value::Bytes(uid) = &uid.value else {
            return None;
        };
        let (encoding, deflated) = match uid.strip_suffix(b"\0").unwrap_or(uid) {
            b"1.2.840.10008.1.2" => (Encoding::Implicit, false),
            b"1.2.840.10008.1.2.2" => (Encoding::Big, false),
            b"1.2.840.10008.1.2.1.99" => (Encoding::Explicit, true),
            _ => (Encoding::Explicit, false),
        };
        let inflated = deflated.then(|| inflate(&bytes[reader.at..]));
        let dataset = match inflated {
            Some(inflated) => Reader {
                bytes: &inflated?,
                at: 0,
            }
            .dataset(encoding)?,
            None => reader.dataset(encoding)?,
        };
        Some(Self {
            meta,
            encoding,
            deflated,
            dataset,
        })
    }
}

fn inflate(deflated: &[u8]) -> Option<Vec<u8>> {
    let mut inflated = Vec::new();
    let mut stream = flate2::read::DeflateDecoder::new(deflated).take(MOST_INFLATED);
    stream.read_to_end(&mut inflated).ok()?;
    Some(inflated)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

struct Header {
    tag: Tag,
    vr: Option<[u8; 2]>,
    length: u32,
}

impl Reader<'_> {
    fn dataset(mut self, encoding: Encoding) -> Option<Vec<Element>> {
        let end = self.bytes.len();
        let mut elements = Vec::new();
        while self.at < end {
            elements.push(self.element(end, encoding, 0)?);
        }
        Some(elements)
    }

    fn element(&mut self, end: usize, encoding: Encoding, depth: usize) -> Option<Element> {
        let header = self.header(end, encoding)?;
        let vr = header.vr.unwrap_or(*b"UN");
        let (length, value) = if header.length == u32::MAX {
            let value = if header.tag == PIXEL_DATA {
                self.fragments(end, encoding)?
            } else {
                let encoding = if vr == *b"UN" {
                    Encoding::Implicit
                } else {
                    encoding
                };
                self.items(end, true, encoding, depth + 1)?
            };
            (Length::Undefined, value)
        } else {
            let value_end = self.at.checked_add(header.length as usize)?;
            let bytes = self.bytes.get(self.at..value_end)?;
            let looks_like_items = header.vr.is_none() && bytes.starts_with(&[0xFE, 0xFF, 0x00, 0xE0]);
            if vr == *b"SQ" || looks_like_items {
                (Length::Actual, self.items(value_end, false, encoding, depth + 1)?)
            } else {
                self.at = value_end;
                let bytes = if encoding == Encoding::Big {
                    swapped(bytes, vr)
                } else {
                    bytes.to_vec()
                };
                (Length::Actual, Value::Bytes(bytes))
            }
        };
        Some(Element {
            tag: header.tag,
            vr,
            length,
            value,
        })
    }

    fn items(&mut self, end: usize, delimited: bool, encoding: Encoding, depth: usize) -> Option<Value> {
        if depth > DEEPEST {
            return None;
        }
        let mut items = Vec::new();
        while delimited || self.at < end {
            let header = self.header(end, encoding)?;
            match header.tag {
                SEQUENCE_END if delimited => break,
                ITEM => items.push(self.item(header.length, end, encoding, depth)?),
                _ => return None,
            }
        }
        Some(Value::Items(items))
    }

    fn item(&mut self, length: u32, end: usize, encoding: Encoding, depth: usize) -> Option<Item> {
        let mut elements = Vec::new();
        if length == u32::MAX {
            while !self.item_ends(encoding) {
                elements.push(self.element(end, encoding, depth)?);
            }
            self.at += 8;
            return Some(Item {
                length: Length::Undefined,
                elements,
            });
        }
        let item_end = self.at.checked_add(length as usize).filter(|at| *at <= end)?;
        while self.at < item_end {
            elements.push(self.element(item_end, encoding, depth)?);
        }
        Some(Item {
            length: Length::Actual,
            elements,
        })
    }

    fn item_ends(&self, encoding: Encoding) -> bool {
        let mut ahead = Reader { ..*self };
        let header = ahead.header(self.bytes.len(), encoding);
        header.is_some_and(|header| header.tag == ITEM_END)
    }

    fn fragments(&mut self, end: usize, encoding: Encoding) -> Option<Value> {
        let mut fragments = Vec::new();
        loop {
            let header = self.header(end, encoding)?;
            match header.tag {
                SEQUENCE_END => return Some(Value::Fragments(fragments)),
                ITEM => {
                    let fragment = self
                        .bytes
                        .get(self.at..self.at.checked_add(header.length as usize)?)?;
                    self.at += fragment.len();
                    fragments.push(fragment.to_vec());
                }
                _ => return None,
            }
        }
    }

    fn header(&mut self, end: usize, encoding: Encoding) -> Option<Header> {
        let big = encoding == Encoding::Big;
        let bytes = self.bytes.get(self.at..end)?;
        let two = |at: usize| {
            let two = bytes.get(at..at + 2)?.try_into().ok()?;
            Some(if big {
                u16::from_be_bytes(two)
            } else {
                u16::from_le_bytes(two)
            })
        };
        let four = |at: usize| {
            let four = bytes.get(at..at + 4)?.try_into().ok()?;
            Some(if big {
                u32::from_be_bytes(four)
            } else {
                u32::from_le_bytes(four)
            })
        };
        let tag = (two(0)?, two(2)?);
        if encoding != Encoding::Implicit && tag.0 != 0xFFFE {
            let vr = [*bytes.get(4)?, *bytes.get(5)?];
            let short = SHORT.contains(&vr);
            let length = if short { two(6)?.into() } else { four(8)? };
            self.at += if short { 8 } else { 12 };
            return Some(Header {
                tag,
                vr: Some(vr),
                length,
            });
        }
        let length = four(4)?;
        self.at += 8;
        Some(Header {
            tag,
            vr: None,
            length,
        })
    }

    fn peek_u16(&self) -> Option<u16> {
        let two = self.bytes.get(self.at..self.at + 2)?;
        two.try_into().ok().map(u16::from_le_bytes)
    }
}
