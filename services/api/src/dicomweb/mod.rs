//! DICOMweb: what PS3.18 asks for.

mod answer;
mod stow;

pub use stow::store_headers;
pub(crate) use stow::store_instances;
