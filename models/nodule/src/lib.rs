//! Lungs, nodule candidates, segmentation and measurement.

mod attenuation;
mod caliper;
mod candidates;
mod components;
mod distance;
mod error;
mod hessian;
mod interpolate;
mod local_box;
mod lungs;
mod measure;
mod outline;
mod reformat;
mod segment;
mod segmentation;
mod smooth;
mod trachea;

pub use attenuation::TypeThresholds;
pub use candidates::{Candidate, find_candidates};
pub use error::NoduleError;
pub use lungs::{LungMask, segment_lungs};
pub use measure::{Measurement, measure};
pub use outline::outline;
pub use segment::segment;
pub use segmentation::Segmentation;
