//! NELSON: category of a nodule by its volume at baseline.
//!
//! Below 50 mm³ (4.6 mm) negative, 50 to 500 mm³ indeterminate, above 500 mm³ (9.8 mm) positive.

use crate::table::{Cell, Inputs};
use crate::units::{CubicMillimetres, Quantity as _, above, at_least};

pub(crate) const COLUMNS: &[&str] = &["expected"];

const INDETERMINATE_FROM_MM3: f64 = 50.0;
const POSITIVE_ABOVE_MM3: f64 = 500.0;

/// Category at baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NelsonBaseline {
    /// Next round of screening.
    Negative,
    /// Repeated CT for the doubling time.
    Indeterminate,
    /// Referral.
    Positive,
}

impl NelsonBaseline {
    /// The wire form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Negative => "negative",
            Self::Indeterminate => "indeterminate",
            Self::Positive => "positive",
        }
    }
}

/// Category of a volume at baseline; both limits are indeterminate.
pub fn nelson_baseline(volume: CubicMillimetres) -> NelsonBaseline {
    if above(volume.get(), POSITIVE_ABOVE_MM3) {
        NelsonBaseline::Positive
    } else if at_least(volume.get(), INDETERMINATE_FROM_MM3) {
        NelsonBaseline::Indeterminate
    } else {
        NelsonBaseline::Negative
    }
}

pub(crate) fn answer(inputs: &mut Inputs<'_>) -> Vec<Cell> {
    let category = inputs.quantity("volume_mm3").map(nelson_baseline);
    vec![Cell::word(category.map(NelsonBaseline::as_str))]
}
