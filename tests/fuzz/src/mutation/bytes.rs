//! Damage to the file as bytes, deflated bodies and their bombs included.

use std::sync::LazyLock;

use rand::Rng as _;
use rand::seq::IndexedRandom as _;
use rand_chacha::ChaCha8Rng;

use super::lengths::EDGES;
use crate::encode;
use crate::part10::{Encoding, File};

/// Bodies that inflate to 16, 60 and 300 MiB.
static BOMBS: LazyLock<[Vec<u8>; 3]> = LazyLock::new(|| [16, 60, 300].map(|mib| encode::bomb(mib << 20)));

/// One to three kinds of damage.
pub(super) fn damage(bytes: &mut Vec<u8>, rng: &mut ChaCha8Rng) {
    for _ in 0..rng.random_range(1..=3) {
        if bytes.is_empty() {
            return;
        }
        // Headers are where structure is; pixels are most of the bytes.
        let reach = if rng.random_bool(0.7) { 2000 } else { usize::MAX };
        let at = rng.random_range(0..bytes.len().min(reach));
        match rng.random_range(0..10) {
            0 | 1 => bytes[at] ^= 1 << rng.random_range(0..8),
            2 | 3 => bytes[at] = rng.random(),
            4 | 5 => {
                let edge = EDGES.choose(rng).copied().unwrap_or(0).to_le_bytes();
                let width = if rng.random_bool(0.5) { 2 } else { 4 };
                if let Some(place) = bytes.get_mut(at..at + width) {
                    place.copy_from_slice(&edge[..width]);
                }
            }
            6 => bytes.truncate(at),
            7 => {
                let end = bytes.len().min(at + rng.random_range(1..40));
                bytes.drain(at..end);
            }
            8 => {
                let end = bytes.len().min(at + rng.random_range(1..400));
                let copy = bytes[at..end].to_vec();
                let place = rng.random_range(0..=bytes.len());
                bytes.splice(place..place, copy);
            }
            _ if rng.random_bool(0.03) => *bytes = bomb(rng),
            _ => bytes.extend((0..rng.random_range(1..200)).map(|_| rng.random::<u8>())),
        }
    }
}

/// A deflated file whose body is a bomb.
fn bomb(rng: &mut ChaCha8Rng) -> Vec<u8> {
    let mut file = File {
        meta: vec![],
        encoding: Encoding::Explicit,
        deflated: false,
        dataset: vec![],
    };
    let syntaxes = ["1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.4.95"];
    file.claim_transfer_syntax(syntaxes.choose(rng).copied().unwrap_or_default());
    let mut bytes = file.to_bytes();
    if let Some(body) = BOMBS.choose(rng) {
        bytes.extend(body);
    }
    bytes
}
