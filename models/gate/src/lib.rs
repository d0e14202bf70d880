//! Every byte from outside passes here before a parser sees it.
//!
//! Traps of the domain, settled here once:
//! - DICOM parsers recurse into sequences and trust declared lengths: [`prescan`] walks the structure without
//!   recursion and proves every length against what is there.
//! - A data set that parses may still claim more pixels than it holds: [`PixelShape::check`] is the pixel
//!   equation, done before anything is called renderable.
//! - Fragments become frames by an offset table that must agree with them: [`Prescan::frames`].
//! - A deflated data set of one megabyte can hold a gigabyte: inflating is capped by [`Limits`], and nothing is
//!   kept before its size is known.
//! - The parts of a multipart body have any length and arrive in any pieces: [`multipart`] holds one piece, one
//!   part header and one delimiter, whatever is sent.

mod dataset;
mod error;
mod fragments;
mod inflate;
mod item;
mod limits;
mod media_type;
pub mod multipart;
mod pixels;
mod prescan;

pub use dataset::{Element, Encoding, PixelData, Sequence};
pub use error::{GateError, TagName};
pub use item::Item;
pub use limits::Limits;
pub use media_type::MediaType;
pub use pixels::PixelShape;
pub use prescan::{Prescan, looks_like_dicom, prescan, prescan_head};
