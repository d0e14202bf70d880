//! One nodule: its pictures, outlines and readings.

use hilum_domain::Uid;

use crate::{Characteristic, Reading};

/// Side of a square tile in pixels of the original CT (native in-plane spacing, nodule at the centre).
pub const TILE_SIDE: usize = 80;

/// Pixels of one tile, row-major.
pub type Tile = [u8; TILE_SIDE * TILE_SIDE];

/// Estimated way back from a slice's grey values to HU: `hu = slope * grey + intercept`.
///
/// About 20 HU off in the median slice and 97 HU at the 90th percentile, so nothing may rest on it alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HuMap {
    /// HU per grey level.
    pub slope: f64,
    /// HU of grey level 0.
    pub intercept_hu: f64,
    /// Quality of the estimate, 0 to 1.
    pub quality: f64,
}

impl HuMap {
    /// The estimated HU of a grey value.
    pub fn hu(&self, grey: u8) -> f32 {
        (self.slope * f64::from(grey) + self.intercept_hu) as f32
    }
}

/// One axial slice of a nodule. Slices exist only where a reader drew an outline.
#[derive(Debug, Clone, PartialEq)]
pub struct Slice {
    /// Position along the patient axis in mm; `None` when the source does not say.
    pub z_mm: Option<f64>,
    /// Grey value to HU; `None` when the cohort has no `slices.csv`.
    pub hu_map: Option<HuMap>,
    /// Grey values `[80][80]`, scaled per slice.
    pub tile: Box<Tile>,
    /// Outlines `[80][80]`: bit `j` set where reader `j` counts the pixel to the nodule.
    pub mask: Box<Tile>,
}

/// What is known of the patient's disease. Per patient, not per nodule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Diagnosis {
    /// Looked for and not established.
    Unknown,
    /// Benign or non-malignant disease.
    Benign,
    /// Primary lung cancer.
    PrimaryCancer,
    /// Metastasis of another cancer.
    Metastatic,
}

/// One nodule of the cohort.
///
/// Invariants: at least one slice, slices in the order of the source, ratings within their scales.
#[derive(Debug, Clone, PartialEq)]
pub struct Nodule {
    /// Patient number and running number, `PPPP_KK`.
    pub id: String,
    /// The research identifier of the patient.
    pub patient: String,
    /// Fold of the patient.
    pub fold: u8,
    /// The CT series, when known.
    pub series_uid: Option<Uid>,
    /// Readings that were matched to this nodule; empty for a few.
    pub readings: Vec<Reading>,
    /// Number of outlines drawn (bits used in the masks).
    pub n_masks: u8,
    /// Volume by the readers' outlines, when spacing is known.
    pub volume_mm3: Option<f64>,
    /// Diameter of the sphere with that volume.
    pub eq_diam_mm: Option<f64>,
    /// The patient's diagnosis, when there is one.
    pub diagnosis: Option<Diagnosis>,
    /// The slices.
    pub slices: Vec<Slice>,
}

impl Nodule {
    /// Number of readings.
    pub fn n_readers(&self) -> usize {
        self.readings.len()
    }

    /// Median malignancy rating; `None` without a reading.
    pub fn malignancy_median(&self) -> Option<f64> {
        median(self.readings.iter().map(|reading| reading.malignancy).collect())
    }

    /// Mean malignancy rating; `None` without a reading.
    pub fn malignancy_mean(&self) -> Option<f64> {
        mean(self.readings.iter().map(|reading| reading.malignancy))
    }

    /// Median rating of one characteristic; `None` without a reading.
    pub fn characteristic_median(&self, characteristic: Characteristic) -> Option<f64> {
        median(
            self.readings
                .iter()
                .map(|reading| reading.of(characteristic))
                .collect(),
        )
    }

    /// Mean rating of one characteristic; `None` without a reading.
    pub fn characteristic_mean(&self, characteristic: Characteristic) -> Option<f64> {
        mean(self.readings.iter().map(|reading| reading.of(characteristic)))
    }
}

fn median(mut ratings: Vec<u8>) -> Option<f64> {
    ratings.sort_unstable();
    let n = ratings.len();
    if n == 0 {
        return None;
    }
    Some(f64::midpoint(
        f64::from(ratings[(n - 1) / 2]),
        f64::from(ratings[n / 2]),
    ))
}

fn mean(ratings: impl ExactSizeIterator<Item = u8>) -> Option<f64> {
    let n = ratings.len();
    (n > 0).then(|| ratings.map(f64::from).sum::<f64>() / n as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_and_mean() {
        for (ratings, want_median, want_mean) in [
            (vec![], None, None),
            (vec![4], Some(4.0), Some(4.0)),
            (vec![5, 2], Some(3.5), Some(3.5)),
            (vec![5, 1, 3], Some(3.0), Some(3.0)),
            (vec![4, 5, 2, 2], Some(3.0), Some(3.25)),
        ] {
            assert_eq!(median(ratings.clone()), want_median);
            assert_eq!(mean(ratings.into_iter()), want_mean);
        }
    }
}
