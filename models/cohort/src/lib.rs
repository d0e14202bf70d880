//! Reader of a nodule cohort: pictures, outlines and readings of lung nodules, by patient and fold.
//!
//! Traps of the data, settled here once:
//! - **Folds are by patient.** A [`Split`] with one patient in two parts cannot be built.
//! - **Some folds stay closed.** [`Cohort::open`] reads the development folds only; every other fold has to be
//!   asked for by name ([`Folds`]).
//! - **The pictures hold no absolute HU.** Each slice was scaled to 0..255 on its own; [`HuMap`] is an estimate
//!   of the way back.
//! - **A label is an opinion.** [`Label`] is the readers' median; where they differ the votes are kept.
//!
//! ```no_run
//! use hilum_cohort::{Cohort, Selection};
//!
//! let cohort = Cohort::open(std::path::Path::new("data/lidc_nodules"))?;
//! let reported = cohort.select(Selection::Min3No3);
//! println!("{} nodules, data {}", reported.len(), cohort.digest());
//! # Ok::<(), hilum_cohort::CohortError>(())
//! ```

mod archive;
mod cohort;
mod error;
mod nodule;
mod reading;
mod select;
mod split;
mod table;

pub use cohort::{Cohort, Folds};
pub use error::CohortError;
pub use nodule::{Diagnosis, HuMap, Nodule, Slice, TILE_SIDE, Tile};
pub use reading::{Characteristic, Reading};
pub use select::{DEVELOPMENT_FOLDS, HELD_BACK_PATIENTS, Label, Selection};
pub use split::{Split, SplitError};
