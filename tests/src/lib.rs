//! hilum-tests.
