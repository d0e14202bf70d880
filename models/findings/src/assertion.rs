//! How a concept is meant, and whose it is.

use hilum_concepts::Category;
use serde::{Deserialize, Serialize};

use crate::section::Section;

/// Whether something is, was, may be or is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Assertion {
    /// It is there.
    Affirmed,
    /// It is not there.
    Negated,
    /// It may be there.
    Uncertain,
    /// It was there.
    Historical,
    /// It might happen or is to be done.
    Hypothetical,
    /// Computed from what the text says.
    Derived,
}

/// Whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Experiencer {
    /// The patient's.
    Patient,
    /// A blood relative's.
    Family,
    /// Somebody else's.
    Other,
}

impl Assertion {
    /// The wire form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Affirmed => "affirmed",
            Self::Negated => "negated",
            Self::Uncertain => "uncertain",
            Self::Historical => "historical",
            Self::Hypothetical => "hypothetical",
            Self::Derived => "derived",
        }
    }
}

impl Experiencer {
    /// The wire form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::Family => "family",
            Self::Other => "other",
        }
    }
}

/// What applies to one place of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each trigger kind applies or does not, independently"
)]
pub(crate) struct Context {
    pub(crate) negated: bool,
    pub(crate) uncertain: bool,
    pub(crate) historical: bool,
    pub(crate) hypothetical: bool,
    pub(crate) advised: bool,
    pub(crate) family: bool,
    pub(crate) other: bool,
}

impl Context {
    /// The assertion of a concept of a category in this context.
    pub(crate) fn assertion(self, category: Category, section: Section) -> Assertion {
        let advisable = matches!(category, Category::Procedure | Category::Lab);
        let earlier = section == Section::PastHistory
            && !matches!(
                category,
                Category::Smoking | Category::Demographic | Category::Symptom
            );
        if self.hypothetical || (self.advised && advisable) {
            Assertion::Hypothetical
        } else if self.negated {
            Assertion::Negated
        } else if self.uncertain {
            Assertion::Uncertain
        } else if self.historical || earlier {
            Assertion::Historical
        } else {
            Assertion::Affirmed
        }
    }

    /// Whose it is.
    pub(crate) fn experiencer(self, section: Section) -> Experiencer {
        if self.family || section == Section::FamilyHistory {
            Experiencer::Family
        } else if self.other {
            Experiencer::Other
        } else {
            Experiencer::Patient
        }
    }
}
