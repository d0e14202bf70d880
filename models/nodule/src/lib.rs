//! Lungs, nodule candidates, detection, segmentation and measurement.
//!
//! Traps of the domain, settled here once:
//! - Arrays are `[slice][row][column]`, indices and spacings (column, row, slice), points LPS mm; what leaves the
//!   crate is on the volume's own grid.
//! - Thin slices are averaged to about 2.5 mm for detection, never for segmentation and measurement.
//! - A detector member that was trained on a CT has no say on it.
//! - Axes are taken on one axial slice; volume is the sum of the voxels' shares, see [`occupancy()`].
//!
//! ```no_run
//! use hilum_domain::NoProgress;
//! use hilum_nodule::{Detector, Segmenter, measure, segment_lungs};
//!
//! # fn run(volume: &hilum_volume::Volume) -> Result<(), Box<dyn std::error::Error>> {
//! let detector = Detector::from_safetensors(hilum_weights::load("detector")?.bytes)?;
//! let segmenter = Segmenter::from_safetensors(hilum_weights::load("segmenter")?.bytes)?;
//! let lungs = segment_lungs(volume)?;
//! for nodule in detector.detect(volume, &lungs, &segmenter, &NoProgress)?.nodules {
//!     let size = measure(volume, &nodule.outlined.segmentation)?;
//!     println!("{:.1} mm at {:?}", size.mean_diameter_mm, nodule.center);
//! }
//! # Ok(())
//! # }
//! ```

mod attenuation;
mod body;
mod caliper;
mod candidates;
mod components;
mod convexity;
mod detector;
mod distance;
mod error;
mod fissure;
mod hessian;
mod interpolate;
mod layers;
mod lobes;
mod local_box;
mod lungs;
mod measure;
mod neighbours;
mod network;
mod occupancy;
mod outline;
mod plates;
mod reformat;
mod segment;
mod segmentation;
mod segmenter;
mod shape;
mod sides;
mod smooth;
mod solid;
mod surface;
mod tensor_file;
mod trachea;
mod train;
mod views;
mod weight_file;

pub use attenuation::{AttenuationProfile, TypeThresholds};
pub use candidates::{Candidate, find_candidates};
pub use detector::{Detection, Detections, Detector, Judged};
pub use error::NoduleError;
pub use interpolate::linear;
pub use lobes::{FissureEvidence, Location, LungMap};
pub use lungs::{LungMask, segment_lungs};
pub use measure::{Measurement, SolidPart, measure};
pub use neighbours::{Neighbour, NeighbourKind, neighbours};
pub use occupancy::{Occupancy, occupancy};
pub use outline::outline;
pub use segment::segment;
pub use segmentation::Segmentation;
pub use segmenter::{
    AgreementRecord, CurvePoint, OutlineMethod, OutlineRecord, Outlined, Segmenter, SegmenterFold,
    SegmenterJitter, SegmenterRun, SegmenterTrainConfig, SyntheticNodule, train_segmenter,
};
pub use shape::Shape;
pub use sides::Side;
pub use train::{
    DetectorReport, DetectorTrainConfig, KnownNodule, MemberReport, ScoutReport, SyntheticCt,
    TrainedDetector, train_detector,
};
pub use weight_file::OperatingPoint;
