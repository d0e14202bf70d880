//! Where training CTs are known to hold nodules.

use std::collections::HashMap;
use std::path::Path;

use hilum_domain::Lps;
use hilum_volume::Volume;

use super::KnownNodule;
use crate::NoduleError;

/// Around an annotated nodule, from its centre: this share of its diameter and so many mm on top are neither
/// nodule nor background.
const MARGIN: (f64, f64) = (0.75, 6.0);
/// For rows without a diameter.
const TYPICAL_MM: f64 = 8.0;

/// A nodule by the readers' table.
#[derive(Debug, Clone)]
pub(super) struct Annotation {
    pub(super) id: String,
    /// Pixels.
    pub(super) column: f64,
    pub(super) row: f64,
    /// Middle of its slices along the patient's axis.
    pub(super) z_mm: f64,
    pub(super) diameter_mm: f64,
    /// Readers who outlined it.
    outlines: u8,
}

/// All annotated nodules, by series.
pub(super) struct Annotations {
    by_series: HashMap<String, Vec<Annotation>>,
}

impl Annotations {
    /// Reads `nodules.csv`: columns `id`, `series_uid`, `x`, `y` (pixels), `z_mm` (slices, `|`-separated),
    /// `eq_diam_mm`, `n_masks`. A row without a position says nothing and is passed over.
    pub(super) fn read(data_dir: &Path) -> Result<Self, NoduleError> {
        let path = data_dir.join("nodules.csv");
        let refuse = |why: String| NoduleError::Positions {
            path: path.clone(),
            why,
        };
        let mut table = csv::Reader::from_path(&path).map_err(|error| refuse(error.to_string()))?;
        let headers = table
            .headers()
            .map_err(|error| refuse(error.to_string()))?
            .clone();
        let column = |name: &str| {
            headers
                .iter()
                .position(|header| header == name)
                .ok_or_else(|| refuse(format!("no column {name}")))
        };
        let [id, series, x, y, z, diameter, outlines] = [
            column("id")?,
            column("series_uid")?,
            column("x")?,
            column("y")?,
            column("z_mm")?,
            column("eq_diam_mm")?,
            column("n_masks")?,
        ];
        let mut by_series: HashMap<String, Vec<Annotation>> = HashMap::new();
        for (at, row) in table.records().enumerate() {
            let row = row.map_err(|error| refuse(error.to_string()))?;
            let number = |column: usize| {
                let cell = row.get(column).unwrap_or_default();
                cell.parse::<f64>()
                    .map_err(|_| refuse(format!("row {}: {:?} is no number", at + 2, headers.get(column))))
            };
            let cell = |column: usize| row.get(column).unwrap_or_default();
            let slices: Vec<f64> = cell(z).split('|').filter_map(|z| z.parse().ok()).collect();
            let (Some(first), Some(last)) = (slices.first(), slices.last()) else {
                continue;
            };
            if cell(x).is_empty() || cell(y).is_empty() {
                continue;
            }
            let of_series = by_series.entry(cell(series).to_owned()).or_default();
            of_series.push(Annotation {
                id: cell(id).to_owned(),
                column: number(x)?,
                row: number(y)?,
                z_mm: f64::midpoint(*first, *last),
                diameter_mm: number(diameter).unwrap_or(TYPICAL_MM),
                outlines: number(outlines)? as u8,
            });
        }
        Ok(Self { by_series })
    }

    /// Those of one series; a series that is not listed has none.
    pub(super) fn of(&self, series_uid: &str) -> &[Annotation] {
        self.by_series.get(series_uid).map_or(&[], Vec::as_slice)
    }

    /// Those of a CT that so many readers outlined, in its own frame.
    pub(super) fn in_volume(&self, volume: &Volume, least_outlines: u8) -> Vec<KnownNodule> {
        let affine = volume.affine();
        self.of(volume.series_instance_uid().as_str())
            .iter()
            .filter(|nodule| nodule.outlines >= least_outlines)
            .map(|nodule| {
                let [i, j] = [nodule.column, nodule.row];
                let at_first = affine.to_lps([i, j, 0.0]).0[2];
                let per_slice = affine.to_lps([i, j, 1.0]).0[2] - at_first;
                KnownNodule {
                    center: affine.to_lps([i, j, (nodule.z_mm - at_first) / per_slice]),
                    diameter_mm: nodule.diameter_mm,
                }
            })
            .collect()
    }
}

/// Whether a place `distance_mm` from the centre of a nodule is too near to it to be background.
pub(super) fn too_near(distance_mm: f64, diameter_mm: f64) -> bool {
    distance_mm < MARGIN.0 * diameter_mm + MARGIN.1
}

/// The same for any of some nodules.
pub(super) fn near_any(nodules: &[KnownNodule], place: Lps) -> bool {
    nodules
        .iter()
        .any(|nodule| too_near(nodule.center.distance_mm(place), nodule.diameter_mm))
}
