//! Mayo Clinic model: probability that a solitary nodule is cancer.
//!
//! Swensen et al., Arch Intern Med 1997;157:849-855, equation on page 852. PMC6717521 prints the intercept as -6.872,
//! a misprint: every other source has -6.8272.

use std::ops::RangeInclusive;

use crate::table::{Cell, Inputs};
use crate::units::{AgeYears, Millimetres, Probability, Quantity as _, indicator};

pub(crate) const COLUMNS: &[&str] = &["p"];

const INTERCEPT: f64 = -6.8272;
const AGE_PER_YEAR: f64 = 0.0391;
const SMOKER_EVER: f64 = 0.7917;
const EXTRATHORACIC_CANCER: f64 = 1.3388;
const DIAMETER_PER_MM: f64 = 0.1274;
const SPICULATION: f64 = 1.0407;
const UPPER_LOBE: f64 = 0.7838;

/// Diameters of the nodules that the model was made from.
const DIAMETERS_MM: RangeInclusive<f64> = 4.0..=30.0;

/// What the model asks for. Not for patients with lung cancer, or with another cancer within five years.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the inputs that the paper lists, by name"
)]
pub struct MayoInput {
    /// Age.
    pub age: AgeYears,
    /// Smokes or has smoked.
    pub smoker_ever: bool,
    /// A cancer outside the chest more than five years ago.
    pub extrathoracic_cancer: bool,
    /// Diameter of the nodule.
    pub diameter: Millimetres,
    /// Spiculated margin.
    pub spiculation: bool,
    /// In an upper lobe.
    pub upper_lobe: bool,
}

impl MayoInput {
    /// Probability of cancer before PET.
    pub fn probability(&self) -> Probability {
        Probability::of_logit(
            INTERCEPT
                + AGE_PER_YEAR * self.age.get()
                + SMOKER_EVER * indicator(self.smoker_ever)
                + EXTRATHORACIC_CANCER * indicator(self.extrathoracic_cancer)
                + DIAMETER_PER_MM * self.diameter.get()
                + SPICULATION * indicator(self.spiculation)
                + UPPER_LOBE * indicator(self.upper_lobe),
        )
    }

    /// Reads a row; a diameter that the model was not made for gets a remark and is computed nevertheless.
    pub(crate) fn read(inputs: &mut Inputs<'_>) -> Option<Self> {
        let age = inputs.quantity("age");
        let smoker_ever = inputs.flag("smoker");
        let extrathoracic_cancer = inputs.flag("cancer");
        let diameter = inputs.quantity("diameter_mm");
        let spiculation = inputs.flag("spiculation");
        let upper_lobe = inputs.flag("upper_lobe");
        inputs.remark_beyond("diameter_mm", diameter, &DIAMETERS_MM, "Mayo was made for");
        Some(Self {
            age: age?,
            smoker_ever: smoker_ever?,
            extrathoracic_cancer: extrathoracic_cancer?,
            diameter: diameter?,
            spiculation: spiculation?,
            upper_lobe: upper_lobe?,
        })
    }
}

pub(crate) fn answer(inputs: &mut Inputs<'_>) -> Vec<Cell> {
    let p = MayoInput::read(inputs).map(|input| input.probability());
    vec![Cell::quantity(p)]
}
