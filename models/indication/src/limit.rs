//! One limit of an indication file.

use hilum_domain::ReasonCode;
use serde::Deserialize;

use crate::measure::Kind;
use crate::{IndicationError, Measure, Value};

/// Spacings come from positions written as decimals: 3.0000001 mm is 3 mm.
const ALLOWANCE: f64 = 1e-4;

/// What happens beyond a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Nothing; only for a measure that cannot be had.
    Ignore,
    /// The series is analysed, and the result says so.
    Warn,
    /// The series is not analysed.
    Refuse,
}

/// What a limit does not allow.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// A number below this one.
    Below(f64),
    /// A number above this one.
    Above(f64),
    /// A name that holds none of these words, in any case.
    Without(Vec<String>),
    /// Yes.
    Present,
}

/// One limit.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// Of what.
    pub measure: Measure,
    /// What is not allowed.
    pub rule: Rule,
    /// What happens then: warn or refuse.
    pub action: Action,
    /// What happens when the measure cannot be had.
    pub absent: Action,
    /// The code that the result carries.
    pub code: ReasonCode,
    /// The sentence that the result carries.
    pub reason: String,
    /// Where the limit comes from.
    pub source: String,
}

/// A limit as the file writes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LimitForm {
    measure: Measure,
    unit: String,
    below: Option<f64>,
    above: Option<f64>,
    without: Option<Vec<String>>,
    present: Option<bool>,
    action: Action,
    absent: Action,
    code: ReasonCode,
    reason: String,
    source: String,
}

impl LimitForm {
    /// Checks that the rule fits the measure; `number` counts limits from 1.
    pub(crate) fn check(self, number: usize) -> Result<Limit, IndicationError> {
        let refused = |why: &str| IndicationError::Limit {
            number,
            measure: self.measure,
            why: why.to_owned(),
        };
        if self.unit != self.measure.unit() {
            return Err(refused(&format!("the unit is \"{}\"", self.measure.unit())));
        }
        if self.action == Action::Ignore {
            return Err(refused("action is warn or refuse"));
        }
        if self.reason.trim().is_empty() || self.source.trim().is_empty() {
            return Err(refused("reason and source are empty"));
        }
        let rule = match (self.below, self.above, &self.without, self.present) {
            (Some(limit), None, None, None) => Rule::Below(limit),
            (None, Some(limit), None, None) => Rule::Above(limit),
            (None, None, Some(words), None) => {
                Rule::Without(words.iter().map(|word| word.to_lowercase()).collect())
            }
            (None, None, None, Some(true)) => Rule::Present,
            _ => {
                return Err(refused(
                    "want exactly one of below, above, without, present = true",
                ));
            }
        };
        let fits = match (&rule, self.measure.kind()) {
            (Rule::Below(limit) | Rule::Above(limit), Kind::Number) => limit.is_finite(),
            (Rule::Without(words), Kind::Name) => {
                !words.is_empty() && words.iter().all(|word| !word.is_empty())
            }
            (Rule::Present, Kind::Flag) => true,
            _ => false,
        };
        if !fits {
            return Err(refused("the rule does not fit the measure"));
        }
        Ok(Limit {
            measure: self.measure,
            rule,
            action: self.action,
            absent: self.absent,
            code: self.code,
            reason: self.reason,
            source: self.source,
        })
    }
}

impl Limit {
    /// Whether a value is beyond the limit. NaN is.
    pub(crate) fn is_broken_by(&self, value: &Value) -> bool {
        match (&self.rule, value) {
            (Rule::Below(limit), Value::Number(number)) => number.is_nan() || number < limit,
            (Rule::Above(limit), Value::Number(number)) => {
                number.is_nan() || number - limit > ALLOWANCE * limit.abs()
            }
            (Rule::Without(words), Value::Name(name)) => {
                let name = name.to_lowercase();
                !words.iter().any(|word| name.contains(word.as_str()))
            }
            (Rule::Present, Value::Flag(flag)) => *flag,
            // A measure has one kind of value, and the rule was checked against it.
            _ => true,
        }
    }

    /// The sentence of a broken limit, with the number where it is one of the image.
    pub(crate) fn sentence(&self, value: &Value) -> String {
        let (Rule::Below(limit) | Rule::Above(limit), Value::Number(number)) = (&self.rule, value) else {
            return self.reason.clone();
        };
        if self.measure.is_personal() {
            return self.reason.clone();
        }
        let unit = match self.measure.unit() {
            "1" => "",
            "[hnsf'U]" => " HU",
            _ => " mm",
        };
        format!(
            "{}: {}{unit}, the limit is {limit}{unit}",
            self.reason,
            digits(*number)
        )
    }
}

/// Two decimals, or two digits of what is smaller.
fn digits(number: f64) -> String {
    if number != 0.0 && number.abs() < 0.01 {
        format!("{number:.1e}")
    } else {
        format!("{number:.2}")
    }
}
