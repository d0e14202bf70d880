//! What is compared: a CT with its nodules.

use hilum_domain::{Lps, NoduleType};
use hilum_nodule::{LungMask, Measurement, Segmentation};
use hilum_volume::Volume;

use crate::growth::{Measured, relative_volume_error};

/// One CT with its nodules.
#[derive(Clone, Copy)]
pub struct Examination<'a> {
    /// The CT.
    pub volume: &'a Volume,
    /// Its lungs.
    pub lungs: &'a LungMask,
    /// Its nodules.
    pub nodules: &'a [Nodule],
    /// Who outlines a nodule in it that was not detected.
    pub outliner: &'a dyn Outliner,
}

/// Outlines nodules of one CT, the same way that its detected ones were: volumes by different ways are not compared.
pub trait Outliner {
    /// The nodule at a point (LPS mm of this CT); `None` where there is nothing to outline.
    fn outline(&self, seed: Lps) -> Option<Nodule>;
}

/// A nodule of one CT.
#[derive(Debug, Clone, PartialEq)]
pub struct Nodule {
    /// Centre of mass.
    pub center: Lps,
    /// Where its outline was started: outlining from there again gives the same voxels.
    pub seed: Lps,
    /// Longest line within the outline on the best axial slice.
    pub long_axis_mm: f64,
    /// Longest line perpendicular to it on the same slice.
    pub short_axis_mm: f64,
    /// Mean of long and short axis.
    pub mean_diameter_mm: f64,
    /// Volume of the outline.
    pub volume_mm3: f64,
    /// Attenuation type.
    pub nodule_type: NoduleType,
    /// The outline.
    pub segmentation: Segmentation,
}

impl Nodule {
    /// From its outline, what was measured on it, and the seed of the outline.
    pub fn new(measured: &Measurement, segmentation: Segmentation, seed: Lps) -> Self {
        Self {
            center: measured.center_lps,
            seed,
            long_axis_mm: measured.long_axis_mm,
            short_axis_mm: measured.short_axis_mm,
            mean_diameter_mm: measured.mean_diameter_mm,
            volume_mm3: measured.volume_mm3,
            nodule_type: measured.nodule_type,
            segmentation,
        }
    }

    pub(crate) fn holds(&self, volume: &Volume, point: Lps) -> bool {
        volume
            .voxel_at(point)
            .is_some_and(|at| self.segmentation.contains(at))
    }

    pub(crate) fn measured(&self, volume: &Volume) -> Measured {
        Measured {
            volume_mm3: self.volume_mm3,
            relative_error: relative_volume_error(self.volume_mm3, self.nodule_type, volume.spacing_mm()),
        }
    }
}
