//! Looking again, at a known place.

use std::ops::Range;

use hilum_domain::Lps;

use crate::nodule::{Examination, Nodule};

/// Longer than this is a vessel.
const LONGEST: f64 = 1.8;
/// Steps to the sides of the expected place, mm: registration is not exact, and an outline starts near its seed.
const STEP_MM: f64 = 3.0;

/// What is looked for.
pub(crate) struct Sought<'a> {
    /// The nodule as the other CT shows it.
    pub(crate) nodule: &'a Nodule,
    /// Where it should be in this one.
    pub(crate) expected: Lps,
    /// How far from there it may be.
    pub(crate) within_mm: f64,
    /// Volumes that it may have, relative to the other CT.
    pub(crate) volume: Range<f64>,
}

/// The outline at the expected place that could be the nodule, unless it is one of those that are known there.
pub(crate) fn look(examination: &Examination<'_>, sought: &Sought<'_>) -> Option<Nodule> {
    let (volume, lungs) = (examination.volume, examination.lungs);
    let Lps([x, y, z]) = sought.expected;
    let seeds = [
        [0.0, 0.0, 0.0],
        [STEP_MM, 0.0, 0.0],
        [-STEP_MM, 0.0, 0.0],
        [0.0, STEP_MM, 0.0],
        [0.0, -STEP_MM, 0.0],
        [0.0, 0.0, STEP_MM],
        [0.0, 0.0, -STEP_MM],
    ];
    seeds
        .into_iter()
        .map(|[dx, dy, dz]| Lps([x + dx, y + dy, z + dz]))
        .filter(|seed| lungs.contains(volume, *seed))
        .filter_map(|seed| {
            let found = examination.outliner.outline(seed)?;
            let is_round = found.long_axis_mm <= LONGEST * found.short_axis_mm;
            let is_near = found.center.distance_mm(sought.expected) <= sought.within_mm;
            let ratio = found.volume_mm3 / sought.nodule.volume_mm3;
            let is_known = examination
                .nodules
                .iter()
                .any(|known| known.holds(volume, found.center) || found.holds(volume, known.center));
            (is_round && is_near && sought.volume.contains(&ratio) && !is_known).then_some(found)
        })
        .min_by(|a, b| {
            let off = |found: &Nodule| found.center.distance_mm(sought.expected);
            off(a).total_cmp(&off(b))
        })
}
