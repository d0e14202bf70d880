//! Concepts of lung nodule care: codes, the bilingual lexicon, triggers of assertion, phrases of dictation.
//!
//! All of it is data under `data/`, whose README names the origin of each table. Traps of the domain, settled here
//! once:
//! - Text and words are compared in one form, [`fold()`]; whoever matches must fold both the same way. Offsets lead back
//!   to the original through [`Folded::original`].
//! - Words overlap: 结节病 is sarcoidosis, 结节 a nodule, 未见明显变化 is *stable* and no negation. [`Matcher::scan`] gives
//!   every overlapping hit; who reads them decides per layer which one counts, mostly by [`leftmost_longest`].
//! - Abbreviations that are also words (`SOB`, `MIA`) count in upper case only.

mod concept;
mod fold;
mod lexicon;
mod matcher;
mod numerals;
mod phrase;
mod table;
mod trigger;

pub use concept::{Category, Concept, ConceptCode, ConceptId};
pub use fold::{Folded, fold, is_ideograph};
pub use lexicon::{Lexicon, Term};
pub use matcher::{Hit, Matcher, Meaning, Pattern, leftmost_longest};
pub use numerals::{NUMBERS_BELOW_TWENTY, TENS};
pub use phrase::{Phrase, Slot};
pub use trigger::{Side, Trigger, TriggerKind};

const LEXICON: &str = include_str!("../data/lexicon.csv");
const LEXICON_ADDITIONS: &str = include_str!("../data/lexicon_additions.csv");
const LEXICON_EXCEPTIONS: &str = include_str!("../data/lexicon_exceptions.csv");
const TERM_ADDITIONS: &str = include_str!("../data/term_additions.csv");
const CODES: &str = include_str!("../data/codes.csv");
const TRIGGERS: &str = include_str!("../data/context_triggers.csv");
const TRIGGER_EXCEPTIONS: &str = include_str!("../data/trigger_exceptions.csv");
const TRIGGER_ADDITIONS: &str = include_str!("../data/trigger_additions.csv");
const PHRASES: &str = include_str!("../data/dictation_phrases.csv");
const PHRASE_ADDITIONS: &str = include_str!("../data/phrase_additions.csv");
