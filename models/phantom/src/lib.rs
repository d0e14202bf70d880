//! hilum-phantom.
