//! The chest as it lies in the scanner.

use hilum_domain::Lobe;

use crate::anatomy::{Anatomy, Lung, Tissue};
use crate::breath::Pose;

/// A chest in one position and breath; points are LPS mm of the scanner.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Space {
    pub(crate) anatomy: Anatomy,
    pub(crate) pose: Pose,
}

impl Space {
    pub(crate) fn tissue(&self, point: [f64; 3]) -> Tissue {
        self.anatomy.tissue(self.pose.to_reference(point))
    }

    pub(crate) fn lung_at(&self, point: [f64; 3]) -> Option<Lung> {
        self.anatomy.lung_at(self.pose.to_reference(point))
    }

    pub(crate) fn lobe_at(&self, point: [f64; 3]) -> Option<Lobe> {
        self.anatomy.lobe_at(self.pose.to_reference(point))
    }

    /// Distance to the nearest fissure of this lung in mm, exact but for what the breath stretches.
    pub(crate) fn fissure_distance_mm(&self, lung: Lung, point: [f64; 3]) -> f64 {
        self.anatomy
            .fissure_distance_mm(lung, self.pose.to_reference(point))
    }
}
