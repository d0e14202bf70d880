//! Brock (`PanCan`) models 2a and 2b: probability that a nodule found by screening is cancer.
//!
//! `McWilliams` et al., N Engl J Med 2013;369:910-919, Table 2, in the rounded form of the paper. Confirmed by the
//! uncentred form in PMC6717521 Table 2 (intercept 0.2761 = -6.7892 + 5.3854 * 1.58113883 - 62 * 0.0287 + 4 * 0.0824).
//! The paper does not say in every place which diameter it means; the size is what the caller measured.

use crate::table::{Cell, Inputs, Named};
use crate::units::{AgeYears, Millimetres, NoduleCount, Probability, Quantity as _, indicator};

pub(crate) const COLUMNS: &[&str] = &["p_2b", "p_2a"];

/// What both models ask for.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the inputs that the paper lists, by name"
)]
pub struct BrockInput {
    /// Age.
    pub age: AgeYears,
    /// A woman.
    pub female: bool,
    /// Lung cancer in the family.
    pub family_history: bool,
    /// Emphysema seen on CT, not clinical COPD alone.
    pub emphysema: bool,
    /// Size of the nodule.
    pub size: Millimetres,
    /// Attenuation.
    pub nodule_type: BrockType,
    /// In the right or left upper lobe; the lingula counts as left upper lobe.
    pub upper_lobe: bool,
    /// Non-calcified nodules on the scan.
    pub nodule_count: NoduleCount,
}

/// Attenuation as the models know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BrockType {
    /// Solid: the reference.
    Solid,
    /// Part-solid.
    PartSolid,
    /// Nonsolid (pure ground glass).
    Nonsolid,
}

impl Named for BrockType {
    const NAMES: &'static [(&'static str, Self)] = &[
        ("solid", Self::Solid),
        ("part_solid", Self::PartSolid),
        ("nonsolid", Self::Nonsolid),
        ("non_solid", Self::Nonsolid),
        ("ground_glass", Self::Nonsolid),
    ];
}

impl BrockInput {
    /// Model 2b, for a nodule whose margin could be judged.
    ///
    /// ```
    /// use hilum_guidelines::{AgeYears, BrockInput, BrockType, Millimetres, NoduleCount, Quantity as _};
    /// // 55-year-old man with emphysema and one solid nodule of 7 mm in a lower lobe.
    /// let case = BrockInput {
    ///     age: AgeYears::new(55.0)?, female: false, family_history: false, emphysema: true,
    ///     size: Millimetres::new(7.0)?, nodule_type: BrockType::Solid, upper_lobe: false,
    ///     nodule_count: NoduleCount::new(1.0)?,
    /// };
    /// assert!((case.with_spiculation(false).get() - 0.012502).abs() < 1e-6);
    /// # Ok::<(), hilum_guidelines::OutOfRange>(())
    /// ```
    pub fn with_spiculation(&self, spiculation: bool) -> Probability {
        Probability::of_logit(MODEL_2B.logit(self) + SPICULATION_2B * indicator(spiculation))
    }

    /// Model 2a, for a nodule whose margin could not be judged: another fit, not 2b without a spicule.
    pub fn without_spiculation(&self) -> Probability {
        Probability::of_logit(MODEL_2A.logit(self))
    }
}

struct Coefficients {
    constant: f64,
    age_per_year: f64,
    female: f64,
    family_history: f64,
    emphysema: f64,
    size: f64,
    part_solid: f64,
    nonsolid: f64,
    upper_lobe: f64,
    per_nodule: f64,
}

/// Table 2, full model with spiculation.
const MODEL_2B: Coefficients = Coefficients {
    constant: -6.7892,
    age_per_year: 0.0287,
    female: 0.6011,
    family_history: 0.2961,
    emphysema: 0.2953,
    size: -5.3854,
    part_solid: 0.377,
    nonsolid: -0.1276,
    upper_lobe: 0.6581,
    per_nodule: -0.0824,
};
const SPICULATION_2B: f64 = 0.7729;

/// Table 2, full model without spiculation. One source prints -0.3055 for nonsolid; the one that was checked against
/// the paper's table prints -0.3005. Both round to an odds ratio of 0.74.
const MODEL_2A: Coefficients = Coefficients {
    constant: -6.8071,
    age_per_year: 0.0321,
    female: 0.5635,
    family_history: 0.3013,
    emphysema: 0.3462,
    size: -5.6693,
    part_solid: 0.3395,
    nonsolid: -0.3005,
    upper_lobe: 0.7116,
    per_nodule: -0.0803,
};

/// Centres of age and count.
const AGE_CENTRE: f64 = 62.0;
const COUNT_CENTRE: f64 = 4.0;
/// `(4 mm / 10)^-0.5`, with the paper's digits.
const SIZE_CENTRE: f64 = 1.581_138_83;

impl Coefficients {
    fn logit(&self, input: &BrockInput) -> f64 {
        let size = (input.size.get() / 10.0).powf(-0.5) - SIZE_CENTRE;
        let attenuation = match input.nodule_type {
            BrockType::Solid => 0.0,
            BrockType::PartSolid => self.part_solid,
            BrockType::Nonsolid => self.nonsolid,
        };
        self.constant
            + self.age_per_year * (input.age.get() - AGE_CENTRE)
            + self.female * indicator(input.female)
            + self.family_history * indicator(input.family_history)
            + self.emphysema * indicator(input.emphysema)
            + self.size * size
            + attenuation
            + self.upper_lobe * indicator(input.upper_lobe)
            + self.per_nodule * (input.nodule_count.get() - COUNT_CENTRE)
    }
}

/// A row: 2a needs no spiculation, 2b does.
pub(crate) fn answer(inputs: &mut Inputs<'_>) -> Vec<Cell> {
    let age = inputs.quantity("age");
    let female = inputs.flag("female");
    let family_history = inputs.flag("family_history");
    let emphysema = inputs.flag("emphysema");
    let size = inputs.quantity("size_mm");
    let nodule_type = inputs.named("type");
    let upper_lobe = inputs.flag("upper_lobe");
    let nodule_count = inputs.quantity("nodule_count");
    let spiculation = inputs.flag("spiculation");
    let input = (|| {
        Some(BrockInput {
            age: age?,
            female: female?,
            family_history: family_history?,
            emphysema: emphysema?,
            size: size?,
            nodule_type: nodule_type?,
            upper_lobe: upper_lobe?,
            nodule_count: nodule_count?,
        })
    })();
    let p_2b = input
        .zip(spiculation)
        .map(|(input, spiculation)| input.with_spiculation(spiculation));
    let p_2a = input.map(|input| input.without_spiculation());
    vec![Cell::quantity(p_2b), Cell::quantity(p_2a)]
}
