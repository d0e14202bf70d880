//! One reader's ratings of one nodule.

use serde::{Deserialize, Serialize};

/// The eight LIDC characteristics, in the order of `hilum_domain::Characteristics`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Characteristic {
    /// 1 non-solid, 5 solid.
    Texture,
    /// 1 poorly defined, 5 sharp.
    Margin,
    /// 1 none, 5 marked.
    Spiculation,
    /// 1 none, 5 marked.
    Lobulation,
    /// 1 linear, 5 round.
    Sphericity,
    /// 1 popcorn, 2 laminated, 3 solid, 4 non-central, 5 central, 6 absent: categories, not a scale.
    Calcification,
    /// 1 soft tissue, 2 fluid, 3 fat, 4 air: categories, not a scale. A stray 5, which means nothing, is read as given.
    InternalStructure,
    /// 1 extremely subtle, 5 obvious.
    Subtlety,
}

impl Characteristic {
    /// All eight.
    pub const ALL: [Self; 8] = [
        Self::Texture,
        Self::Margin,
        Self::Spiculation,
        Self::Lobulation,
        Self::Sphericity,
        Self::Calcification,
        Self::InternalStructure,
        Self::Subtlety,
    ];

    /// Largest rating; the smallest is 1.
    pub const fn max_rating(self) -> u8 {
        match self {
            Self::Calcification => 6,
            Self::InternalStructure => 4,
            _ => 5,
        }
    }

    /// Largest number that a file may hold: readers' forms let a 5 through where the scale ends at 4.
    pub(crate) const fn max_recorded(self) -> u8 {
        match self {
            Self::InternalStructure => 5,
            _ => self.max_rating(),
        }
    }

    /// Column in `nodules.csv`.
    pub const fn column(self) -> &'static str {
        match self {
            Self::Texture => "texture",
            Self::Margin => "margin",
            Self::Spiculation => "spiculation",
            Self::Lobulation => "lobulation",
            Self::Sphericity => "sphericity",
            Self::Calcification => "calcification",
            Self::InternalStructure => "internalStructure",
            Self::Subtlety => "subtlety",
        }
    }
}

/// What one reader said. Readers are anonymous, and their order differs from nodule to nodule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// 1 highly unlikely malignant, 3 indeterminate, 5 highly suspicious.
    pub malignancy: u8,
    /// The characteristics, in the order of [`Characteristic::ALL`].
    pub characteristics: [u8; 8],
}

impl Reading {
    /// The rating of one characteristic.
    pub const fn of(&self, characteristic: Characteristic) -> u8 {
        self.characteristics[characteristic as usize]
    }
}
