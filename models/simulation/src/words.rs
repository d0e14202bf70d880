//! Drawing of words.

use rand::Rng;
use rand::seq::{IndexedRandom as _, SliceRandom as _};

/// One of several wordings.
pub(crate) fn one<'a>(wordings: &[&'a str], rng: &mut impl Rng) -> &'a str {
    wordings.choose(rng).copied().unwrap_or_default()
}

/// A wording with its blanks `{}` filled in order.
pub(crate) fn filled(wordings: &[&str], values: &[&dyn std::fmt::Display], rng: &mut impl Rng) -> String {
    let mut values = values.iter();
    let mut pieces = one(wordings, rng).split("{}");
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        if let Some(value) = values.next() {
            text += &value.to_string();
        }
        text += piece;
    }
    text
}

/// Sections in a drawn order; each is left out with the given chance, but never all of them.
pub(crate) fn sections(mut sections: Vec<String>, left_out: f64, rng: &mut impl Rng) -> Vec<String> {
    sections.retain(|section| !section.is_empty());
    sections.shuffle(rng);
    let mut kept: Vec<String> = Vec::with_capacity(sections.len());
    let last = sections.len().saturating_sub(1);
    for (at, section) in sections.into_iter().enumerate() {
        if !rng.random_bool(left_out) || (at == last && kept.is_empty()) {
            kept.push(section);
        }
    }
    kept
}
