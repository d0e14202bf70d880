//! Hostile bytes for every parser of foreign bytes.
//!
//! - [`targets`] are the functions that foreign bytes reach, each under a name. The program `fuzz` (feature
//!   `coverage`) gives them to libFuzzer; the test `corpus` replays what was found worth keeping.
//! - [`part10`] is a DICOM file as a tree in which lengths may lie; [`bases`] makes valid ones, [`mutation`]
//!   makes mutants of them, and the program `mutants` imports these by the hundred thousand.
//! - [`codestreams`] are valid compressed frames; [`decoding`] hands frames to the child that the program decodes them
//!   with.
//! - [`memory`] measures what a target takes; the bound is [`memory::MOST_EXTRA`].
//!
//! `make prove PART=fuzz` and `make prove PART=mutants` run both and write evidence. A member of the workspace
//! and not one of its own, so that what is fuzzed is locked to the versions that ship.

#![expect(
    clippy::missing_panics_doc,
    reason = "a panic is how a target tells of a finding"
)]

pub mod bases;
pub mod codestreams;
pub mod decoding;
pub mod encode;
pub mod memory;
pub mod mutation;
pub mod part10;
pub mod reader;
pub mod seeds;
pub mod targets;
