//! The two tables of a cohort: `nodules.csv` and `slices.csv`.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use hilum_domain::Uid;
use serde::Deserialize;

use crate::archive::MAX_SLICES;
use crate::{Characteristic, CohortError, Diagnosis, Folds, HuMap, Nodule, Reading, Slice};

/// A nodule whose pictures are not read yet.
pub(crate) struct Row {
    pub(crate) nodule: Nodule,
    pub(crate) z_mm: Vec<Option<f64>>,
}

/// Columns as the file names them. Cells that may be empty or hold lists stay text until they are checked.
#[derive(Deserialize)]
struct Record {
    id: String,
    patient: String,
    n_slices: usize,
    n_masks: u8,
    series_uid: String,
    z_mm: String,
    subtlety: String,
    #[serde(rename = "internalStructure")]
    internal_structure: String,
    calcification: String,
    sphericity: String,
    margin: String,
    lobulation: String,
    spiculation: String,
    texture: String,
    malignancy: String,
    vol_mm3: Option<f64>,
    eq_diam_mm: Option<f64>,
    dx_patient: Option<f64>,
    fold: u8,
}

/// Rows of `nodules.csv` in the folds asked for, in file order.
pub(crate) fn read_nodules(path: &Path, bytes: &[u8], folds: &Folds) -> Result<Vec<Row>, CohortError> {
    let mut seen = HashSet::new();
    let mut rows = Vec::new();
    for record in csv::Reader::from_reader(bytes).deserialize() {
        let record: Record = record.map_err(|source| CohortError::Table {
            path: path.to_owned(),
            source,
        })?;
        if !seen.insert(record.id.clone()) {
            return Err(CohortError::Duplicate {
                id: record.id,
                file: "nodules.csv",
            });
        }
        if folds.contains(record.fold, &record.patient) {
            rows.push(row(record)?);
        }
    }
    Ok(rows)
}

fn row(record: Record) -> Result<Row, CohortError> {
    let cell = |column, value: &str, expected| CohortError::Cell {
        id: record.id.clone(),
        column,
        value: value.chars().take(40).collect(),
        expected,
    };
    if record.n_slices == 0 || record.n_slices > MAX_SLICES {
        return Err(cell("n_slices", &record.n_slices.to_string(), "1 to 1024"));
    }
    let z_mm = positions(&record.z_mm, record.n_slices)
        .ok_or_else(|| cell("z_mm", &record.z_mm, "one number or blank per slice"))?;
    let readings = readings(&record)?;
    let series_uid = match record.series_uid.as_str() {
        "" => None,
        text => Some(Uid::parse(text).map_err(|_| cell("series_uid", text, "a DICOM UID"))?),
    };
    for (column, value) in [("vol_mm3", record.vol_mm3), ("eq_diam_mm", record.eq_diam_mm)] {
        if let Some(value) = value.filter(|value| !(value.is_finite() && *value > 0.0)) {
            return Err(cell(column, &value.to_string(), "a positive number or blank"));
        }
    }
    let diagnosis = match record.dx_patient {
        None => None,
        Some(0.0) => Some(Diagnosis::Unknown),
        Some(1.0) => Some(Diagnosis::Benign),
        Some(2.0) => Some(Diagnosis::PrimaryCancer),
        Some(3.0) => Some(Diagnosis::Metastatic),
        Some(other) => return Err(cell("dx_patient", &other.to_string(), "0, 1, 2, 3 or blank")),
    };
    Ok(Row {
        nodule: Nodule {
            patient: record.patient,
            fold: record.fold,
            series_uid,
            readings,
            n_masks: record.n_masks,
            volume_mm3: record.vol_mm3,
            eq_diam_mm: record.eq_diam_mm,
            diagnosis,
            slices: Vec::with_capacity(record.n_slices),
            id: record.id,
        },
        z_mm,
    })
}

/// `-125|-122.5||-117.5`: one position per slice, blank where unknown. An empty cell means none is known.
fn positions(text: &str, n_slices: usize) -> Option<Vec<Option<f64>>> {
    if text.is_empty() {
        return Some(vec![None; n_slices]);
    }
    let positions: Vec<Option<f64>> = text
        .split('|')
        .map(|part| match part {
            "" => Ok(None),
            part => part.parse().map(Some),
        })
        .collect::<Result<_, _>>()
        .ok()?;
    (positions.len() == n_slices).then_some(positions)
}

fn readings(record: &Record) -> Result<Vec<Reading>, CohortError> {
    let malignancy = ratings(record, "malignancy", &record.malignancy, 5)?;
    let mut readings: Vec<Reading> = malignancy
        .iter()
        .map(|&malignancy| Reading {
            malignancy,
            characteristics: [0; 8],
        })
        .collect();
    for characteristic in Characteristic::ALL {
        let text = match characteristic {
            Characteristic::Texture => &record.texture,
            Characteristic::Margin => &record.margin,
            Characteristic::Spiculation => &record.spiculation,
            Characteristic::Lobulation => &record.lobulation,
            Characteristic::Sphericity => &record.sphericity,
            Characteristic::Calcification => &record.calcification,
            Characteristic::InternalStructure => &record.internal_structure,
            Characteristic::Subtlety => &record.subtlety,
        };
        let values = ratings(
            record,
            characteristic.column(),
            text,
            characteristic.max_recorded(),
        )?;
        if values.len() != readings.len() {
            return Err(CohortError::Cell {
                id: record.id.clone(),
                column: characteristic.column(),
                value: text.chars().take(40).collect(),
                expected: "as many ratings as malignancy has",
            });
        }
        for (reading, value) in readings.iter_mut().zip(values) {
            reading.characteristics[characteristic as usize] = value;
        }
    }
    Ok(readings)
}

fn ratings(record: &Record, column: &'static str, text: &str, max: u8) -> Result<Vec<u8>, CohortError> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    text.split('|')
        .map(|part| part.parse().ok().filter(|rating| (1..=max).contains(rating)))
        .collect::<Option<_>>()
        .ok_or_else(|| CohortError::Cell {
            id: record.id.clone(),
            column,
            value: text.chars().take(40).collect(),
            expected: "ratings within their scale, separated by |",
        })
}

#[derive(Deserialize)]
struct SliceRecord {
    id: String,
    slice: usize,
    hu_slope_est: f64,
    hu_intercept_est: f64,
    calib_quality: f64,
}

/// HU estimates by nodule id and slice; rows of other nodules are passed over.
pub(crate) fn read_slices(
    path: &Path,
    bytes: &[u8],
    wanted: &HashMap<&str, usize>,
) -> Result<HashMap<String, Vec<HuMap>>, CohortError> {
    let mut found: HashMap<String, Vec<Option<HuMap>>> = HashMap::new();
    for record in csv::Reader::from_reader(bytes).deserialize() {
        let record: SliceRecord = record.map_err(|source| CohortError::Table {
            path: path.to_owned(),
            source,
        })?;
        let Some(&n_slices) = wanted.get(record.id.as_str()) else {
            continue;
        };
        let map = HuMap {
            slope: record.hu_slope_est,
            intercept_hu: record.hu_intercept_est,
            quality: record.calib_quality,
        };
        let usable = record.slice < n_slices
            && map.slope.is_finite()
            && map.slope > 0.0
            && map.intercept_hu.is_finite();
        if !usable {
            return Err(CohortError::Cell {
                id: record.id,
                column: "slice, hu_slope_est, hu_intercept_est",
                value: format!("{}, {}, {}", record.slice, map.slope, map.intercept_hu),
                expected: "a slice of the nodule, a positive slope and a number",
            });
        }
        let slot = &mut found
            .entry(record.id.clone())
            .or_insert_with(|| vec![None; n_slices])[record.slice];
        if slot.replace(map).is_some() {
            return Err(CohortError::Duplicate {
                id: record.id,
                file: "slices.csv",
            });
        }
    }
    found
        .into_iter()
        .map(|(id, maps)| {
            let (expected, known) = (maps.len(), maps.into_iter().flatten().collect::<Vec<_>>());
            if known.len() == expected {
                Ok((id, known))
            } else {
                Err(CohortError::SliceRows {
                    id,
                    found: known.len(),
                    expected,
                })
            }
        })
        .collect()
}

impl Row {
    /// Joins the row with its pictures. All lists have one entry per slice.
    pub(crate) fn with_slices(
        mut self,
        tiles: Vec<Box<crate::Tile>>,
        masks: Vec<Box<crate::Tile>>,
        hu_maps: Option<Vec<HuMap>>,
    ) -> Nodule {
        let hu_maps: Vec<Option<HuMap>> = match hu_maps {
            Some(maps) => maps.into_iter().map(Some).collect(),
            None => vec![None; tiles.len()],
        };
        self.nodule.slices = tiles
            .into_iter()
            .zip(masks)
            .zip(self.z_mm)
            .zip(hu_maps)
            .map(|(((tile, mask), z_mm), hu_map)| Slice {
                z_mm,
                hu_map,
                tile,
                mask,
            })
            .collect();
        self.nodule
    }
}
