//! The same nodules at two times: where each lies in the prior CT, which is which, how it changed.
//!
//! Traps of the domain, settled here once:
//! - Points are LPS mm of their own CT; a [`Registration`] maps between the two and says how far off it may be.
//! - A nodule that was not detected is not a nodule that is not there: what has no partner is looked for at its
//!   expected place in the other CT before it is called new or resolved.
//! - A change smaller than the error of its measurement is no change, and one that only the outlines show, not the
//!   tissue, is none either.
//!
//! ```no_run
//! # use hilum_followup::{Examination, compare};
//! # fn run(current: Examination<'_>, prior: Examination<'_>) -> Result<(), Box<dyn std::error::Error>> {
//! let comparison = compare(&current, &prior, Some(180))?;
//! for followed in &comparison.current {
//!     println!("{:?} {:?}", followed.state, followed.growth.as_ref().map(|growth| growth.percent));
//! }
//! # Ok(())
//! # }
//! ```

mod assign;
mod blocks;
mod coarse;
mod compare;
mod confirm;
mod grid;
mod growth;
mod nodule;
mod outcome;
mod rediscover;
mod register;
mod rigid;
mod tissue;
mod warp;

pub use compare::compare;
pub use growth::{Growth, relative_volume_error};
pub use nodule::{Examination, Nodule, Outliner};
pub use outcome::{Comparison, Doubt, Followed, Resolved};
pub use register::{Registration, RegistrationError, register};
