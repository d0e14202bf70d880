//! hilum-api.
