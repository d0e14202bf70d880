//! hilum-store.
