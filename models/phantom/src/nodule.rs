//! What a nodule of the phantom is asked to be.

use hilum_domain::{Lobe, Lps, NoduleType};
use serde::Serialize;

/// A nodule at a place.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PhantomNodule {
    /// Centre in LPS mm, in this CT.
    pub center_lps_mm: Lps,
    /// Diameter in millimetres of the ball of the same volume, spicules and what pleura or fissure cut off apart.
    pub diameter_mm: f64,
    /// What it is made of. A part-solid nodule has a solid core of half its diameter.
    pub kind: NoduleType,
    /// 0 for none to 1 for marked: number and length of thin spikes.
    pub spiculation: f64,
    /// 0 for a ball to 1 for marked: height of the bulges.
    pub lobulation: f64,
    /// What it touches. Pleura and fissures cut off what would lie beyond them.
    pub attachment: Attachment,
}

/// What a nodule touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Attachment {
    /// Lung all around.
    Free,
    /// Sits on the pleura of the chest wall.
    Juxtapleural,
    /// Sits on a vessel.
    Juxtavascular,
    /// Sits on a fissure.
    Perifissural,
}

/// A nodule to be placed where the seed says.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct WantedNodule {
    /// As [`PhantomNodule::diameter_mm`].
    pub diameter_mm: f64,
    /// What it is made of.
    pub kind: NoduleType,
    /// As [`PhantomNodule::spiculation`].
    pub spiculation: f64,
    /// As [`PhantomNodule::lobulation`].
    pub lobulation: f64,
    /// What it touches.
    pub attachment: Attachment,
    /// In this lobe; anywhere when `None`.
    pub lobe: Option<Lobe>,
}

impl PhantomNodule {
    /// A ball.
    pub const fn ball(center_lps_mm: Lps, diameter_mm: f64, kind: NoduleType) -> Self {
        Self {
            center_lps_mm,
            diameter_mm,
            kind,
            spiculation: 0.0,
            lobulation: 0.0,
            attachment: Attachment::Free,
        }
    }
}

impl WantedNodule {
    /// A ball somewhere in the lungs.
    pub const fn ball(diameter_mm: f64, kind: NoduleType) -> Self {
        Self {
            diameter_mm,
            kind,
            spiculation: 0.0,
            lobulation: 0.0,
            attachment: Attachment::Free,
            lobe: None,
        }
    }

    pub(crate) const fn at(&self, center_lps_mm: Lps) -> PhantomNodule {
        PhantomNodule {
            center_lps_mm,
            diameter_mm: self.diameter_mm,
            kind: self.kind,
            spiculation: self.spiculation,
            lobulation: self.lobulation,
            attachment: self.attachment,
        }
    }
}

impl Attachment {
    /// Whether the nodule ends where another lobe or the chest wall begins.
    pub(crate) const fn is_cut(self) -> bool {
        matches!(self, Self::Juxtapleural | Self::Perifissural)
    }
}
