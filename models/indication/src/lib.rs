//! The quality gate: is this series one that Hilum was made for?
//!
//! A series is measured ([`Measures`]) and judged by the limits of an indication file ([`Indication`]), each of which
//! refuses or warns with a code. The file is TOML with a detached Ed25519 signature over its bytes; one that ships with
//! the program is signed by the release key, and a site may sign its own.
//!
//! Traps of the domain, settled here once:
//! - The signature is checked before a byte of the file is parsed.
//! - A measure that cannot be had is not a measure within its limits: each limit says what its absence means.
//! - `SliceThickness` says how thick, the volume's spacing how far apart; both have limits.
//! - `BodyPartExamined` and the contrast attributes are what a person chose at the console: the lungs themselves are
//!   looked at apart from them.
//! - Reasons name limits and image measurements, never the patient's age or the text of a header.
//! - Noise, metal and motion are measured on the voxels; motion is a heuristic ([`motion_mm`] says which).

mod coverage;
mod error;
mod header;
mod indication;
mod limit;
mod lungs;
mod measure;
mod metal;
mod motion;
mod noise;
mod signature;

pub use coverage::{LungCuts, lung_cuts};
pub use error::IndicationError;
pub use indication::{Indication, SHIPPED, Verdict};
pub use limit::{Action, Limit, Rule};
pub use lungs::LungView;
pub use measure::{Measure, Measures, Value};
pub use metal::metal_share;
pub use motion::motion_mm;
pub use noise::noise_hu;
pub use signature::PublicKey;
