//! hilum-validation.
