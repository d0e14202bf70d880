//! How much a nodule changed, and how much of that its measurement may have made up.

use hilum_domain::growth::{volume_change_percent, volume_doubling_time_days};
use hilum_domain::{ChangeState, ComparedBy, NoduleType};

/// Changes below this are not told from the variation of volumetry by BTS 2015 and NELSON, however good a scan: the
/// limits of agreement of two scans of the same nodule on one day lie near +-25 %.
const LEAST_CHANGE_PERCENT: f64 = 25.0;
/// Standard deviation of where an outline lies, as a share of the voxel size. With 0.1, two scans of a solid nodule of
/// 6 mm at 0.7 x 0.7 x 1.25 mm agree within +-26 %, which is the published figure for nodules of that size.
const OUTLINE_ERROR: f64 = 0.10;
/// Ground glass fades out: its outline is less sure.
const FAINT: f64 = 1.5;
/// Two-sided 95 %.
const NORMAL_95: f64 = 1.96;

/// The change between two volumes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Growth {
    /// Volume in the prior CT, mm3; the sum when several nodules became one.
    pub prior_volume_mm3: f64,
    /// Volume in the current CT, mm3.
    pub current_volume_mm3: f64,
    /// Change in percent of the prior volume.
    pub percent: f64,
    /// Change that the error of both measurements alone exceeds once in forty times, percent.
    pub error_percent: f64,
    /// Volume doubling time in days, negative when shrinking; `None` without an interval or without a change.
    pub doubling_time_days: Option<f64>,
    /// What percentage and doubling time rest on. The volumes above are always those of the outlines.
    pub compared_by: ComparedBy,
}

/// A volume with the relative standard deviation of its measurement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Measured {
    pub(crate) volume_mm3: f64,
    pub(crate) relative_error: f64,
}

/// Relative standard deviation of a measured volume: an outline that lies `s` off changes the volume of a ball of
/// diameter `d` by `6 s / d`. `spacing_mm` is that of the CT's voxels.
pub fn relative_volume_error(volume_mm3: f64, nodule_type: NoduleType, spacing_mm: [f64; 3]) -> f64 {
    let diameter_mm = (6.0 * volume_mm3 / std::f64::consts::PI).cbrt();
    let voxel_mm = spacing_mm.iter().product::<f64>().cbrt();
    let outline_mm = match nodule_type {
        NoduleType::GroundGlass | NoduleType::PartSolid => FAINT * OUTLINE_ERROR * voxel_mm,
        NoduleType::Solid | NoduleType::Calcified | NoduleType::Fat => OUTLINE_ERROR * voxel_mm,
    };
    6.0 * outline_mm / diameter_mm
}

impl Growth {
    pub(crate) fn between(prior: Measured, current: Measured, interval_days: Option<u32>) -> Self {
        let (first, second) = (prior.volume_mm3, current.volume_mm3);
        let log_error = NORMAL_95 * prior.relative_error.hypot(current.relative_error);
        Self {
            prior_volume_mm3: first,
            current_volume_mm3: second,
            percent: volume_change_percent(first, second),
            error_percent: log_error.exp_m1() * 100.0,
            doubling_time_days: interval_days
                .and_then(|days| volume_doubling_time_days(first, second, f64::from(days))),
            compared_by: ComparedBy::Outlines,
        }
    }

    /// The same, when the tissue is `ratio` times that of the prior CT.
    pub(crate) fn by_tissue(self, ratio: f64, interval_days: Option<u32>) -> Self {
        Self {
            percent: volume_change_percent(1.0, ratio),
            doubling_time_days: interval_days
                .and_then(|days| volume_doubling_time_days(1.0, ratio, f64::from(days))),
            compared_by: ComparedBy::Tissue,
            ..self
        }
    }

    /// By the volumes alone: growing or shrinking when the change exceeds both its error and what counts as a change at all.
    pub fn state(&self) -> ChangeState {
        let limit = self.error_percent.max(LEAST_CHANGE_PERCENT);
        // Shrinking by the same factor.
        let shrinking = 100.0 * (1.0 / (1.0 + self.error_percent / 100.0) - 1.0);
        if self.percent >= limit {
            ChangeState::Growing
        } else if self.percent <= shrinking.min(-LEAST_CHANGE_PERCENT) {
            ChangeState::Shrinking
        } else {
            ChangeState::Stable
        }
    }
}

impl Measured {
    /// Of several nodules taken together.
    pub(crate) fn sum(parts: &[Self]) -> Self {
        let volume_mm3 = parts.iter().map(|part| part.volume_mm3).sum::<f64>();
        let error = parts
            .iter()
            .map(|part| (part.volume_mm3 * part.relative_error).powi(2))
            .sum::<f64>();
        Self {
            volume_mm3,
            relative_error: error.sqrt() / volume_mm3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(first: f64, second: f64, relative_error: f64) -> Growth {
        let of = |volume_mm3| Measured {
            volume_mm3,
            relative_error,
        };
        Growth::between(of(first), of(second), Some(90))
    }

    #[test]
    fn a_change_within_its_error_is_none() {
        for (second, relative_error, state) in [
            (125.0, 0.01, ChangeState::Growing),
            (124.9, 0.01, ChangeState::Stable),
            (75.0, 0.01, ChangeState::Shrinking),
            (75.1, 0.01, ChangeState::Stable),
            // Ten percent of error in each: 32 % may be nothing.
            (131.0, 0.10, ChangeState::Stable),
            (133.0, 0.10, ChangeState::Growing),
            (74.0, 0.13, ChangeState::Stable),
        ] {
            let growth = change(100.0, second, relative_error);
            assert_eq!(growth.state(), state, "{growth:?}");
        }
    }

    /// The figure that the outline error was chosen by, and that it falls with size and rises with the voxels.
    #[test]
    fn error_follows_size_and_voxels() {
        let limit = |diameter: f64, spacing| {
            let volume_mm3 = std::f64::consts::PI / 6.0 * diameter.powi(3);
            let relative_error = relative_volume_error(volume_mm3, NoduleType::Solid, spacing);
            change(volume_mm3, volume_mm3, relative_error).error_percent
        };
        let thin = [0.7, 0.7, 1.25];
        assert!((limit(6.0, thin) - 26.0).abs() < 1.5, "{}", limit(6.0, thin));
        assert!(limit(12.0, thin) < limit(6.0, thin) / 1.9);
        assert!(limit(6.0, [0.7, 0.7, 5.0]) > 1.5 * limit(6.0, thin));
        let solid = relative_volume_error(300.0, NoduleType::Solid, thin);
        assert!(relative_volume_error(300.0, NoduleType::GroundGlass, thin) > solid);
    }

    #[test]
    fn parts_add_up() {
        let part = Measured {
            volume_mm3: 100.0,
            relative_error: 0.1,
        };
        let sum = Measured::sum(&[part, part]);
        assert!((sum.volume_mm3 - 200.0).abs() < 1e-9);
        assert!((sum.relative_error - 0.1 / 2.0_f64.sqrt()).abs() < 1e-9);
    }
}
