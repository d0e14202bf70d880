//! Nodules of known place, size and kind.

use hilum_domain::{Lps, NoduleType, Uid};
use serde::Serialize;

/// A nodule of the phantom: a sphere.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PhantomNodule {
    /// Centre in LPS mm.
    pub center_lps_mm: Lps,
    /// Diameter in millimetres.
    pub diameter_mm: f64,
    /// What it is made of. A part-solid nodule has a solid core of half its diameter.
    pub kind: NoduleType,
}

/// Everything that is known about a phantom.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PhantomTruth {
    /// Seed it was made from.
    pub seed: u64,
    /// Study Instance UID.
    pub study_instance_uid: Uid,
    /// Series Instance UID.
    pub series_instance_uid: Uid,
    /// The nodules.
    pub nodules: Vec<PhantomNodule>,
}

impl PhantomNodule {
    /// HU of what lies `distance_mm` from the centre, given what would be there without the nodule; edges are
    /// blurred over `edge_mm`.
    pub(crate) fn blend(&self, distance_mm: f64, edge_mm: f64, background_hu: f64) -> f64 {
        let inside = |radius: f64| ((radius - distance_mm) / edge_mm + 0.5).clamp(0.0, 1.0);
        let mix = |from: f64, to: f64, part: f64| from + (to - from) * part;
        let radius = self.diameter_mm / 2.0;
        match self.kind {
            NoduleType::Solid => mix(background_hu, 35.0, inside(radius)),
            NoduleType::Calcified => mix(background_hu, 420.0, inside(radius)),
            NoduleType::Fat => mix(background_hu, -80.0, inside(radius)),
            NoduleType::GroundGlass => mix(background_hu, -590.0, inside(radius)),
            NoduleType::PartSolid => {
                let shell = mix(background_hu, -560.0, inside(radius));
                mix(shell, 30.0, inside(radius / 2.0))
            }
        }
    }
}
