//! A cohort folder, read and checked.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use hilum_domain::Sha256;
use liblzma::read::XzDecoder;

use crate::archive::read_tiles;
use crate::table::{read_nodules, read_slices};
use crate::{CohortError, DEVELOPMENT_FOLDS, HELD_BACK_PATIENTS, Nodule, Selection};

/// Bytes of one file of the folder; the public archive of pictures has 47 MB.
const MAX_FILE_BYTES: u64 = 4 << 30;

/// Which part of a cohort is read. What is not read cannot leak.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Folds {
    /// Folds 0 to 6.
    Development,
    /// These and no others. Opening a closed fold is a decision of the caller.
    Only(BTreeSet<u8>),
    /// The patients whose whole CTs are shown ([`HELD_BACK_PATIENTS`]), whatever their fold, and nobody else.
    HeldBack,
    /// Every fold that the folder holds: for cohorts that were never trained on.
    All,
}

impl Folds {
    /// Whether a patient of a fold is read.
    pub fn contains(&self, fold: u8, patient: &str) -> bool {
        match self {
            Self::Development => DEVELOPMENT_FOLDS.contains(&fold),
            Self::Only(folds) => folds.contains(&fold),
            Self::HeldBack => HELD_BACK_PATIENTS.contains(&patient),
            Self::All => true,
        }
    }
}

/// Nodules of some folds, in the order of `nodules.csv`.
///
/// Invariant: at least one nodule, unique ids, every nodule with pictures and outlines of equal number.
#[derive(Debug, Clone)]
pub struct Cohort {
    nodules: Vec<Nodule>,
    digest: Sha256,
}

impl Cohort {
    /// Reads the development folds of a folder with `nodules.csv`, `img.tar`, `mask.tar.xz` and, if it is there,
    /// `slices.csv`.
    pub fn open(dir: &Path) -> Result<Self, CohortError> {
        Self::open_folds(dir, &Folds::Development)
    }

    /// Reads other folds too.
    pub fn open_folds(dir: &Path, folds: &Folds) -> Result<Self, CohortError> {
        let nodules_csv = file(dir, "nodules.csv")?;
        let slices_csv = match file(dir, "slices.csv") {
            Ok(file) => Some(file),
            Err(CohortError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let img = file(dir, "img.tar")?;
        let mask = file(dir, "mask.tar.xz")?;

        let rows = read_nodules(&nodules_csv.path, &nodules_csv.bytes, folds)?;
        if rows.is_empty() {
            return Err(CohortError::Empty);
        }
        let wanted: HashMap<&str, usize> = rows
            .iter()
            .map(|row| (row.nodule.id.as_str(), row.z_mm.len()))
            .collect();
        let mut tiles = read_tiles(Cursor::new(&img.bytes), "img.tar", &img.path, &wanted)?;
        let unpacked = XzDecoder::new(Cursor::new(&mask.bytes));
        let mut masks = read_tiles(unpacked, "mask.tar.xz", &mask.path, &wanted)?;
        let mut hu_maps = match &slices_csv {
            Some(file) => Some(read_slices(&file.path, &file.bytes, &wanted)?),
            None => None,
        };

        let missing = |id: &str, archive| CohortError::MissingPicture {
            id: id.to_owned(),
            archive,
        };
        let mut nodules = Vec::with_capacity(rows.len());
        for row in rows {
            let (id, n_slices) = (row.nodule.id.clone(), row.z_mm.len());
            let tiles = tiles.remove(&id).ok_or_else(|| missing(&id, "img.tar"))?;
            let masks = masks.remove(&id).ok_or_else(|| missing(&id, "mask.tar.xz"))?;
            let maps = match &mut hu_maps {
                Some(maps) => Some(maps.remove(&id).ok_or(CohortError::SliceRows {
                    id,
                    found: 0,
                    expected: n_slices,
                })?),
                None => None,
            };
            nodules.push(row.with_slices(tiles, masks, maps));
        }
        let files = [Some(&nodules_csv), slices_csv.as_ref(), Some(&img), Some(&mask)];
        let digest = Sha256::of_parts(files.map(|file| file.map_or(&[][..], |file| &file.bytes)));
        Ok(Self { nodules, digest })
    }

    /// The nodules.
    pub fn nodules(&self) -> &[Nodule] {
        &self.nodules
    }

    /// Digest over `nodules.csv`, `slices.csv` (empty when absent), `img.tar` and `mask.tar.xz`, in this order,
    /// whichever folds were read.
    pub const fn digest(&self) -> &Sha256 {
        &self.digest
    }

    /// Indices of the nodules that a rule picks.
    pub fn select(&self, selection: Selection) -> Vec<usize> {
        (0..self.nodules.len())
            .filter(|&index| selection.picks(&self.nodules[index]))
            .collect()
    }

    /// Number of different patients among some nodules.
    pub fn patients(&self, indices: &[usize]) -> usize {
        let patients: BTreeSet<&str> = indices
            .iter()
            .map(|&i| self.nodules[i].patient.as_str())
            .collect();
        patients.len()
    }
}

struct File {
    path: PathBuf,
    bytes: Vec<u8>,
}

fn file(dir: &Path, name: &'static str) -> Result<File, CohortError> {
    let path = dir.join(name);
    let io = |source| CohortError::Io {
        path: path.clone(),
        source,
    };
    if fs::metadata(&path).map_err(io)?.len() > MAX_FILE_BYTES {
        return Err(CohortError::LimitExceeded {
            archive: name,
            what: "bytes",
            limit: MAX_FILE_BYTES,
        });
    }
    let bytes = fs::read(&path).map_err(io)?;
    Ok(File { path, bytes })
}
