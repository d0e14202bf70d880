//! The five lobes.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Code;

/// A lobe of the lungs; its wire form is the abbreviation that radiologists write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Lobe {
    /// Right upper lobe.
    #[serde(rename = "RUL")]
    RightUpper,
    /// Right middle lobe.
    #[serde(rename = "RML")]
    RightMiddle,
    /// Right lower lobe.
    #[serde(rename = "RLL")]
    RightLower,
    /// Left upper lobe with the lingula.
    #[serde(rename = "LUL")]
    LeftUpper,
    /// Left lower lobe.
    #[serde(rename = "LLL")]
    LeftLower,
}

impl Lobe {
    /// All five.
    pub const ALL: [Self; 5] = [
        Self::RightUpper,
        Self::RightMiddle,
        Self::RightLower,
        Self::LeftUpper,
        Self::LeftLower,
    ];

    /// The wire form, for example `RUL`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RightUpper => "RUL",
            Self::RightMiddle => "RML",
            Self::RightLower => "RLL",
            Self::LeftUpper => "LUL",
            Self::LeftLower => "LLL",
        }
    }

    /// The lobe in SNOMED CT.
    pub fn code(self) -> Code {
        let (code, display) = match self {
            Self::RightUpper => ("42400003", "Structure of upper lobe of right lung"),
            Self::RightMiddle => ("72481006", "Middle lobe of right lung"),
            Self::RightLower => ("266005", "Structure of lower lobe of right lung"),
            Self::LeftUpper => ("44714003", "Structure of upper lobe of left lung"),
            Self::LeftLower => ("41224006", "Structure of lower lobe of left lung"),
        };
        Code::new("SCT", code, display)
    }
}

impl fmt::Display for Lobe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_form_and_as_str_agree() {
        for lobe in Lobe::ALL {
            assert_eq!(serde_json::to_value(lobe).unwrap(), lobe.as_str());
        }
    }
}
