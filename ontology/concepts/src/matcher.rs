//! One automaton for every word of the lexicon.

use std::collections::HashMap;

use aho_corasick::AhoCorasick;

use crate::concept::ConceptId;
use crate::fold::{Folded, fold};
use crate::phrase::Slot;
use crate::trigger::Trigger;

/// What a matched word means. One word can mean several things: `stable` is a concept and fills a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// A concept.
    Concept(ConceptId),
    /// A trigger of assertion.
    Trigger(Trigger),
    /// A phrase, by its index in [`crate::Lexicon::phrases`], and its slot.
    Phrase(u16, Slot),
}

/// A word with its meaning, before the automaton is built.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    meaning: Meaning,
    upper_only: bool,
}

impl Pattern {
    /// A pattern from words as a table has them.
    pub fn new(text: &str, meaning: Meaning, upper_only: bool) -> Self {
        Self {
            text: fold(text).text.trim().to_owned(),
            meaning,
            upper_only,
        }
    }
}

/// A word that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// First byte in the comparable form.
    pub start: usize,
    /// Byte after the last one; a plural ending is included.
    pub end: usize,
    /// What it means.
    pub meaning: Meaning,
}

/// Finds every word of the lexicon in one pass over comparable text.
#[derive(Debug, Default)]
pub struct Matcher {
    automaton: Option<AhoCorasick>,
    /// For each pattern of the automaton its meanings, and whether each counts in upper case only.
    meanings: Vec<Vec<(Meaning, bool)>>,
}

impl Matcher {
    /// Compiles the patterns; equal words share a state.
    ///
    /// # Panics
    /// When the words do not fit an automaton, which takes gigabytes of them.
    pub fn new(patterns: Vec<Pattern>) -> Self {
        let mut texts: Vec<String> = Vec::new();
        let mut meanings: Vec<Vec<(Meaning, bool)>> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        for pattern in patterns.into_iter().filter(|pattern| !pattern.text.is_empty()) {
            let place = *places.entry(pattern.text.clone()).or_insert_with(|| {
                texts.push(pattern.text);
                meanings.push(Vec::new());
                texts.len() - 1
            });
            let meaning = (pattern.meaning, pattern.upper_only);
            if !meanings[place].contains(&meaning) {
                meanings[place].push(meaning);
            }
        }
        let automaton = AhoCorasick::new(&texts).expect("the words of the tables fit an automaton");
        Self {
            automaton: Some(automaton),
            meanings,
        }
    }

    /// Every word with every meaning, overlapping ones too, in the order of their ends. Words of letters are whole
    /// words: neither a letter before nor one after, but a plural ending. Linear in the length of the text.
    pub fn scan(&self, text: &Folded, hits: &mut Vec<Hit>) {
        let Some(automaton) = &self.automaton else {
            return;
        };
        let bytes = text.text.as_bytes();
        for found in automaton.find_overlapping_iter(&text.text) {
            let start = found.start();
            if start > 0 && continues(bytes[start - 1], bytes[start]) {
                continue;
            }
            let Some(end) = whole(bytes, found.end()) else {
                continue;
            };
            for (meaning, upper_only) in &self.meanings[found.pattern().as_usize()] {
                if *upper_only && (end != found.end() || !text.is_upper(start, end)) {
                    continue;
                }
                hits.push(Hit {
                    start,
                    end,
                    meaning: *meaning,
                });
            }
        }
    }
}

/// Whether two bytes belong to one word or one number.
fn continues(left: u8, right: u8) -> bool {
    (left.is_ascii_alphabetic() && right.is_ascii_alphabetic())
        || (left.is_ascii_digit() && right.is_ascii_digit())
}

/// Where the word that ends here ends with its plural ending; `None` when it goes on otherwise.
fn whole(bytes: &[u8], end: usize) -> Option<usize> {
    let last = bytes[end - 1];
    let goes_on = |at: usize| bytes.get(at).is_some_and(|next| continues(bytes[at - 1], *next));
    if !goes_on(end) {
        return Some(end);
    }
    if last.is_ascii_alphabetic() {
        for plural in [&b"s"[..], b"es"] {
            if bytes[end..].starts_with(plural) && !goes_on(end + plural.len()) {
                return Some(end + plural.len());
            }
        }
    }
    None
}

/// Keeps, of overlapping hits, the one that begins first, and of those that begin together the longest.
pub fn leftmost_longest(hits: &mut Vec<Hit>) {
    hits.sort_by(|a, b| a.start.cmp(&b.start).then(b.end.cmp(&a.end)));
    let mut end = 0;
    hits.retain(|hit| {
        let keep = hit.start >= end;
        if keep {
            end = hit.end;
        }
        keep
    });
}
