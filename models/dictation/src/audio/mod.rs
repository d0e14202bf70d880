//! Samples: rate, disturbances, and the log-mel spectrogram that the network sees.

pub(crate) mod augment;
pub(crate) mod mel;
mod resample;
pub(crate) mod sounds;

pub use resample::resample;
