//! hilum-cohort.
