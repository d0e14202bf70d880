//! What a comparison says.

use std::fmt;

use hilum_domain::{ChangeState, Lps};

use crate::growth::Growth;
use crate::nodule::Nodule;
use crate::register::Registration;

/// What became of the nodules between two CTs.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// How the CTs lie to each other.
    pub registration: Registration,
    /// One for each nodule of the current CT, in its order.
    pub current: Vec<Followed>,
    /// Nodules of the prior CT that were not detected in the current one but are still there.
    pub missed: Vec<(Nodule, Followed)>,
    /// Nodules of the prior CT that are gone.
    pub resolved: Vec<Resolved>,
}

/// What happened to a nodule of the current CT.
#[derive(Debug, Clone, PartialEq)]
pub struct Followed {
    /// In one word.
    pub state: ChangeState,
    /// Its nodules in the prior CT, by index; several when they merged, none when it is new or was found by looking.
    pub prior: Vec<usize>,
    /// Its outline in the prior CT where it was not detected then.
    pub found_in_prior: Option<Nodule>,
    /// The change; `None` when it is new.
    pub growth: Option<Growth>,
    /// Distance from the expected place, mm; `None` when it is new.
    pub distance_mm: Option<f64>,
    /// How far off the expected place may be (one standard deviation), mm.
    pub registration_error_mm: f64,
    /// Why this may be wrong; empty when it is not in doubt.
    pub doubts: Vec<Doubt>,
}

/// A nodule of the prior CT that is gone.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolved {
    /// By index.
    pub prior: usize,
    /// Where it would be in the current CT.
    pub expected: Lps,
    /// Why this may be wrong.
    pub doubts: Vec<Doubt>,
}

/// Why a match may be wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Doubt {
    /// Another nodule is almost as likely to be the same.
    Ambiguous,
    /// It lies far from where it should.
    FarOff {
        /// By so much.
        distance_mm: f64,
    },
    /// Its volume changed by more than a factor of four.
    SizeJump,
    /// Calcium, fat or ground glass do not turn into each other.
    TypeChanged,
    /// The CTs do not fit well here.
    PoorRegistration {
        /// One standard deviation.
        error_mm: f64,
    },
    /// Its outlines differ, but the same region holds the same tissue in both CTs.
    OutlinesDiffer,
    /// It was not detected in one of the CTs, but outlined when looked for.
    FoundByLooking,
    /// The other CT does not show this place.
    NotCovered,
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ambiguous => f.write_str("another nodule is almost as likely to be the same"),
            Self::FarOff { distance_mm } => write!(f, "it lies {distance_mm:.1} mm from where it should"),
            Self::SizeJump => f.write_str("its volume differs by more than a factor of four"),
            Self::TypeChanged => f.write_str("its type is not one that the other turns into"),
            Self::PoorRegistration { error_mm } => {
                write!(f, "the examinations fit each other here to {error_mm:.1} mm only")
            }
            Self::OutlinesDiffer => f.write_str("its outlines differ more than the tissue within them does"),
            Self::FoundByLooking => {
                f.write_str("it was not detected in one examination, only outlined where it was looked for")
            }
            Self::NotCovered => f.write_str("the other examination does not show this place"),
        }
    }
}
