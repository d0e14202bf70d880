//! hilum-pipeline.
