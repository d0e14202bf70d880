//! The iterative walk over a data set.

use std::ops::Range;

use dicom_core::VR;
use dicom_core::dictionary::{DataDictionary as _, DataDictionaryEntry as _};
use dicom_dictionary_std::StandardDataDictionary;
use hilum_domain::Uid;

use crate::{GateError, Limits, TagName};

const PIXEL_DATA: TagName = TagName(0x7FE0, 0x0010);
const ITEM: TagName = TagName(0xFFFE, 0xE000);
const ITEM_END: TagName = TagName(0xFFFE, 0xE00D);
const SEQUENCE_END: TagName = TagName(0xFFFE, 0xE0DD);
const UNDEFINED: u32 = 0xFFFF_FFFF;

/// How the elements of a data set are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Implicit VR little endian.
    ImplicitLittle,
    /// Explicit VR little endian; all encapsulated syntaxes too.
    ExplicitLittle,
    /// Explicit VR big endian.
    ExplicitBig,
}

/// An element of the outermost level that is no sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// Group and element number.
    pub tag: (u16, u16),
    /// The two letters of an explicit VR.
    pub vr: Option<[u8; 2]>,
    /// Where the header starts, inside the data set.
    pub start: usize,
    /// Where the value lies, inside the data set.
    pub value: Range<usize>,
}

/// A sequence of the outermost level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence {
    /// Group and element number.
    pub tag: (u16, u16),
    /// How its items are written: not as the data set around it where the VR is UN.
    pub encoding: Encoding,
    /// The content of each item, without item header and delimiter, inside the data set.
    pub items: Vec<Range<usize>>,
}

/// Where pixel data lies, inside the data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PixelData {
    /// Uncompressed.
    Native(Range<usize>),
    /// Encapsulated.
    Fragments {
        /// The basic offset table, often empty.
        offset_table: Range<usize>,
        /// The fragments in order.
        fragments: Vec<Range<usize>>,
    },
}

/// How the content of a sequence whose VR is UN is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// As implicit VR little endian (PS3.5 section 6.2.2 note 2).
    Standard,
    /// In the encoding around it, as some parsers do.
    SurroundingEncoding,
}

/// The result of a walk.
pub(crate) struct Outline {
    pub(crate) element_count: usize,
    pub(crate) elements: Vec<Element>,
    pub(crate) sequences: Vec<Sequence>,
    pub(crate) pixel_data: Option<PixelData>,
    pub(crate) unknown_sequences: bool,
    /// Whether a value anywhere is no whole number of numbers, see [`bytes_per_number`].
    pub(crate) broken_numbers: bool,
}

/// What the file meta group holds and where it ends.
pub(crate) struct FileMeta {
    pub(crate) transfer_syntax: Option<Uid>,
    pub(crate) end: usize,
}

/// Walks the file meta group: explicit VR little endian, no sequences, ends with group 0002 whatever its
/// group length says.
pub(crate) fn file_meta(bytes: &[u8], start: usize, limits: &Limits) -> Result<FileMeta, GateError> {
    let cursor = Cursor { bytes, base: 0 };
    let mut meta = FileMeta {
        transfer_syntax: None,
        end: start,
    };
    for _ in 0..limits.elements {
        let Some(group) = cursor.u16(meta.end, Encoding::ExplicitLittle) else {
            return Ok(meta);
        };
        if group != 0x0002 {
            return Ok(meta);
        }
        let header = cursor.element(meta.end, bytes.len(), Encoding::ExplicitLittle)?;
        let value = cursor.value(&header, meta.end, bytes.len())?;
        if header.tag == TagName(0x0002, 0x0010) {
            let text = std::str::from_utf8(bytes.get(value.clone()).unwrap_or_default()).ok();
            meta.transfer_syntax = text.and_then(|text| Uid::parse(text).ok());
        }
        meta.end = value.end;
    }
    Err(GateError::TooMany {
        what: "elements",
        limit: limits.elements,
    })
}

/// Walks a data set. `base` is added to offsets in errors.
pub(crate) fn walk(
    bytes: &[u8],
    base: usize,
    encoding: Encoding,
    reading: Reading,
    limits: &Limits,
) -> Result<Outline, GateError> {
    walk_head(bytes, bytes.len(), base, encoding, reading, limits)
}

/// Walks the beginning of a data set of `length` bytes, up to uncompressed pixels that reach beyond it. Anything
/// else that reaches beyond what is there is an error.
pub(crate) fn walk_head(
    head: &[u8],
    length: usize,
    base: usize,
    encoding: Encoding,
    reading: Reading,
    limits: &Limits,
) -> Result<Outline, GateError> {
    let walk = Walk {
        cursor: Cursor { bytes: head, base },
        length,
        reading,
        limits,
        stack: Vec::new(),
        position: 0,
        items: 0,
        outline: Outline {
            element_count: 0,
            elements: Vec::new(),
            sequences: Vec::new(),
            pixel_data: None,
            unknown_sequences: false,
            broken_numbers: false,
        },
    };
    walk.run(encoding)
}

/// A sequence or an item that is open. The depth of the stack is bounded by [`Limits::nesting`].
#[derive(Clone, Copy)]
struct Open {
    is_item: bool,
    /// Where its content starts.
    start: usize,
    /// Where it ends at the latest: its own end, or that of its container when its length is undefined.
    end: usize,
    delimited: bool,
    encoding: Encoding,
}

struct Walk<'a> {
    cursor: Cursor<'a>,
    /// Of the data set, of which the cursor may hold the beginning only.
    length: usize,
    reading: Reading,
    limits: &'a Limits,
    stack: Vec<Open>,
    position: usize,
    items: usize,
    outline: Outline,
}

impl Walk<'_> {
    fn run(mut self, encoding: Encoding) -> Result<Outline, GateError> {
        let root = Open {
            is_item: true,
            start: 0,
            end: self.length,
            delimited: false,
            encoding,
        };
        loop {
            while self
                .stack
                .last()
                .is_some_and(|open| !open.delimited && open.end == self.position)
            {
                self.close(self.position);
            }
            let open = self.stack.last().copied().unwrap_or(root);
            if open.end == self.position {
                if self.stack.is_empty() {
                    return Ok(self.outline);
                }
                return Err(self.truncated("a sequence of undefined length"));
            }
            if self.stack.is_empty() && self.at_zero_tag() {
                return self.end_with_padding();
            }
            if self.is_head_with_pixels() {
                return Ok(self.outline);
            }
            if open.is_item {
                self.step_element(open)?;
            } else {
                self.step_item(open)?;
            }
        }
    }

    /// Inside a sequence: an item, or the sequence's end.
    fn step_item(&mut self, open: Open) -> Result<(), GateError> {
        let start = self.position;
        let header = self.cursor.item(start, open.end, open.encoding)?;
        match header.tag {
            ITEM => {
                self.items += 1;
                if self.items > self.limits.items {
                    return Err(GateError::TooMany {
                        what: "items",
                        limit: self.limits.items,
                    });
                }
                self.open(&header, start, open.end, true, open.encoding)
            }
            SEQUENCE_END if open.delimited => {
                self.close(start);
                self.position = header.value_start;
                Ok(())
            }
            tag => Err(self.unexpected(tag, start, "an item")),
        }
    }

    /// Inside an item or on the outermost level: an element, or the item's end.
    fn step_element(&mut self, open: Open) -> Result<(), GateError> {
        let start = self.position;
        let header = self.cursor.element(start, open.end, open.encoding)?;
        if header.tag == ITEM_END && open.delimited {
            self.close(start);
            self.position = header.value_start;
            return Ok(());
        }
        if header.tag.0 == 0xFFFE {
            return Err(self.unexpected(header.tag, start, "an element"));
        }
        self.outline.element_count += 1;
        if self.outline.element_count > self.limits.elements {
            return Err(GateError::TooMany {
                what: "elements",
                limit: self.limits.elements,
            });
        }
        let outermost = self.stack.is_empty();
        if header.tag == PIXEL_DATA && header.length == UNDEFINED {
            let pixel_data = self.fragments(header.value_start, open)?;
            if outermost {
                self.outline.pixel_data = Some(pixel_data);
            }
            return Ok(());
        }
        if header.is_sequence() {
            let unknown = header.length == UNDEFINED && header.vr.is_some_and(|vr| vr != *b"SQ");
            self.outline.unknown_sequences |= unknown;
            let encoding = match self.reading {
                Reading::Standard if unknown => Encoding::ImplicitLittle,
                _ => open.encoding,
            };
            if self.stack.len() / 2 >= self.limits.nesting {
                return Err(GateError::NestingTooDeep {
                    tag: header.tag,
                    offset: self.cursor.base + start,
                    limit: self.limits.nesting,
                });
            }
            return self.open(&header, start, open.end, false, encoding);
        }
        let value = self.cursor.value(&header, start, open.end)?;
        self.position = value.end;
        let tag = (header.tag.0, header.tag.1);
        self.outline.broken_numbers |= value.len() % bytes_per_number(tag, header.vr) != 0;
        if outermost {
            if header.tag == PIXEL_DATA {
                self.outline.pixel_data = Some(PixelData::Native(value.clone()));
            }
            self.outline.elements.push(Element {
                tag,
                vr: header.vr,
                start,
                value,
            });
        }
        Ok(())
    }

    fn open(
        &mut self,
        header: &Header,
        start: usize,
        container_end: usize,
        is_item: bool,
        encoding: Encoding,
    ) -> Result<(), GateError> {
        let delimited = header.length == UNDEFINED;
        let end = if delimited {
            container_end
        } else {
            self.cursor.value(header, start, container_end)?.end
        };
        self.position = header.value_start;
        if self.stack.is_empty() {
            self.outline.sequences.push(Sequence {
                tag: (header.tag.0, header.tag.1),
                encoding,
                items: Vec::new(),
            });
        }
        self.stack.push(Open {
            is_item,
            start: header.value_start,
            end,
            delimited,
            encoding,
        });
        Ok(())
    }

    /// Closes what was opened last; its content ends at `end`. Items of outermost sequences are kept.
    fn close(&mut self, end: usize) {
        let closed = self.stack.pop();
        if let (Some(closed), [_], Some(sequence)) =
            (closed, &self.stack[..], self.outline.sequences.last_mut())
        {
            sequence.items.push(closed.start..end);
        }
    }

    /// Encapsulated pixel data: items of defined length up to a sequence delimiter (PS3.5 annex A.4).
    fn fragments(&mut self, start: usize, open: Open) -> Result<PixelData, GateError> {
        let mut all = Vec::new();
        self.position = start;
        loop {
            let start = self.position;
            if start == open.end {
                return Err(self.truncated("encapsulated pixel data"));
            }
            let header = self.cursor.item(start, open.end, open.encoding)?;
            match header.tag {
                ITEM => {
                    let value = self.cursor.value(&header, start, open.end)?;
                    self.position = value.end;
                    all.push(value);
                    if all.len() > self.limits.fragments {
                        return Err(GateError::TooMany {
                            what: "fragments",
                            limit: self.limits.fragments,
                        });
                    }
                }
                SEQUENCE_END => {
                    self.position = header.value_start;
                    let mut all = all.into_iter();
                    return Ok(PixelData::Fragments {
                        offset_table: all.next().unwrap_or(start..start),
                        fragments: all.collect(),
                    });
                }
                tag => return Err(self.unexpected(tag, start, "a fragment")),
            }
        }
    }

    /// Whether the bytes that are there end inside uncompressed pixels of the outermost level.
    fn is_head_with_pixels(&self) -> bool {
        let there = self.cursor.bytes.len();
        matches!(&self.outline.pixel_data, Some(PixelData::Native(range)) if there < range.end)
    }

    fn at_zero_tag(&self) -> bool {
        let rest = self.cursor.bytes.get(self.position..).unwrap_or_default();
        !rest.is_empty() && rest.iter().take(4).all(|byte| *byte == 0)
    }

    /// Tag (0000,0000) is no element of a data set: from here on there may be padding, and nothing else.
    fn end_with_padding(self) -> Result<Outline, GateError> {
        let padding = &self.cursor.bytes[self.position..];
        if padding.iter().all(|byte| *byte == 0) {
            return Ok(self.outline);
        }
        Err(self.unexpected(TagName(0, 0), self.position, "an element"))
    }

    fn truncated(&self, within: &'static str) -> GateError {
        GateError::Truncated {
            offset: self.cursor.base + self.position,
            within,
        }
    }

    fn unexpected(&self, tag: TagName, start: usize, expected: &'static str) -> GateError {
        GateError::UnexpectedTag {
            tag,
            offset: self.cursor.base + start,
            expected,
        }
    }
}

struct Header {
    tag: TagName,
    vr: Option<[u8; 2]>,
    length: u32,
    value_start: usize,
}

impl Header {
    /// Sequences are told by VR, by the dictionary where the VR is implicit, and by undefined length.
    fn is_sequence(&self) -> bool {
        if self.length == UNDEFINED {
            return true;
        }
        match self.vr {
            Some(vr) => vr == *b"SQ",
            None => StandardDataDictionary
                .by_tag(dicom_core::Tag(self.tag.0, self.tag.1))
                .is_some_and(|entry| entry.vr().relaxed() == VR::SQ),
        }
    }
}

/// Reads headers at a place; never beyond the end it is given.
struct Cursor<'a> {
    bytes: &'a [u8],
    base: usize,
}

impl Cursor<'_> {
    fn element(&self, start: usize, end: usize, encoding: Encoding) -> Result<Header, GateError> {
        let header = self.item(start, end, encoding)?;
        if encoding == Encoding::ImplicitLittle || header.tag.0 == 0xFFFE {
            return Ok(header);
        }
        let vr = [self.bytes[start + 4], self.bytes[start + 5]];
        if has_short_length(vr) {
            let length = self.u16(start + 6, encoding).unwrap_or_default();
            return Ok(Header {
                vr: Some(vr),
                length: length.into(),
                ..header
            });
        }
        let length = self
            .u32(start + 8, encoding)
            .filter(|_| end - start >= 12)
            .ok_or(GateError::Truncated {
                offset: self.base + start,
                within: "an element header",
            })?;
        Ok(Header {
            vr: Some(vr),
            length,
            value_start: start + 12,
            ..header
        })
    }

    /// Tag and 32-bit length: items, delimiters, implicit elements.
    fn item(&self, start: usize, end: usize, encoding: Encoding) -> Result<Header, GateError> {
        let truncated = GateError::Truncated {
            offset: self.base + start,
            within: "an element header",
        };
        if end.saturating_sub(start) < 8 {
            return Err(truncated);
        }
        let read = || {
            Some(Header {
                tag: TagName(self.u16(start, encoding)?, self.u16(start + 2, encoding)?),
                vr: None,
                length: self.u32(start + 4, encoding)?,
                value_start: start + 8,
            })
        };
        read().ok_or(truncated)
    }

    fn value(&self, header: &Header, start: usize, end: usize) -> Result<Range<usize>, GateError> {
        let left = end.saturating_sub(header.value_start);
        if header.length as usize > left {
            return Err(GateError::LengthBeyondInput {
                tag: header.tag,
                offset: self.base + start,
                declared: header.length.into(),
                left,
            });
        }
        Ok(header.value_start..header.value_start + header.length as usize)
    }

    fn u16(&self, at: usize, encoding: Encoding) -> Option<u16> {
        let two = self.bytes.get(at..at + 2)?.try_into().ok()?;
        Some(match encoding {
            Encoding::ExplicitBig => u16::from_be_bytes(two),
            _ => u16::from_le_bytes(two),
        })
    }

    fn u32(&self, at: usize, encoding: Encoding) -> Option<u32> {
        let four = self.bytes.get(at..at + 4)?.try_into().ok()?;
        Some(match encoding {
            Encoding::ExplicitBig => u32::from_be_bytes(four),
            _ => u32::from_le_bytes(four),
        })
    }
}

/// Bytes of one number of a value, 1 where it is no row of numbers.
///
/// dicom-rs reads whole numbers only: where the length is no multiple of this, it goes on inside the value and takes
/// whatever stands there for a header, with a length of up to 4 GiB.
pub(crate) fn bytes_per_number(tag: (u16, u16), vr: Option<[u8; 2]>) -> usize {
    let from_dictionary = || {
        let entry = StandardDataDictionary.by_tag(dicom_core::Tag(tag.0, tag.1));
        entry.map(|entry| entry.vr().relaxed())
    };
    match vr.map_or_else(from_dictionary, VR::from_binary) {
        Some(VR::US | VR::SS | VR::OW) => 2,
        Some(VR::AT | VR::UL | VR::SL | VR::FL | VR::OF | VR::OL) => 4,
        Some(VR::FD | VR::OD | VR::OV | VR::SV | VR::UV) => 8,
        _ => 1,
    }
}

/// VRs with a 16-bit length (PS3.5 table 7.1-2); every other VR, also one not known, has 32 bits.
fn has_short_length(vr: [u8; 2]) -> bool {
    matches!(
        &vr,
        b"AE"
            | b"AS"
            | b"AT"
            | b"CS"
            | b"DA"
            | b"DS"
            | b"DT"
            | b"FL"
            | b"FD"
            | b"IS"
            | b"LO"
            | b"LT"
            | b"PN"
            | b"SH"
            | b"SL"
            | b"SS"
            | b"ST"
            | b"TM"
            | b"UI"
            | b"UL"
            | b"US"
    )
}
