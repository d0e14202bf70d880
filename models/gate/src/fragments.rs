//! Which fragments make which frame (PS3.5 annex A.4).

use std::ops::Range;

use crate::{GateError, PixelData, Prescan};

const EXTENDED_OFFSET_TABLE: (u16, u16) = (0x7FE0, 0x0001);
const EXTENDED_OFFSET_TABLE_LENGTHS: (u16, u16) = (0x7FE0, 0x0002);

impl Prescan {
    /// The fragments of each frame of encapsulated pixel data, as ranges of the fragments' numbers.
    ///
    /// One frame has all of them. Of several, each has one where there are as many; else the offset tables say, and
    /// where those are empty `begins` says whether a fragment begins a codestream. A table that is there must agree
    /// with the fragments to the byte: frames at wrong places are another patient's slices in the making.
    pub fn frames(
        &self,
        bytes: &[u8],
        number_of_frames: u32,
        begins: impl Fn(&[u8]) -> bool,
    ) -> Result<Vec<Range<usize>>, GateError> {
        let Some(PixelData::Fragments {
            offset_table,
            fragments,
        }) = &self.pixel_data
        else {
            return Err(disagree("pixel data is not encapsulated"));
        };
        let frames = number_of_frames as usize;
        if fragments.is_empty() || frames == 0 || frames > fragments.len() {
            return Err(disagree("there are fewer fragments than frames"));
        }
        if frames == 1 {
            return Ok(std::iter::once(0..fragments.len()).collect());
        }
        let basic = numbers::<4>(self.bytes_of(bytes, offset_table))?;
        let extended = self.table(bytes, EXTENDED_OFFSET_TABLE)?;
        let starts = match (basic.is_empty(), extended) {
            (false, Some(_)) => return Err(disagree("there are a basic and an extended offset table")),
            (false, None) => starts_at(&basic, fragments, frames)?,
            (true, Some(offsets)) => starts_at(&offsets, fragments, frames)?,
            (true, None) if fragments.len() == frames => (0..frames).collect(),
            (true, None) => (0..fragments.len())
                .filter(|&index| begins(self.bytes_of(bytes, &fragments[index])))
                .collect(),
        };
        if starts.len() != frames || starts[0] != 0 {
            return Err(disagree(
                "the fragments begin another number of codestreams than there are frames",
            ));
        }
        let ends = starts.iter().skip(1).copied().chain([fragments.len()]);
        let frames: Vec<_> = starts.iter().zip(ends).map(|(start, end)| *start..end).collect();
        self.check_lengths(bytes, fragments, &frames)?;
        Ok(frames)
    }

    fn table(&self, bytes: &[u8], (group, number): (u16, u16)) -> Result<Option<Vec<u64>>, GateError> {
        self.value(bytes, group, number).map(numbers::<8>).transpose()
    }

    /// Extended Offset Table Lengths: without the byte that pads a fragment to an even length.
    fn check_lengths(
        &self,
        bytes: &[u8],
        fragments: &[Range<usize>],
        frames: &[Range<usize>],
    ) -> Result<(), GateError> {
        let Some(lengths) = self.table(bytes, EXTENDED_OFFSET_TABLE_LENGTHS)? else {
            return Ok(());
        };
        let actual = frames.iter().map(|frame| {
            let fragments = fragments.get(frame.clone()).unwrap_or_default();
            fragments.iter().map(ExactSizeIterator::len).sum::<usize>() as u64
        });
        let agree = lengths.len() == frames.len()
            && lengths
                .iter()
                .zip(actual)
                .all(|(declared, actual)| declared.checked_next_multiple_of(2) == Some(actual));
        if agree {
            return Ok(());
        }
        Err(disagree(
            "the extended offset table lengths are not those of the fragments",
        ))
    }
}

/// The fragments at the offsets of a table, which count from the first fragment's item header: the headers
/// are equally long, so places of contents differ as much.
fn starts_at(offsets: &[u64], fragments: &[Range<usize>], frames: usize) -> Result<Vec<usize>, GateError> {
    if offsets.len() != frames {
        return Err(disagree(
            "an offset table has another number of entries than there are frames",
        ));
    }
    let base = fragments[0].start;
    let mut index = 0;
    let mut starts = Vec::with_capacity(frames);
    for offset in offsets {
        // Both ascend, so one pass is enough.
        while fragments
            .get(index)
            .is_some_and(|fragment| ((fragment.start - base) as u64) < *offset)
        {
            index += 1;
        }
        let hit = fragments
            .get(index)
            .is_some_and(|fragment| (fragment.start - base) as u64 == *offset);
        if !hit || starts.last() == Some(&index) {
            return Err(disagree("an offset table points to no fragment, or twice to one"));
        }
        starts.push(index);
    }
    Ok(starts)
}

/// Little-endian numbers of `N` bytes.
fn numbers<const N: usize>(bytes: &[u8]) -> Result<Vec<u64>, GateError> {
    let numbers = bytes.chunks_exact(N);
    if !numbers.remainder().is_empty() {
        return Err(disagree("an offset table ends in the middle of a number"));
    }
    Ok(numbers
        .map(|number| {
            number
                .iter()
                .rev()
                .fold(0, |value, byte| value << 8 | u64::from(*byte))
        })
        .collect())
}

fn disagree(what: &'static str) -> GateError {
    GateError::Fragments(what)
}
