//! Long texts in overlapping windows.

use std::ops::Range;

/// A stretch of tokens that the network sees at once, and the part of it whose states are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Tokens in the window.
    pub tokens: Range<usize>,
    /// Tokens whose state is taken from it: those that it shows most context of. Over all windows these parts follow each
    /// other without gap or overlap.
    pub keep: Range<usize>,
}

/// Windows over `count` tokens, at most `capacity` in each, neighbours sharing `overlap`. As in BERT's question
/// answering, a token belongs to the window in which it is farthest from an end.
///
/// # Panics
/// When `overlap` is not smaller than `capacity`.
pub fn windows(count: usize, capacity: usize, overlap: usize) -> Vec<Window> {
    assert!(overlap < capacity, "overlap {overlap} in windows of {capacity}");
    let mut found: Vec<Window> = Vec::new();
    let mut start = 0;
    loop {
        let end = (start + capacity).min(count);
        // The shared stretch is cut in its middle.
        let keep_from = found
            .last()
            .map_or(0, |before| usize::midpoint(start, before.tokens.end));
        if let Some(before) = found.last_mut() {
            before.keep.end = keep_from;
        }
        found.push(Window {
            tokens: start..end,
            keep: keep_from..end,
        });
        if end == count {
            return found;
        }
        start = end - overlap;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn short_text_is_one_window() {
        for count in [0, 1, 10] {
            assert_eq!(
                windows(count, 10, 4),
                [Window {
                    tokens: 0..count,
                    keep: 0..count
                }]
            );
        }
    }

    #[test]
    fn shared_stretch_is_cut_in_its_middle() {
        let found = windows(16, 10, 4);
        assert_eq!(
            found[0],
            Window {
                tokens: 0..10,
                keep: 0..8
            }
        );
        assert_eq!(
            found[1],
            Window {
                tokens: 6..16,
                keep: 8..16
            }
        );
    }

    proptest! {
        #[test]
        fn every_token_is_kept_once(count in 0_usize..5000, capacity in 2_usize..600, share in 0.0_f64..0.9) {
            let overlap = ((capacity - 1) as f64 * share) as usize;
            let mut next = 0;
            for window in windows(count, capacity, overlap) {
                prop_assert!(window.tokens.len() <= capacity);
                prop_assert!(window.tokens.start <= window.keep.start && window.keep.end <= window.tokens.end);
                prop_assert_eq!(window.keep.start, next);
                next = window.keep.end;
            }
            prop_assert_eq!(next, count);
        }
    }
}
