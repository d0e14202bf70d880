//! hilum-imaging.
