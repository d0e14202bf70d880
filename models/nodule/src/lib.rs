//! Lungs, nodule candidates, segmentation and measurement.

mod attenuation;
mod caliper;
mod candidates;
mod components;
mod detector;
mod distance;
mod error;
mod hessian;
mod interpolate;
mod local_box;
mod lungs;
mod measure;
mod network;
mod outline;
mod reformat;
mod segment;
mod segmentation;
mod smooth;
mod trachea;
mod train;
mod views;
mod weight_file;

pub use attenuation::TypeThresholds;
pub use candidates::{Candidate, find_candidates};
pub use detector::{Detection, Detections, Detector, Judged};
pub use error::NoduleError;
pub use lungs::{LungMask, segment_lungs};
pub use measure::{Measurement, measure};
pub use outline::outline;
pub use segment::segment;
pub use segmentation::Segmentation;
pub use train::{DetectorReport, DetectorTrainConfig, MemberReport, TrainedDetector, train_detector};
pub use weight_file::OperatingPoint;
