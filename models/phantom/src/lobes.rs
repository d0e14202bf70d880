//! Fissures and the lobes between them.

use hilum_domain::Lobe;

use crate::anatomy::{Anatomy, Lung};

/// Where the oblique fissure lies at the back and at the front, as a share of the chest's height.
const OBLIQUE_BACK: f64 = 0.75;
const OBLIQUE_FRONT: f64 = 0.12;
/// The y of back and front in millimetres.
const BACK_MM: f64 = 84.0;
const FRONT_MM: f64 = -78.0;
/// Height of the horizontal fissure, as a share of the chest's height.
const HORIZONTAL: f64 = 0.47;
/// Fissures are not flat: how much they rise from the middle of a lung to its side, mm.
const BEND_MM: f64 = 5.0;
/// Half the width of a lung, mm.
const HALF_LUNG_MM: f64 = 56.0;
/// Middle of a lung to the side of the mediastinum, mm.
const LUNG_X_MM: f64 = 77.0;

/// Signed distances from the fissures of a lung in millimetres, positive above them.
#[derive(Debug, Clone, Copy)]
struct Fissures {
    oblique_mm: f64,
    /// `None` in the left lung.
    horizontal_mm: Option<f64>,
}

impl Anatomy {
    /// The lobe that holds a point.
    pub(crate) fn lobe_at(&self, point: [f64; 3]) -> Option<Lobe> {
        self.lung_at(point).map(|lung| self.lobe_in(lung, point))
    }

    /// The lobe of a point that lies in this lung.
    pub(crate) fn lobe_in(&self, lung: Lung, point: [f64; 3]) -> Lobe {
        let fissures = self.fissures(lung, point);
        match (fissures.oblique_mm > 0.0, fissures.horizontal_mm) {
            (true, None) => Lobe::LeftUpper,
            (false, None) => Lobe::LeftLower,
            (true, Some(above)) if above > 0.0 => Lobe::RightUpper,
            (true, Some(_)) => Lobe::RightMiddle,
            (false, Some(_)) => Lobe::RightLower,
        }
    }

    /// Distance to the nearest fissure of this lung in millimetres.
    pub(crate) fn fissure_distance_mm(&self, lung: Lung, point: [f64; 3]) -> f64 {
        let fissures = self.fissures(lung, point);
        let oblique = fissures.oblique_mm.abs();
        match fissures.horizontal_mm {
            // The horizontal fissure ends at the oblique one.
            Some(above) if fissures.oblique_mm > 0.0 => oblique.min(above.abs()),
            _ => oblique,
        }
    }

    fn fissures(&self, lung: Lung, [x, y, z]: [f64; 3]) -> Fissures {
        let bend = BEND_MM * ((x.abs() - LUNG_X_MM) / HALF_LUNG_MM).powi(2);
        let slope = (OBLIQUE_BACK - OBLIQUE_FRONT) * self.height_mm / (BACK_MM - FRONT_MM);
        let oblique = OBLIQUE_FRONT * self.height_mm + slope * (y - FRONT_MM) + bend;
        Fissures {
            oblique_mm: (z - oblique) / (1.0 + slope * slope).sqrt(),
            horizontal_mm: (lung == Lung::Right).then_some(z - HORIZONTAL * self.height_mm - bend),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Places that every radiologist would name the same.
    #[test]
    fn known_places() {
        let anatomy = Anatomy {
            seed: 1,
            height_mm: 300.0,
            blood_hu: 45.0,
        };
        for (point, lobe) in [
            ([-76.0, 0.0, 240.0], Some(Lobe::RightUpper)),
            ([-76.0, -50.0, 125.0], Some(Lobe::RightMiddle)),
            ([-76.0, 50.0, 110.0], Some(Lobe::RightLower)),
            ([78.0, -30.0, 220.0], Some(Lobe::LeftUpper)),
            ([78.0, 60.0, 110.0], Some(Lobe::LeftLower)),
            ([0.0, 0.0, 150.0], None),
        ] {
            assert_eq!(anatomy.lobe_at(point), lobe, "{point:?}");
        }
    }
}
