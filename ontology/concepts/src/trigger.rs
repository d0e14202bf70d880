//! Words that say how a concept is meant: negated, uncertain, of a relative ...

/// A trigger: what it does to concepts near it, and on which side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trigger {
    /// What it says.
    pub kind: TriggerKind,
    /// On which side.
    pub side: Side,
    /// Whether its scope is counted in characters (Chinese) instead of words.
    pub chinese: bool,
    /// Words or characters that it reaches over.
    pub reach: u8,
}

/// What a trigger says of the concepts in its scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TriggerKind {
    /// It is not there.
    Negation,
    /// It may be there.
    Uncertain,
    /// It was there.
    Historical,
    /// It is spoken of as something that might happen or be done.
    Hypothetical,
    /// It is advised: makes tests and procedures hypothetical, nothing else.
    Advice,
    /// It is a relative's.
    Family,
    /// It is somebody else's.
    Other,
    /// The scope of other triggers ends here.
    Terminator,
    /// Looks like a trigger and is none; takes the place of the triggers inside it.
    Pseudo,
}

/// Which side of a trigger its scope lies on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// The trigger comes before what it speaks of.
    Before,
    /// The trigger comes after it.
    After,
    /// No scope of its own.
    None,
}

impl Trigger {
    /// A trigger from the words of the tables; without a reach of its own it has that of `NegEx` (6 words before, 5
    /// after) or its Chinese counterpart (12 and 6 characters).
    pub fn from_names(language: &str, kind: &str, direction: &str, reach: Option<u8>) -> Option<Self> {
        let kind = match kind {
            "negation" => TriggerKind::Negation,
            "uncertain" => TriggerKind::Uncertain,
            "historical" => TriggerKind::Historical,
            "hypothetical" => TriggerKind::Hypothetical,
            "advice" => TriggerKind::Advice,
            "family" => TriggerKind::Family,
            "other" => TriggerKind::Other,
            "terminator" => TriggerKind::Terminator,
            kind if kind.starts_with("pseudo_") => TriggerKind::Pseudo,
            _ => return None,
        };
        let side = match direction {
            "pre" => Side::Before,
            "post" => Side::After,
            "term" | "none" => Side::None,
            _ => return None,
        };
        let chinese = language == "zh";
        let usual = match (side, chinese) {
            (Side::After, false) => 5,
            (_, true) if side != Side::After => 12,
            _ => 6,
        };
        Some(Self {
            kind,
            side,
            chinese,
            reach: reach.unwrap_or(usual),
        })
    }
}
