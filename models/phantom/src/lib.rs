//! A synthetic chest CT with nodules whose place, size and kind are known exactly.
//!
//! It is for trying out and testing, and says so in every file: `ImageType` DERIVED\SECONDARY, the series
//! description, the image comments and the patient's name. It looks enough like a chest for lungs to be found
//! and nodules to be told from vessels; it is no substitute for real CTs in any measurement of accuracy.

mod anatomy;
mod chest;
mod dicom;
mod nodule;
mod noise;
mod vessels;

pub use chest::{ChestPhantom, PhantomError, PhantomOptions};
pub use nodule::{PhantomNodule, PhantomTruth};
