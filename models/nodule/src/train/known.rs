//! Where a training CT is known to hold nodules.

use std::path::Path;

use hilum_domain::Lps;
use hilum_volume::Volume;

use crate::NoduleError;

/// Around an annotated nodule, from its centre: this share of its diameter and so many mm on top are neither
/// nodule nor background.
const MARGIN: (f64, f64) = (0.75, 6.0);
/// For rows without a diameter.
const TYPICAL_MM: f64 = 8.0;

/// Annotated nodules of one series.
pub(super) struct KnownNodules {
    places: Vec<(Lps, f64)>,
}

impl KnownNodules {
    /// Reads `nodules.csv`: columns `series_uid`, `x`, `y` (pixels), `z_mm` (slices, `|`-separated),
    /// `eq_diam_mm`. A series that is not listed has none.
    pub(super) fn read(data_dir: &Path, volume: &Volume) -> Result<Self, NoduleError> {
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
        let [series, x, y, z, diameter] = [
            column("series_uid")?,
            column("x")?,
            column("y")?,
            column("z_mm")?,
            column("eq_diam_mm")?,
        ];
        let mut places = Vec::new();
        for (at, row) in table.records().enumerate() {
            let row = row.map_err(|error| refuse(error.to_string()))?;
            if row.get(series) != Some(volume.series_instance_uid().as_str()) {
                continue;
            }
            let number = |column: usize| {
                let cell = row.get(column).unwrap_or_default();
                cell.parse::<f64>()
                    .map_err(|_| refuse(format!("row {}: {:?} is no number", at + 2, headers.get(column))))
            };
            let slices: Vec<f64> = row
                .get(z)
                .unwrap_or_default()
                .split('|')
                .filter_map(|z| z.parse().ok())
                .collect();
            let (Some(first), Some(last)) = (slices.first(), slices.last()) else {
                return Err(refuse(format!("row {}: no slice position", at + 2)));
            };
            let center = in_volume(volume, number(x)?, number(y)?, f64::midpoint(*first, *last));
            places.push((center, number(diameter).unwrap_or(TYPICAL_MM)));
        }
        Ok(Self { places })
    }

    /// Whether a place is too near to an annotated nodule to be background.
    pub(super) fn near(&self, place: Lps) -> bool {
        self.places
            .iter()
            .any(|(center, diameter)| center.distance_mm(place) < MARGIN.0 * diameter + MARGIN.1)
    }
}

/// Column and row in pixels and the patient's z: the slice is found along the axial grid.
fn in_volume(volume: &Volume, column: f64, row: f64, z_mm: f64) -> Lps {
    let affine = volume.affine();
    let at_first = affine.to_lps([column, row, 0.0]).0[2];
    let per_slice = affine.to_lps([column, row, 1.0]).0[2] - at_first;
    affine.to_lps([column, row, (z_mm - at_first) / per_slice])
}
