//! Proportions with their intervals.

use serde::Serialize;

use crate::StatsError;
use crate::normal::two_sided_z;
use crate::sample::check_level;

/// A proportion with its Wilson interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Proportion {
    /// Successes.
    pub successes: usize,
    /// Trials.
    pub trials: usize,
    /// Successes by trials.
    pub value: f64,
    /// Lower limit.
    pub lo: f64,
    /// Upper limit.
    pub hi: f64,
}

/// A proportion with the score interval of Wilson (JASA 22 (1927) 209-212) of the given level.
///
/// Stays inside 0 to 1 and has width at 0 and at all successes. No trials at all is [`StatsError::Empty`].
pub fn wilson(successes: usize, trials: usize, level: f64) -> Result<Proportion, StatsError> {
    check_level(level)?;
    if trials == 0 {
        return Err(StatsError::Empty);
    }
    if successes > trials {
        return Err(StatsError::BadCount { successes, trials });
    }
    let (k, n) = (successes as f64, trials as f64);
    let value = k / n;
    let z2 = two_sided_z(level).powi(2);
    let centre = (value + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = (z2 * (value * (1.0 - value) / n + z2 / (4.0 * n * n))).sqrt() / (1.0 + z2 / n);
    Ok(Proportion {
        successes,
        trials,
        value,
        // Exact at the ends, where rounding would leave 1e-17.
        lo: if successes == 0 {
            0.0
        } else {
            (centre - half).max(0.0)
        },
        hi: if successes == trials {
            1.0
        } else {
            (centre + half).min(1.0)
        },
    })
}
