//! Coded findings from English and Chinese text: records, reports, dictations.
//!
//! Rules over a lexicon, so that whatever is found points to the characters that say it. No tensor library: commands and
//! services that read text alone need none.
//!
//! Traps of the domain, settled here once:
//! - Places are **Unicode code points of the text as given**, half open. Comparable text (lower case, half width, no
//!   direction marks) exists inside only and leads back.
//! - 未见明显变化 and `no change` say *stable*; they negate nothing. 不除外 and `cannot exclude` are uncertain.
//! - 结节病 is sarcoidosis, 无结节病史 no history of nodules.
//! - What is not said is absent. Derived values say that they are derived.
//! - Text is read sentence by sentence, a sentence is cut where it has no end: time and memory grow with length alone.

mod assertion;
mod cancer;
mod ct;
mod date;
mod decode;
mod discrepancy;
mod entity;
mod extract;
mod fill;
mod lab;
mod language;
mod mention;
mod merge;
mod nodule;
mod number;
mod other;
mod person;
mod quantity;
mod read;
mod reference;
mod scope;
mod section;
mod sentence;
mod since;
mod size;
mod smoking;
mod token;
mod unit;
mod view;

pub use assertion::{Assertion, Experiencer};
pub use ct::{CtNodule, compare_with_ct};
pub use decode::{DecodeError, Decoded, decode, decode_wtf8};
pub use discrepancy::Discrepancy;
pub use entity::{Entity, Reference};
pub use language::Language;
pub use nodule::{Nodule, Other};
pub use read::{Findings, read};
pub use section::Section;
