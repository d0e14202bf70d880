//! What can be wrong with a cohort folder.

use std::path::PathBuf;

/// Why a cohort cannot be read. Names file, row and column; the values named are counts, ratings and public ids.
#[derive(Debug, thiserror::Error)]
pub enum CohortError {
    /// A file cannot be opened or read.
    #[error("cannot read {}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A table is not well-formed.
    #[error("{} is not a readable table", path.display())]
    Table {
        /// Which file.
        path: PathBuf,
        /// Row and column as the reader counts them.
        source: csv::Error,
    },
    /// A cell holds something else than it should.
    #[error("nodule {id}: column {column} holds {value:?}, expected {expected}")]
    Cell {
        /// Row, by its id.
        id: String,
        /// Column name.
        column: &'static str,
        /// What is there, cut to 40 characters.
        value: String,
        /// What should be there.
        expected: &'static str,
    },
    /// Two rows with one id.
    #[error("nodule {id} is in {file} twice")]
    Duplicate {
        /// The id.
        id: String,
        /// In which file.
        file: &'static str,
    },
    /// A picture or an outline is missing.
    #[error("nodule {id} has no picture in {archive}")]
    MissingPicture {
        /// The id.
        id: String,
        /// In which archive.
        archive: &'static str,
    },
    /// A picture is not what the table says.
    #[error("picture {entry} is {width}x{height}, expected {side}x{expected_height}")]
    PictureSize {
        /// Name in the archive.
        entry: String,
        /// Found.
        width: u32,
        /// Found.
        height: u32,
        /// Expected width.
        side: u32,
        /// Expected height: tiles stacked.
        expected_height: u32,
    },
    /// A picture cannot be decoded.
    #[error("picture {entry} is not an 8-bit grey PNG")]
    Picture {
        /// Name in the archive.
        entry: String,
        /// What the decoder said; `None` when it decoded to another pixel type.
        source: Option<image::ImageError>,
    },
    /// An archive holds more than a cohort may.
    #[error("{archive} exceeds the limit of {limit} {what}")]
    LimitExceeded {
        /// Which archive.
        archive: &'static str,
        /// Of what.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// The slice table does not cover a nodule.
    #[error("nodule {id}: slices.csv has {found} of {expected} slices")]
    SliceRows {
        /// The id.
        id: String,
        /// Rows found.
        found: usize,
        /// Slices of the nodule.
        expected: usize,
    },
    /// Nothing is left.
    #[error("the cohort has no nodule in the requested folds")]
    Empty,
}
