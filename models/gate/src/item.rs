//! Items of sequences, one level at a time.

use crate::dataset::{self, Element, Encoding, Reading, Sequence};
use crate::{GateError, Limits};

/// An item of a sequence: a data set of its own. The walk that found it has proven its lengths and its nesting.
#[derive(Debug, Clone)]
pub struct Item<'a> {
    /// How its elements are written.
    pub encoding: Encoding,
    /// Its elements that are no sequences, in file order; ranges count inside the item.
    pub elements: Vec<Element>,
    sequences: Vec<Sequence>,
    bytes: &'a [u8],
}

impl<'a> Item<'a> {
    pub(crate) fn all_of(
        dataset: &'a [u8],
        sequences: &'a [Sequence],
        tag: (u16, u16),
        limits: &'a Limits,
    ) -> impl ExactSizeIterator<Item = Result<Self, GateError>> {
        let sequence = sequences.iter().find(|sequence| sequence.tag == tag);
        let (items, encoding) = sequence.map_or((&[][..], Encoding::ExplicitLittle), |sequence| {
            (sequence.items.as_slice(), sequence.encoding)
        });
        items.iter().map(move |range| {
            let bytes = dataset.get(range.clone()).unwrap_or_default();
            let outline = dataset::walk(bytes, 0, encoding, Reading::Standard, limits)?;
            Ok(Self {
                encoding,
                elements: outline.elements,
                sequences: outline.sequences,
                bytes,
            })
        })
    }

    /// The items of one of its sequences; none where the sequence is absent.
    pub fn items(
        &'a self,
        group: u16,
        number: u16,
        limits: &'a Limits,
    ) -> impl ExactSizeIterator<Item = Result<Self, GateError>> {
        Self::all_of(self.bytes, &self.sequences, (group, number), limits)
    }

    /// The value of an element, as it is written.
    pub fn value(&self, group: u16, number: u16) -> Option<&'a [u8]> {
        let element = self
            .elements
            .iter()
            .find(|element| element.tag == (group, number))?;
        self.bytes.get(element.value.clone())
    }

    /// The wanted elements as they are written: no sequences, no value longer than `longest` bytes, no
    /// numbers that break off. Safe for any parser.
    pub fn slim(&self, longest: usize, wanted: impl Fn(u16, u16) -> bool) -> Vec<u8> {
        let mut slim = Vec::new();
        for element in &self.elements {
            let (group, number) = element.tag;
            let length = element.value.len();
            let whole = length % dataset::bytes_per_number(element.tag, element.vr) == 0;
            if length <= longest && whole && wanted(group, number) {
                slim.extend_from_slice(
                    self.bytes
                        .get(element.start..element.value.end)
                        .unwrap_or_default(),
                );
            }
        }
        slim
    }
}
