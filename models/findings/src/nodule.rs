//! A nodule as a text describes it.

use hilum_domain::Lobe;
use serde::Serialize;

use crate::section::Section;

/// A nodule, with everything that a text says of it; what it does not say is absent, never guessed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Nodule {
    /// Always `nodule`.
    pub kind: &'static str,
    /// Lobe; the lingula belongs to the left upper lobe.
    pub lobe: Option<Lobe>,
    /// Segment, for example `apical` or `lingula`.
    pub segment: Option<&'static str>,
    /// `right`, `left` or `bilateral`, where the text names a side.
    pub laterality: Option<&'static str>,
    /// Place at a fissure, the pleura or the hilum, for example `minor_fissure`.
    pub location: Option<String>,
    /// Whether it lies at a fissure.
    pub perifissural: bool,
    /// `solid`, `part_solid`, `ground_glass`, `calcified` or `fat`.
    #[serde(rename = "type")]
    pub nodule_type: Option<&'static str>,
    /// Margins, in the order of the text.
    pub margin: Vec<&'static str>,
    /// Shape, for example `triangular`.
    pub shape: Option<&'static str>,
    /// Image features, in the order of the text.
    pub features: Vec<&'static str>,
    /// Margins and features that are said not to be there.
    pub negated_features: Vec<&'static str>,
    /// Long axis or the only size given; the upper end of a range.
    pub long_mm: Option<f64>,
    /// Short axis.
    pub short_mm: Option<f64>,
    /// Mean of both axes, or as given.
    pub mean_mm: Option<f64>,
    /// Lower end, where the size is a range.
    pub low_mm: Option<f64>,
    /// Size of the solid component.
    pub solid_mm: Option<f64>,
    /// Volume.
    pub volume_mm3: Option<f64>,
    /// Mean attenuation.
    pub mean_hu: Option<f64>,
    /// Series number.
    pub series: Option<u32>,
    /// Image number within the series.
    pub image: Option<u32>,
    /// `multiple`, `solitary` or a number.
    pub count: Option<String>,
    /// Whether it is called the largest of several.
    pub largest: bool,
    /// `growing`, `stable`, `decreased`, `new` or `resolved`.
    pub change: Option<&'static str>,
    /// Date of the prior that it is compared with, as precise as written: 2023, 2023-03 or 2023-03-15.
    pub prior_date: Option<String>,
    /// Long axis then.
    pub prior_long_mm: Option<f64>,
    /// Months between both.
    pub interval_months: Option<f64>,
    /// What it is thought to be.
    pub diagnosis: Option<&'static str>,
    /// How sure the text is of that: `likely`, `probable`, `possible`.
    pub certainty: Option<&'static str>,
    /// Part of the report in which it is first spoken of.
    pub section: Section,
    /// First code point of its first description.
    pub start: u32,
    /// Code point after that description.
    pub end: u32,
    /// Every place where it is spoken of, the first included.
    pub mentions: Vec<[u32; 2]>,
    /// Changes that contradict each other, sizes and sides said twice: kept for the discrepancies.
    #[serde(skip)]
    pub(crate) conflicts: Vec<Conflict>,
}

/// Something that a description says twice, and differently.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Conflict {
    /// Another lobe.
    Lobe(Lobe, [u32; 2]),
    /// Another size.
    Size(f64, [u32; 2]),
    /// Another change.
    Change(&'static str, [u32; 2]),
}

/// What a report says beside its nodules.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Other {
    /// What is said not to be there, for example `nodule`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub negated: Vec<String>,
    /// `no nodule`, when nodules are denied and none is described.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub impression: Option<&'static str>,
    /// What is advised first, for example `follow-up CT`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recommendation: Option<&'static str>,
    /// When: months from now; the lower end of a range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval_months: Option<f64>,
    /// Upper end, where the text gives a range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval_months_high: Option<f64>,
    /// Lung-RADS category, for example `4A` or `2S`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lung_rads: Option<String>,
}

impl Nodule {
    /// A nodule of which nothing is known but where it is spoken of.
    pub(crate) fn at(span: (u32, u32), section: Section) -> Self {
        Self {
            kind: "nodule",
            lobe: None,
            segment: None,
            laterality: None,
            location: None,
            perifissural: false,
            nodule_type: None,
            margin: Vec::new(),
            shape: None,
            features: Vec::new(),
            negated_features: Vec::new(),
            long_mm: None,
            short_mm: None,
            mean_mm: None,
            low_mm: None,
            solid_mm: None,
            volume_mm3: None,
            mean_hu: None,
            series: None,
            image: None,
            count: None,
            largest: false,
            change: None,
            prior_date: None,
            prior_long_mm: None,
            interval_months: None,
            diagnosis: None,
            certainty: None,
            section,
            start: span.0,
            end: span.1,
            mentions: vec![[span.0, span.1]],
            conflicts: Vec::new(),
        }
    }

    /// The side that the text names, by its lobe or by itself.
    pub fn side(&self) -> Option<&'static str> {
        match self.lobe {
            Some(Lobe::RightUpper | Lobe::RightMiddle | Lobe::RightLower) => Some("right"),
            Some(Lobe::LeftUpper | Lobe::LeftLower) => Some("left"),
            None => self.laterality.filter(|side| *side != "bilateral"),
        }
    }
}
