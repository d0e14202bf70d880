//! Which tokens are hidden, as in BERT: of those chosen, eight of ten show `[MASK]`, one a random token, one itself.

use rand::Rng;

/// What a masked window asks.
pub(super) struct Masked {
    /// Ids as shown.
    pub(super) shown: Vec<i64>,
    /// Places that are to be guessed.
    pub(super) places: Vec<usize>,
}

/// Hides tokens of a framed window; its first and last token are special and stay. At least one is hidden.
pub(super) fn mask(window: &[i64], share: f64, mask: i64, vocabulary: i64, rng: &mut impl Rng) -> Masked {
    let mut masked = Masked {
        shown: window.to_vec(),
        places: Vec::new(),
    };
    let inner = 1..window.len() - 1;
    let certain = if inner.is_empty() {
        None
    } else {
        Some(rng.random_range(inner.clone()))
    };
    for place in inner {
        if Some(place) != certain && !rng.random_bool(share) {
            continue;
        }
        masked.places.push(place);
        match rng.random_range(0..10) {
            0..8 => masked.shown[place] = mask,
            8 => masked.shown[place] = rng.random_range(0..vocabulary),
            _ => {}
        }
    }
    masked
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn special_tokens_stay_and_shares_are_kept() {
        let window: Vec<i64> = (0..10_000).collect();
        let masked = mask(&window, 0.15, -1, 10_000, &mut ChaCha8Rng::seed_from_u64(1));
        assert_eq!((masked.shown[0], masked.shown[9999]), (0, 9999));
        let share = masked.places.len() as f64 / 10_000.0;
        assert!((share - 0.15).abs() < 0.02, "{share}");
        let hidden = masked.shown.iter().filter(|id| **id == -1).count() as f64;
        assert!((hidden / masked.places.len() as f64 - 0.8).abs() < 0.05);
        let changed = masked.shown.iter().zip(&window).filter(|(a, b)| a != b).count();
        assert!(changed > hidden as usize && changed <= masked.places.len());
        assert_eq!(
            mask(&[1, 5, 2], 0.0, -1, 9, &mut ChaCha8Rng::seed_from_u64(1)).places,
            [1]
        );
    }
}
