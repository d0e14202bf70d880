//! What a series is measured by.

use std::collections::BTreeMap;
use std::fmt;

use hilum_volume::{LoadedSeries, Volume};
use serde::Deserialize;

use crate::{LungView, coverage, header, metal, motion, noise};

/// Something that has a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Age of the patient.
    AgeYears,
    /// Body Part Examined.
    BodyPart,
    /// Slice Thickness.
    SliceThicknessMm,
    /// Distance between slices, from their positions.
    SliceSpacingMm,
    /// Whether the header names a contrast agent.
    ContrastAgent,
    /// Cross-section of the lungs on the slice nearest to the head, as a share of their largest.
    LungCutAtApex,
    /// The same on the slice nearest to the feet.
    LungCutAtBase,
    /// Standard deviation within homogeneous soft tissue.
    NoiseHu,
    /// Share of the body's voxels as bright as metal.
    MetalShare,
    /// Displacement of the lungs' outline against both neighbouring slices.
    MotionMm,
}

/// The value of a measure.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// The measure was tried and cannot be had.
    Unknown,
    /// A number in the measure's unit.
    Number(f64),
    /// A name.
    Name(String),
    /// Yes or no.
    Flag(bool),
}

/// What kind of value a measure has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Number,
    Name,
    Flag,
}

impl Measure {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::AgeYears,
        Self::BodyPart,
        Self::SliceThicknessMm,
        Self::SliceSpacingMm,
        Self::ContrastAgent,
        Self::LungCutAtApex,
        Self::LungCutAtBase,
        Self::NoiseHu,
        Self::MetalShare,
        Self::MotionMm,
    ];

    /// The name in the indication file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AgeYears => "age_years",
            Self::BodyPart => "body_part",
            Self::SliceThicknessMm => "slice_thickness_mm",
            Self::SliceSpacingMm => "slice_spacing_mm",
            Self::ContrastAgent => "contrast_agent",
            Self::LungCutAtApex => "lung_cut_at_apex",
            Self::LungCutAtBase => "lung_cut_at_base",
            Self::NoiseHu => "noise_hu",
            Self::MetalShare => "metal_share",
            Self::MotionMm => "motion_mm",
        }
    }

    /// The unit that a limit must name: UCUM, `1` for shares, empty where there is none.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::AgeYears => "a",
            Self::BodyPart | Self::ContrastAgent => "",
            Self::SliceThicknessMm | Self::SliceSpacingMm | Self::MotionMm => "mm",
            Self::LungCutAtApex | Self::LungCutAtBase | Self::MetalShare => "1",
            Self::NoiseHu => "[hnsf'U]",
        }
    }

    pub(crate) const fn kind(self) -> Kind {
        match self {
            Self::BodyPart => Kind::Name,
            Self::ContrastAgent => Kind::Flag,
            _ => Kind::Number,
        }
    }

    /// Whether the value says something about the person, so that no message may hold it.
    pub(crate) const fn is_personal(self) -> bool {
        matches!(self, Self::AgeYears | Self::BodyPart)
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Measures of one series. A measure that was not tried is not in it.
#[derive(Clone, Default)]
pub struct Measures(BTreeMap<Measure, Value>);

impl Measures {
    /// What the headers and the geometry say.
    pub fn of_header(series: &LoadedSeries) -> Self {
        let header = &series.header;
        let body_part = header.body_part.clone().map_or(Value::Unknown, Value::Name);
        Self(BTreeMap::from([
            (Measure::AgeYears, header::age_years(header).into()),
            (Measure::BodyPart, body_part),
            (Measure::SliceThicknessMm, header.slice_thickness_mm.into()),
            (
                Measure::SliceSpacingMm,
                Value::Number(series.volume.spacing_mm()[2]),
            ),
            (
                Measure::ContrastAgent,
                Value::Flag(header::names_contrast(header)),
            ),
        ]))
    }

    /// What the voxels say.
    pub fn of_voxels(volume: &Volume, lungs: &LungView<'_>) -> Self {
        let cuts = coverage::lung_cuts(lungs);
        let hu = volume.whole_hu();
        let noise = noise::noise_hu(hu.view(), volume.spacing_mm());
        Self(BTreeMap::from([
            (Measure::LungCutAtApex, Value::Number(cuts.apex)),
            (Measure::LungCutAtBase, Value::Number(cuts.base)),
            (Measure::NoiseHu, noise.into()),
            (Measure::MetalShare, metal::metal_share(hu.view()).into()),
            (Measure::MotionMm, motion::motion_mm(lungs).into()),
        ]))
    }

    /// The value of a measure; `None` when it was not tried.
    pub fn get(&self, measure: Measure) -> Option<&Value> {
        self.0.get(&measure)
    }

    /// Sets a measure.
    #[must_use]
    pub fn with(mut self, measure: Measure, value: Value) -> Self {
        self.0.insert(measure, value);
        self
    }
}

impl From<Option<f64>> for Value {
    fn from(number: Option<f64>) -> Self {
        number.map_or(Self::Unknown, Self::Number)
    }
}

/// What says something about the person is masked.
impl fmt::Debug for Measures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (measure, value) in &self.0 {
            if measure.is_personal() {
                map.entry(measure, &"[redacted]");
            } else {
                map.entry(measure, value);
            }
        }
        map.finish()
    }
}
