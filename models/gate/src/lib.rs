//! hilum-gate.
