//! hilum-fusion.
