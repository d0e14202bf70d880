//! The structural pre-scan of a DICOM Part 10 file.

use std::borrow::Cow;
use std::ops::Range;

use hilum_domain::Uid;

use crate::dataset::{self, Element, Encoding, PixelData, Reading, Sequence};
use crate::{GateError, Item, Limits, inflate};

const PREAMBLE: usize = 128;
const META_START: usize = PREAMBLE + 4;

/// Transfer syntaxes whose data set is not explicit VR little endian (PS3.5 annex A).
const IMPLICIT_LITTLE: &str = "1.2.840.10008.1.2";
const EXPLICIT_BIG: &str = "1.2.840.10008.1.2.2";
const DEFLATED: [&str; 3] = [
    "1.2.840.10008.1.2.1.99",
    "1.2.840.10008.1.2.4.95",
    "1.2.840.10008.1.2.4.205",
];

/// What the structure of an instance turned out to be. All ranges count inside [`Prescan::dataset`].
#[derive(Debug, Clone)]
pub struct Prescan {
    /// The transfer syntax of the file meta group.
    pub transfer_syntax: Uid,
    /// How elements are written, after inflating where that was needed.
    pub encoding: Encoding,
    /// Number of elements at all depths.
    pub element_count: usize,
    /// Elements of the outermost level that are no sequences, in file order.
    pub elements: Vec<Element>,
    /// Sequences of the outermost level with the places of their items, in file order.
    pub sequences: Vec<Sequence>,
    /// Pixel Data (7FE0,0010) of the outermost level.
    pub pixel_data: Option<PixelData>,
    /// Whether a recursive parser that reads sequences of unknown VR in the surrounding encoding and numbers only
    /// whole, as dicom-rs does, stays within the limits too. Where false, give such a parser [`Prescan::slim`] only.
    pub fully_parsable: bool,
    dataset: Dataset,
}

#[derive(Debug, Clone)]
enum Dataset {
    InFile(usize),
    Inflated(Vec<u8>),
}

impl Prescan {
    /// The data set after the file meta group, inflated where that was needed; `bytes` is what was scanned.
    pub fn dataset<'a>(&'a self, bytes: &'a [u8]) -> &'a [u8] {
        match &self.dataset {
            Dataset::InFile(start) => bytes.get(*start..).unwrap_or_default(),
            Dataset::Inflated(inflated) => inflated,
        }
    }

    /// A data set of the wanted elements alone, in the same encoding: no sequences, no pixels, no value longer than
    /// `longest` bytes, no numbers that break off. Safe for any parser.
    pub fn slim(&self, bytes: &[u8], longest: usize, wanted: impl Fn(u16, u16) -> bool) -> Vec<u8> {
        let dataset = self.dataset(bytes);
        let mut slim = Vec::new();
        for element in &self.elements {
            let (group, number) = element.tag;
            let length = element.value.len();
            let whole = length % dataset::bytes_per_number(element.tag, element.vr) == 0;
            if length <= longest && whole && wanted(group, number) {
                slim.extend_from_slice(dataset.get(element.start..element.value.end).unwrap_or_default());
            }
        }
        slim
    }

    /// The items of a sequence of the outermost level; none where the sequence is absent.
    ///
    /// Each is walked when it is asked for: an item's own sequences are items again, see [`Item::items`].
    pub fn items<'a>(
        &'a self,
        bytes: &'a [u8],
        group: u16,
        number: u16,
        limits: &'a Limits,
    ) -> impl ExactSizeIterator<Item = Result<Item<'a>, GateError>> {
        Item::all_of(self.dataset(bytes), &self.sequences, (group, number), limits)
    }

    /// Byte of the file where the data set starts; `None` where it was inflated and lies in no file.
    pub const fn dataset_offset(&self) -> Option<usize> {
        match self.dataset {
            Dataset::InFile(start) => Some(start),
            Dataset::Inflated(_) => None,
        }
    }

    /// The value of an element of the outermost level, as it is written.
    pub fn value<'a>(&'a self, bytes: &'a [u8], group: u16, number: u16) -> Option<&'a [u8]> {
        let element = self
            .elements
            .iter()
            .find(|element| element.tag == (group, number))?;
        self.dataset(bytes).get(element.value.clone())
    }

    /// Bytes of a range, empty when `bytes` is not what was scanned.
    pub fn bytes_of<'a>(&'a self, bytes: &'a [u8], range: &Range<usize>) -> &'a [u8] {
        self.dataset(bytes).get(range.clone()).unwrap_or_default()
    }
}

/// Whether bytes begin like a DICOM Part 10 file: 128 bytes of anything, then `DICM`.
pub fn looks_like_dicom(bytes: &[u8]) -> bool {
    bytes.get(PREAMBLE..META_START) == Some(b"DICM".as_slice())
}

/// Walks the structure of a DICOM Part 10 file without recursion and without looking at values.
///
/// Every length is proven against its container, and nesting, elements, items, fragments and inflated bytes
/// are bounded by `limits`. A file that passes can be handed to a parser; one that does not is refused with
/// the tag and the place. Padding with zeros after the last element is let through.
pub fn prescan(bytes: &[u8], limits: &Limits) -> Result<Prescan, GateError> {
    if bytes.len() as u64 > limits.instance_bytes {
        return Err(GateError::InstanceTooLarge {
            bytes: bytes.len() as u64,
            limit: limits.instance_bytes,
        });
    }
    if bytes.len() < META_START {
        return Err(GateError::NotDicom("shorter than a preamble"));
    }
    if !looks_like_dicom(bytes) {
        return Err(GateError::NotDicom("no DICM after 128 bytes"));
    }
    let meta = dataset::file_meta(bytes, META_START, limits)?;
    let transfer_syntax = meta.transfer_syntax.ok_or(GateError::NoTransferSyntax)?;
    let uid = transfer_syntax.as_str();
    let encoding = encoding_of(uid);
    let body = bytes.get(meta.end..).unwrap_or_default();
    let body = if DEFLATED.contains(&uid) {
        Cow::Owned(inflate::inflate(body, limits)?)
    } else {
        Cow::Borrowed(body)
    };
    // Offsets in messages count from the start of the file where the data set lies in the file.
    let base = match &body {
        Cow::Borrowed(_) => meta.end,
        Cow::Owned(_) => 0,
    };
    let outline = dataset::walk(&body, base, encoding, Reading::Standard, limits)?;
    let fully_parsable = !outline.broken_numbers
        && (!outline.unknown_sequences
            || dataset::walk(&body, base, encoding, Reading::SurroundingEncoding, limits)
                .is_ok_and(|outline| !outline.broken_numbers));
    Ok(Prescan {
        encoding,
        element_count: outline.element_count,
        elements: outline.elements,
        sequences: outline.sequences,
        pixel_data: outline.pixel_data,
        fully_parsable,
        dataset: match body {
            Cow::Borrowed(_) => Dataset::InFile(meta.end),
            Cow::Owned(inflated) => Dataset::Inflated(inflated),
        },
        transfer_syntax,
    })
}

/// The pre-scan of a file of `length` bytes from its beginning alone, so that a header can be read without the
/// pixels. `None` where the beginning does not settle it: then the whole file wants a [`prescan`], and gets its error
/// there.
///
/// It is settled when uncompressed Pixel Data of the outermost level reaches beyond `head` and ends with the file, so
/// that [`prescan`] would look at nothing else; the answer is the same.
pub fn prescan_head(head: &[u8], length: u64, limits: &Limits) -> Option<Prescan> {
    if length > limits.instance_bytes || !looks_like_dicom(head) {
        return None;
    }
    let meta = dataset::file_meta(head, META_START, limits).ok()?;
    let transfer_syntax = meta.transfer_syntax?;
    let uid = transfer_syntax.as_str();
    if DEFLATED.contains(&uid) {
        return None;
    }
    let encoding = encoding_of(uid);
    let body = head.get(meta.end..)?;
    let length = usize::try_from(length).ok()?.checked_sub(meta.end)?;
    let walk = |reading| dataset::walk_head(body, length, meta.end, encoding, reading, limits).ok();
    let outline = walk(Reading::Standard)?;
    let Some(PixelData::Native(pixels)) = &outline.pixel_data else {
        return None;
    };
    if pixels.end <= body.len() || pixels.end != length {
        return None;
    }
    let fully_parsable = !outline.unknown_sequences || walk(Reading::SurroundingEncoding).is_some();
    Some(Prescan {
        encoding,
        element_count: outline.element_count,
        elements: outline.elements,
        sequences: outline.sequences,
        pixel_data: outline.pixel_data,
        fully_parsable,
        dataset: Dataset::InFile(meta.end),
        transfer_syntax,
    })
}

fn encoding_of(transfer_syntax: &str) -> Encoding {
    match transfer_syntax {
        IMPLICIT_LITTLE => Encoding::ImplicitLittle,
        EXPLICIT_BIG => Encoding::ExplicitBig,
        _ => Encoding::ExplicitLittle,
    }
}
