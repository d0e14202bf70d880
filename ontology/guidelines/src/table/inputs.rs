//! Reading a row: typed values, and a list of what is missing or wrong.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use super::case::{Case, Field};
use crate::units::Quantity;

/// Characters of a wrong value that a message repeats.
const LONGEST_QUOTE: usize = 32;

/// A word of a table that stands for a value.
pub(crate) trait Named: Copy + 'static {
    /// Every word in lower case with `_` between its parts, and what it stands for.
    const NAMES: &'static [(&'static str, Self)];
}

/// The inputs of one row.
pub(crate) struct Inputs<'a> {
    case: Cow<'a, Case>,
    missing: Vec<String>,
    wrong: Vec<String>,
    remarks: Vec<String>,
}

impl<'a> Inputs<'a> {
    pub(crate) fn new(case: &'a Case) -> Self {
        Self::of(Cow::Borrowed(case))
    }

    fn of(case: Cow<'a, Case>) -> Self {
        Self {
            case,
            missing: Vec::new(),
            wrong: Vec::new(),
            remarks: Vec::new(),
        }
    }

    /// The row's `id`.
    pub(crate) fn id(&mut self) -> String {
        match self.case.field("id") {
            Some(Field::Text(text)) => text.trim().to_owned(),
            Some(Field::Number(number)) => number.to_string(),
            _ => {
                self.missing.push("id".to_owned());
                String::new()
            }
        }
    }

    /// Whether a column holds anything.
    pub(crate) fn has(&self, column: &str) -> bool {
        self.case.field(column).is_some()
    }

    /// A number with its unit.
    pub(crate) fn quantity<Q: Quantity>(&mut self, column: &str) -> Option<Q> {
        let number = match self.case.field(column) {
            None => return self.note_missing(column),
            Some(Field::Number(number)) => *number,
            Some(Field::Text(text)) => match text.trim().parse() {
                Ok(number) => number,
                Err(_) => return self.note_wrong(column, "a number"),
            },
            Some(_) => return self.note_wrong(column, "a number"),
        };
        match Q::new(number) {
            Ok(quantity) => Some(quantity),
            Err(out_of_range) => {
                self.wrong.push(format!("{column} {out_of_range}"));
                None
            }
        }
    }

    /// A truth value: true, false, yes, no, 1, 0, in any case.
    pub(crate) fn flag(&mut self, column: &str) -> Option<bool> {
        let word = match self.case.field(column) {
            None => return self.note_missing(column),
            Some(Field::Flag(flag)) => return Some(*flag),
            Some(Field::Number(number)) => number.to_string(),
            Some(Field::Text(text)) => text.trim().to_ascii_lowercase(),
            Some(_) => String::new(),
        };
        match word.as_str() {
            "true" | "yes" | "1" => Some(true),
            "false" | "no" | "0" => Some(false),
            _ => self.note_wrong(column, "true or false"),
        }
    }

    /// A word from a list; case does not count, and `-` and blanks are as `_`.
    pub(crate) fn named<T: Named>(&mut self, column: &str) -> Option<T> {
        let word = match self.case.field(column) {
            None => return self.note_missing(column),
            Some(Field::Text(text)) => text.trim().to_ascii_lowercase().replace(['-', ' '], "_"),
            Some(_) => String::new(),
        };
        let found = T::NAMES.iter().find(|(name, _)| *name == word);
        if found.is_none() {
            let names: Vec<&str> = T::NAMES.iter().map(|(name, _)| *name).collect();
            return self.note_wrong(column, &format!("one of {}", names.join(" ")));
        }
        found.map(|(_, value)| *value)
    }

    /// Computes from the table in a column (a JSON object where the column is text), or from this row where the
    /// column is not there. What is missing or wrong in there is noted here.
    pub(crate) fn nested<T>(
        &mut self,
        column: &str,
        compute: impl FnOnce(&mut Inputs<'_>) -> Option<T>,
    ) -> Option<T> {
        let case = match self.case.field(column) {
            None => return compute(self),
            Some(Field::Nested(case)) => case.clone(),
            Some(Field::Text(text)) => match serde_json::from_str(text) {
                Ok(serde_json::Value::Object(object)) => object.into(),
                _ => return self.note_wrong(column, "a JSON object"),
            },
            Some(_) => return self.note_wrong(column, "a JSON object"),
        };
        let mut inside = Inputs::of(Cow::Owned(case));
        let value = compute(&mut inside);
        self.missing.append(&mut inside.missing);
        self.wrong.append(&mut inside.wrong);
        self.remarks.append(&mut inside.remarks);
        value
    }

    /// Notes a mistake.
    pub(crate) fn wrong(&mut self, what: &str) {
        self.wrong.push(what.to_owned());
    }

    /// Notes something that does not stand in the way of a result.
    pub(crate) fn remark(&mut self, what: &str) {
        self.remarks.push(what.to_owned());
    }

    /// Notes a value beyond the range that a model was made for.
    pub(crate) fn remark_beyond<Q: Quantity>(
        &mut self,
        column: &str,
        value: Option<Q>,
        range: &RangeInclusive<f64>,
        made_for: &str,
    ) {
        if let Some(value) = value.map(Q::get).filter(|value| !range.contains(value)) {
            let (low, high) = (range.start(), range.end());
            self.remarks.push(format!(
                "{column} {value} is outside {low} to {high} mm that {made_for}"
            ));
        }
    }

    /// Everything that was noted, empty where nothing was.
    pub(crate) fn reason(self) -> String {
        let missing = (!self.missing.is_empty()).then(|| format!("missing: {}", self.missing.join(" ")));
        let parts: Vec<String> = missing
            .into_iter()
            .chain(self.wrong)
            .chain(self.remarks)
            .collect();
        parts.join("; ")
    }

    fn note_missing<T>(&mut self, column: &str) -> Option<T> {
        self.missing.push(column.to_owned());
        None
    }

    fn note_wrong<T>(&mut self, column: &str, wanted: &str) -> Option<T> {
        let quoted = match self.case.field(column) {
            Some(Field::Text(text)) => format!("\"{}\"", quote(text)),
            Some(Field::Number(number)) => number.to_string(),
            Some(Field::Flag(flag)) => flag.to_string(),
            Some(Field::Nested(_)) => "a table".to_owned(),
            Some(Field::Other(kind)) => (*kind).to_owned(),
            None => String::new(),
        };
        self.wrong.push(format!("{column} {quoted} is not {wanted}"));
        None
    }
}

/// The start of a text on one line.
fn quote(text: &str) -> String {
    let mut characters = text.trim().chars();
    let mut start: String = characters
        .by_ref()
        .take(LONGEST_QUOTE)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if characters.next().is_some() {
        start.push_str("...");
    }
    start
}
