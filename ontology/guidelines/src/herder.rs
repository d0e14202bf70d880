//! Herder model: the Mayo probability updated by the uptake on FDG-PET.
//!
//! Herder et al., Chest 2005;128:2490-2496; grades of uptake as the BTS guideline of 2015 defines them.
//! Check: a Mayo probability of 0.187 with intense uptake gives 0.673095.

use std::ops::RangeInclusive;

use crate::mayo::MayoInput;
use crate::table::{Cell, Inputs, Named};
use crate::units::{Probability, Quantity as _};

pub(crate) const COLUMNS: &[&str] = &["p"];
pub(crate) const CHAIN_COLUMNS: &[&str] = &["mayo_p", "p"];

const INTERCEPT: f64 = -4.739;
const MAYO: f64 = 3.691;

/// Diameters of the nodules that the model was made from.
const DIAMETERS_MM: RangeInclusive<f64> = 8.0..=30.0;

/// Uptake of a nodule on FDG-PET, by eye.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FdgUptake {
    /// Not above the lung around it.
    None,
    /// At most that of the mediastinal blood pool.
    Faint,
    /// Above the mediastinal blood pool.
    Moderate,
    /// Markedly above the mediastinal blood pool.
    Intense,
}

impl Named for FdgUptake {
    const NAMES: &'static [(&'static str, Self)] = &[
        ("none", Self::None),
        ("faint", Self::Faint),
        ("moderate", Self::Moderate),
        ("intense", Self::Intense),
    ];
}

impl FdgUptake {
    const fn coefficient(self) -> f64 {
        match self {
            Self::None => 0.0,
            Self::Faint => 2.322,
            Self::Moderate => 4.617,
            Self::Intense => 4.771,
        }
    }
}

/// Probability of cancer after PET, from the Mayo probability before it.
pub fn herder(mayo: Probability, uptake: FdgUptake) -> Probability {
    Probability::of_logit(INTERCEPT + MAYO * mayo.get() + uptake.coefficient())
}

/// A row with `mayo_p`.
pub(crate) fn answer(inputs: &mut Inputs<'_>) -> Vec<Cell> {
    let mayo = inputs.quantity("mayo_p");
    let uptake = inputs.named("fdg");
    vec![Cell::quantity(
        mayo.zip(uptake).map(|(mayo, uptake)| herder(mayo, uptake)),
    )]
}

/// A row with the inputs of Mayo.
pub(crate) fn answer_chain(inputs: &mut Inputs<'_>) -> Vec<Cell> {
    let mayo = MayoInput::read(inputs);
    let uptake = inputs.named("fdg");
    let diameter = mayo.map(|input| input.diameter);
    inputs.remark_beyond("diameter_mm", diameter, &DIAMETERS_MM, "Herder was made for");
    let before = mayo.map(|input| input.probability());
    let after = before.zip(uptake).map(|(before, uptake)| herder(before, uptake));
    vec![Cell::quantity(before), Cell::quantity(after)]
}
