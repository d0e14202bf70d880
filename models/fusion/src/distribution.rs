//! Whether a crop looks like what the model was trained on.

use hilum_domain::{Reason, ReasonCode};
use hilum_imaging::NoduleCrop;
use serde::{Deserialize, Serialize};

/// Pixels below this are aerated lung (or air).
const AERATED_HU: i16 = -500;
/// What a range is widened by on both sides, since training HU are estimates: share of pixels and HU.
const MARGIN_AERATED: f64 = 0.02;
const MARGIN_HU: f64 = 60.0;
/// Factor on the range of diameters.
const MARGIN_DIAMETER: f64 = 1.25;

/// Ranges of plain statistics over the crops that were trained on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingRange {
    /// Share of pixels below -500 HU.
    pub aerated: [f64; 2],
    /// Mean HU.
    pub mean_hu: [f64; 2],
    /// Equivalent diameter in mm.
    pub eq_diam_mm: [f64; 2],
}

impl TrainingRange {
    /// The range of some crops, without the outermost half per cent on either side (failed HU estimates); `None`
    /// without a crop or without a diameter.
    pub fn of<'a>(crops: impl IntoIterator<Item = &'a NoduleCrop>) -> Option<Self> {
        let (mut aerated, mut mean_hu, mut diameters) = (Vec::new(), Vec::new(), Vec::new());
        for crop in crops {
            let statistics = Statistics::of(crop);
            aerated.push(statistics.aerated);
            mean_hu.push(statistics.mean_hu);
            diameters.extend(crop.eq_diam_mm());
        }
        diameters.sort_by(f64::total_cmp);
        Some(Self {
            aerated: trimmed(aerated)?,
            mean_hu: trimmed(mean_hu)?,
            eq_diam_mm: [*diameters.first()?, *diameters.last()?],
        })
    }

    /// Why a crop is unlike the training crops, or `None`.
    pub fn check(&self, crop: &NoduleCrop) -> Option<Reason> {
        let Statistics { aerated, mean_hu } = Statistics::of(crop);
        let [lo, hi] = self.aerated;
        if aerated < lo - MARGIN_AERATED || aerated > hi + MARGIN_AERATED {
            return Some(outside("share of aerated pixels", aerated, lo, hi));
        }
        let [lo, hi] = self.mean_hu;
        if mean_hu < lo - MARGIN_HU || mean_hu > hi + MARGIN_HU {
            return Some(outside("mean HU of the crop", mean_hu, lo, hi));
        }
        let [lo, hi] = self.eq_diam_mm;
        let mm = crop.eq_diam_mm()?;
        (mm < lo / MARGIN_DIAMETER || mm > hi * MARGIN_DIAMETER)
            .then(|| outside("equivalent diameter in mm", mm, lo, hi))
    }
}

struct Statistics {
    aerated: f64,
    mean_hu: f64,
}

impl Statistics {
    fn of(crop: &NoduleCrop) -> Self {
        let hu = crop.hu();
        let n = hu.len() as f64;
        // Padding outside a scanner's field of view is as low as -3024 and is air too.
        let sum: f64 = hu.iter().map(|&hu| f64::from(hu.max(-1024))).sum();
        Self {
            aerated: hu.iter().filter(|&&hu| hu < AERATED_HU).count() as f64 / n,
            mean_hu: sum / n,
        }
    }
}

fn trimmed(mut values: Vec<f64>) -> Option<[f64; 2]> {
    values.sort_by(f64::total_cmp);
    let cut = values.len() / 200;
    Some([*values.get(cut)?, values[values.len() - 1 - cut]])
}

fn outside(what: &str, value: f64, lo: f64, hi: f64) -> Reason {
    Reason::new(
        ReasonCode::OutOfDistribution,
        format!("{what} is {value:.2}, in training it was {lo:.2} to {hi:.2}"),
    )
}
