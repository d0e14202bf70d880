//! Concepts of the lexicon and their codes.

use hilum_domain::Code;

/// Something that a text can speak of: a disease, a symptom, a laboratory test, an image feature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concept {
    /// Row of the table that it comes from, for example `lx-026`.
    pub id: String,
    /// Kind of thing.
    pub category: Category,
    /// Preferred name in English.
    pub name: String,
    /// Preferred name in Chinese; empty where there is none.
    pub zh: String,
    /// Code, where one is known.
    pub code: Option<ConceptCode>,
    /// ICD-10-CM code, where one is known.
    pub icd10cm: Option<String>,
    /// UCUM unit of its value, where it has one.
    pub unit: Option<String>,
}

/// A code and how well it is established.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConceptCode {
    /// Scheme, value, meaning.
    pub code: Code,
    /// `confirmed` by two or more sources, or what is missing to that.
    pub confirmation: String,
}

/// Kind of thing that a concept is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Category {
    /// Age, sex.
    Demographic,
    /// Tobacco.
    Smoking,
    /// Diseases of relatives.
    Family,
    /// Earlier diseases of the patient.
    Personal,
    /// Diseases of the lung.
    LungDisease,
    /// Exposure at work or at home.
    Exposure,
    /// What the patient feels, or does not.
    Symptom,
    /// Laboratory and lung function.
    Lab,
    /// What an image shows.
    Imaging,
    /// Places.
    Location,
    /// What is done.
    Procedure,
}

impl Category {
    /// The category of this name, as in the tables.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "demographic" => Self::Demographic,
            "smoking" => Self::Smoking,
            "family" => Self::Family,
            "personal" => Self::Personal,
            "lung_disease" => Self::LungDisease,
            "exposure" => Self::Exposure,
            "symptom" => Self::Symptom,
            "lab" => Self::Lab,
            "imaging" => Self::Imaging,
            "location" => Self::Location,
            "procedure" => Self::Procedure,
            _ => return None,
        })
    }
}

/// Index of a concept in [`crate::Lexicon::concepts`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConceptId(pub u16);
