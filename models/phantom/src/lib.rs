//! A synthetic chest CT with nodules whose place, size and kind are known exactly.
//!
//! It is for trying out and testing, and says so in every file: `ImageType` DERIVED\SECONDARY, the series
//! description, the image comments and the patient's name. It looks enough like a chest for lungs to be found
//! and nodules to be told from vessels; it is no substitute for real CTs in any measurement of accuracy.
//!
//! Everything lives in the frame of one CT, LPS mm. A [`Breath`] moves and bends the whole chest; nodules are carried
//! along but keep their shape, so that their volumes stay exact. [`ChestPhantom::follow_up`] makes a second CT of the
//! same patient.
//!
//! ```
//! use hilum_domain::NoduleType;
//! use hilum_phantom::{Attachment, ChestPhantom, FollowUp, PhantomOptions, WantedNodule};
//!
//! # fn main() -> Result<(), hilum_phantom::PhantomError> {
//! let options = PhantomOptions {
//!     size: 64,
//!     wanted: vec![WantedNodule {
//!         attachment: Attachment::Juxtapleural,
//!         ..WantedNodule::ball(9.0, NoduleType::Solid)
//!     }],
//!     ..PhantomOptions::default()
//! };
//! let prior = ChestPhantom::new(7, &options)?;
//! let current = prior.follow_up(&FollowUp {
//!     volume_factors: vec![1.3],
//!     ..FollowUp::unchanged(180)
//! })?;
//! assert_eq!(current.truth().nodules[0].identity, prior.truth().nodules[0].identity);
//! # Ok(())
//! # }
//! ```

mod anatomy;
mod body;
mod breath;
mod chest;
mod dicom;
mod follow_up;
mod lobes;
mod nodule;
mod noise;
mod options;
mod place;
mod render;
mod scanner;
mod share;
mod space;
mod truth;
mod vector;
mod vessels;

pub use breath::Breath;
pub use chest::ChestPhantom;
pub use follow_up::FollowUp;
pub use nodule::{Attachment, PhantomNodule, WantedNodule};
pub use options::{Kernel, PhantomError, PhantomOptions};
pub use truth::{NoduleTruth, PhantomTruth};
