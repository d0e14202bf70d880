//! Veterans Affairs model: probability that a solitary nodule is cancer.
//!
//! Gould et al., Chest 2007;131:383-388. PMC6717521 prints years since quitting without its minus sign.

use crate::table::{Cell, Inputs};
use crate::units::{AgeYears, Millimetres, Probability, Quantity as _, YearsSinceQuit};

pub(crate) const COLUMNS: &[&str] = &["p"];

const INTERCEPT: f64 = -8.404;
const SMOKER_EVER: f64 = 2.061;
const AGE_PER_10_YEARS: f64 = 0.779;
const DIAMETER_PER_MM: f64 = 0.112;
const SINCE_QUIT_PER_10_YEARS: f64 = -0.567;

/// What the model asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VaInput {
    /// Age.
    pub age: AgeYears,
    /// Smoking, past and present.
    pub smoking: Smoking,
    /// Diameter of the nodule.
    pub diameter: Millimetres,
}

/// Smoking, past and present.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Smoking {
    /// Never smoked.
    Never,
    /// Smokes (0 years) or has quit.
    Ever(YearsSinceQuit),
}

impl VaInput {
    /// Probability of cancer.
    pub fn probability(&self) -> Probability {
        let smoking = match self.smoking {
            Smoking::Never => 0.0,
            Smoking::Ever(quit) => SMOKER_EVER + SINCE_QUIT_PER_10_YEARS * quit.get() / 10.0,
        };
        Probability::of_logit(
            INTERCEPT
                + smoking
                + AGE_PER_10_YEARS * self.age.get() / 10.0
                + DIAMETER_PER_MM * self.diameter.get(),
        )
    }
}

/// A row. Who never smoked has quit nothing: an empty `years_since_quit` is right there, and one above 0 contradicts.
pub(crate) fn answer(inputs: &mut Inputs<'_>) -> Vec<Cell> {
    let age = inputs.quantity("age");
    let diameter = inputs.quantity("diameter_mm");
    let smoking = smoking(inputs);
    let input = (|| {
        Some(VaInput {
            age: age?,
            smoking: smoking?,
            diameter: diameter?,
        })
    })();
    vec![Cell::quantity(input.map(|input| input.probability()))]
}

fn smoking(inputs: &mut Inputs<'_>) -> Option<Smoking> {
    if inputs.flag("smoker")? {
        return inputs.quantity("years_since_quit").map(Smoking::Ever);
    }
    if inputs.has("years_since_quit") {
        let years: YearsSinceQuit = inputs.quantity("years_since_quit")?;
        if years.get() > 0.0 {
            inputs.wrong("years_since_quit is above 0 although smoker is false");
            return None;
        }
    }
    Some(Smoking::Never)
}
