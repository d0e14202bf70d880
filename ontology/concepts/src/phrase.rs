//! Phrases that fill a slot of a dictated nodule.

/// What a phrase tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Slot {
    /// The word for a nodule itself.
    Head,
    /// An organ or structure that is no lung nodule; what stands near it belongs to it.
    Structure,
    /// A lobe: RUL, RML, RLL, LUL, LLL.
    Lobe,
    /// Upper, middle or lower lobe without a side.
    Level,
    /// Right, left, bilateral.
    Side,
    /// A segment.
    Segment,
    /// Attenuation type.
    Type,
    /// Margin.
    Margin,
    /// Image feature.
    Feature,
    /// Shape.
    Shape,
    /// Fissure, pleura, hilum.
    Place,
    /// Change against a prior.
    Change,
    /// What it is thought to be.
    Diagnosis,
    /// How sure the writer is.
    Certainty,
    /// How many.
    Count,
    /// What a measurement near it is of.
    Measure,
    /// What follows is a series or image number.
    Reference,
    /// What is advised.
    Advice,
    /// Words before a date or a duration that say since when.
    Since,
    /// Lung-RADS.
    LungRads,
    /// Points back to a nodule that was spoken of.
    Anaphor,
    /// Words that say that a size is an earlier one.
    Prior,
    /// Words around the numbers of a smoking history.
    Smoking,
}

impl Slot {
    /// The slot of this name, as in the tables.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "head" => Self::Head,
            "structure" => Self::Structure,
            "lobe" => Self::Lobe,
            "level" => Self::Level,
            "side" => Self::Side,
            "segment" => Self::Segment,
            "type" => Self::Type,
            "margin" => Self::Margin,
            "feature" => Self::Feature,
            "shape" => Self::Shape,
            "place" => Self::Place,
            "change" => Self::Change,
            "diagnosis" => Self::Diagnosis,
            "certainty" => Self::Certainty,
            "count" => Self::Count,
            "measure" => Self::Measure,
            "reference" => Self::Reference,
            "advice" => Self::Advice,
            "since" => Self::Since,
            "lung_rads" => Self::LungRads,
            "anaphor" => Self::Anaphor,
            "prior" => Self::Prior,
            "smoking" => Self::Smoking,
            _ => return None,
        })
    }
}

/// A phrase with its slot and value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    /// What it tells of.
    pub slot: Slot,
    /// What it tells. [`Phrase::BLOCK`] holds the place of a phrase that only looks like one of the slot.
    pub value: String,
}

impl Phrase {
    /// Value of a phrase that tells nothing, and keeps shorter ones inside it from telling something.
    pub const BLOCK: &str = "-";
}
