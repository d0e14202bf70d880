//! Growth: volume change, volume doubling time, and the classes of BTS 2015 and NELSON.
//!
//! Modified Schwartz formula, `VDT = ln 2 * days / ln(V2 / V1)`; from diameters of a sphere
//! `ln 2 * days / (3 ln(D2 / D1))`. BTS 2015 (Thorax 2015;70 Suppl 2) and NELSON share the limits of 25 % and of 400
//! and 600 days and differ at the limits.

use hilum_domain::growth::{volume_change_percent, volume_doubling_time_days};

use crate::measurement::sphere_volume;
use crate::table::{Cell, Inputs};
use crate::units::{CubicMillimetres, Days, Millimetres, Quantity as _, above, at_least};

pub(crate) const COLUMNS: &[&str] = &["vdt_days", "volume_change_percent", "bts_class", "nelson_class"];

/// A change below this is within the error of volumetry. The table in Thorax prints "> 25 %"; exactly 25 % counts as
/// growth here, as in the calculators that follow the guideline ("stable" is below 25 %).
const STABLE_BELOW_PERCENT: f64 = 25.0;
const FAST_DAYS: f64 = 400.0;
const SLOW_DAYS: f64 = 600.0;

/// How a nodule changed between two examinations.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VolumeChange {
    /// Later volume over earlier.
    ratio: f64,
    interval: Days,
}

/// Growth as the BTS guideline of 2015 sorts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BtsGrowth {
    /// Less than 25 % either way.
    Stable,
    /// Smaller by 25 % or more.
    Decreasing,
    /// Doubles within 400 days: further work-up.
    To400Days,
    /// Doubles in more than 400 and up to 600 days: biopsy or surveillance.
    To600Days,
    /// Doubles in more than 600 days: discharge or surveillance.
    Over600Days,
}

/// Growth as NELSON sorts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NelsonGrowth {
    /// Less than 25 % larger.
    NoGrowth,
    /// Doubles in less than 400 days: positive.
    Fast,
    /// Doubles in 400 to 600 days.
    Intermediate,
    /// Doubles in more than 600 days: negative.
    Slow,
}

impl VolumeChange {
    /// From two volumes.
    pub fn of_volumes(first: CubicMillimetres, second: CubicMillimetres, interval: Days) -> Self {
        Self {
            ratio: second.get() / first.get(),
            interval,
        }
    }

    /// From two diameters, taking the nodule as a sphere.
    pub fn of_diameters(first: Millimetres, second: Millimetres, interval: Days) -> Self {
        Self {
            ratio: (second.get() / first.get()).powi(3),
            interval,
        }
    }

    /// Change of volume in percent of the first; negative when it shrank.
    pub fn percent(&self) -> f64 {
        volume_change_percent(1.0, self.ratio)
    }

    /// Days in which the volume doubles; negative (days in which it halves) when it shrank, `None` when it is equal.
    pub fn doubling_time_days(&self) -> Option<f64> {
        volume_doubling_time_days(1.0, self.ratio, self.interval.get())
    }

    fn has_grown(&self) -> Option<f64> {
        self.doubling_time_days()
            .filter(|_| at_least(self.percent(), STABLE_BELOW_PERCENT))
    }

    /// The class of BTS 2015.
    pub fn bts(&self) -> BtsGrowth {
        match self.has_grown() {
            Some(days) if above(days, SLOW_DAYS) => BtsGrowth::Over600Days,
            Some(days) if above(days, FAST_DAYS) => BtsGrowth::To600Days,
            Some(_) => BtsGrowth::To400Days,
            None if at_least(-self.percent(), STABLE_BELOW_PERCENT) => BtsGrowth::Decreasing,
            None => BtsGrowth::Stable,
        }
    }

    /// The class of NELSON.
    pub fn nelson(&self) -> NelsonGrowth {
        match self.has_grown() {
            Some(days) if above(days, SLOW_DAYS) => NelsonGrowth::Slow,
            Some(days) if at_least(days, FAST_DAYS) => NelsonGrowth::Intermediate,
            Some(_) => NelsonGrowth::Fast,
            None => NelsonGrowth::NoGrowth,
        }
    }
}

impl BtsGrowth {
    /// The wire form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::Decreasing => "decreasing",
            Self::To400Days => "<=400",
            Self::To600Days => "400-600",
            Self::Over600Days => ">600",
        }
    }
}

impl NelsonGrowth {
    /// The wire form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoGrowth => "no_growth",
            Self::Fast => "fast_<400",
            Self::Intermediate => "intermediate_400_600",
            Self::Slow => "slow_>600",
        }
    }
}

/// A row with volumes, or with diameters. Where it has both, and the volumes are the spheres of the diameters, rounded,
/// the diameters are the more exact; volumes that are no spheres were measured, and count.
pub(crate) fn answer(inputs: &mut Inputs<'_>) -> Vec<Cell> {
    let Some(change) = read(inputs) else {
        return vec![Cell::Empty; COLUMNS.len()];
    };
    let days = change.doubling_time_days();
    if days.is_none() {
        inputs.remark("vdt_days is infinite: the size is the same");
    }
    vec![
        Cell::number(days),
        Cell::number(Some(change.percent())),
        Cell::word(Some(change.bts().as_str())),
        Cell::word(Some(change.nelson().as_str())),
    ]
}

fn read(inputs: &mut Inputs<'_>) -> Option<VolumeChange> {
    let interval = inputs.quantity("interval_days");
    let diameters = if inputs.has("d1_mm") && inputs.has("d2_mm") {
        let (first, second) = (inputs.quantity("d1_mm"), inputs.quantity("d2_mm"));
        Some((first?, second?))
    } else {
        None
    };
    let has_volumes = inputs.has("v1_mm3") || inputs.has("v2_mm3");
    if let Some((first, second)) = diameters.filter(|_| !has_volumes) {
        inputs.remark("from d1_mm and d2_mm, as of spheres");
        return Some(VolumeChange::of_diameters(first, second, interval?));
    }
    let volumes: [Option<CubicMillimetres>; 2] = ["v1_mm3", "v2_mm3"].map(|column| inputs.quantity(column));
    let [first, second] = [volumes[0]?, volumes[1]?];
    match diameters {
        Some((d1, d2)) if is_rounded_sphere(first, d1) && is_rounded_sphere(second, d2) => {
            Some(VolumeChange::of_diameters(d1, d2, interval?))
        }
        _ => Some(VolumeChange::of_volumes(first, second, interval?)),
    }
}

/// Whether a volume is that of the sphere, rounded to two decimals or five digits.
fn is_rounded_sphere(volume: CubicMillimetres, diameter: Millimetres) -> bool {
    let sphere = sphere_volume(diameter);
    (volume.get() - sphere).abs() <= (1e-5 * sphere).max(0.005)
}
