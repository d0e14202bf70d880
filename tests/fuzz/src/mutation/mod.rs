//! Mutants: a valid file with a few structural lies and some damage to its bytes.

mod bytes;
mod elements;
mod fragments;
mod lengths;
mod values;

use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::bases::Base;
use crate::part10::{Element, File, Value};

/// What a change may do to a file.
type Change = fn(&mut File, &mut ChaCha8Rng);

/// Changes to the tree; some stand here twice, because more can go wrong there.
const CHANGES: [Change; 24] = [
    lengths::claim,
    lengths::claim,
    lengths::forget_delimiter,
    lengths::undefine,
    elements::rename_vr,
    elements::rename_vr,
    elements::retag,
    elements::repeat,
    elements::remove,
    elements::move_elsewhere,
    elements::nest,
    elements::nest_deeply,
    elements::stray_delimiter,
    elements::many,
    values::pixel_number,
    values::pixel_number,
    values::decimal,
    values::garble,
    values::lengthen,
    values::transfer_syntax,
    fragments::pixel_bytes,
    fragments::rearrange,
    fragments::rle_header,
    fragments::codestream_marker,
];

/// The files of one mutant of a base: one slice changed, or all of them in the same way, so that they still make
/// a volume when the change itself lets them.
///
/// The same seed gives the same bytes.
pub fn mutant(base: &Base, seed: u64) -> Vec<Vec<u8>> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let only = (rng.random_bool(0.3)).then(|| rng.random_range(0..base.slices.len()));
    let slices = base.slices.iter().enumerate();
    slices
        .map(|(k, file)| match only {
            Some(only) if only != k => file.to_bytes(),
            _ => changed(file, &mut rng.clone()),
        })
        .collect()
}

fn changed(file: &File, rng: &mut ChaCha8Rng) -> Vec<u8> {
    let mut file = file.clone();
    let changes = rng.random_range(0..=3);
    for _ in 0..changes {
        if let Some(change) = CHANGES.choose(rng) {
            change(&mut file, rng);
        }
    }
    let mut bytes = file.to_bytes();
    if changes == 0 || rng.random_bool(0.25) {
        bytes::damage(&mut bytes, rng);
    }
    bytes
}

/// A list of elements somewhere in the tree, and the place of one of them. `None` where there is none.
fn somewhere<'a>(
    elements: &'a mut Vec<Element>,
    rng: &mut ChaCha8Rng,
) -> Option<(&'a mut Vec<Element>, usize)> {
    if elements.is_empty() {
        return None;
    }
    let at = rng.random_range(0..elements.len());
    let descend = matches!(&elements[at].value, Value::Items(items) if items.iter().any(|item| !item.elements.is_empty()))
        && rng.random_bool(0.6);
    if !descend {
        return Some((elements, at));
    }
    let Value::Items(items) = &mut elements[at].value else {
        return None;
    };
    let item = rng.random_range(0..items.len());
    somewhere(&mut items[item].elements, rng)
}

/// Any element of the data set, or now and then of the meta group.
fn any_element<'a>(file: &'a mut File, rng: &mut ChaCha8Rng) -> Option<&'a mut Element> {
    let elements = if rng.random_bool(0.1) {
        &mut file.meta
    } else {
        &mut file.dataset
    };
    somewhere(elements, rng).map(|(elements, at)| &mut elements[at])
}
