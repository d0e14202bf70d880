//! Answers as CSV and as JSON.

use std::io::Write;

use serde_json::{Map, Value};

use super::read::TableError;
use crate::units::Quantity;

/// What a calculator says about one row.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The row's `id`.
    pub id: String,
    /// One for each column.
    pub cells: Vec<Cell>,
    /// What is missing, out of range or remarkable; empty where nothing is.
    pub reason: String,
}

/// A computed value.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// The rule gives nothing.
    Empty,
    /// A number.
    Number(f64),
    /// A word.
    Word(String),
}

impl Cell {
    pub(crate) fn quantity<Q: Quantity>(value: Option<Q>) -> Self {
        Self::number(value.map(Q::get))
    }

    /// A number, or nothing.
    pub fn number(value: Option<f64>) -> Self {
        value.map_or(Self::Empty, Self::Number)
    }

    pub(crate) fn word(value: Option<&str>) -> Self {
        value.map_or(Self::Empty, |word| Self::Word(word.to_owned()))
    }

    fn text(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Number(number) => decimals(*number),
            Self::Word(word) => word.clone(),
        }
    }
}

/// Six decimals; zero has no sign.
fn decimals(number: f64) -> String {
    let text = format!("{number:.6}");
    if text == "-0.000000" {
        "0.000000".to_owned()
    } else {
        text
    }
}

/// Writes `id`, the columns and `reason` as CSV: numbers with six decimals, empty where there is nothing.
pub fn write_csv<S: AsRef<str>>(
    out: impl Write,
    columns: &[S],
    answers: &[Answer],
) -> Result<(), TableError> {
    let mut writer = csv::Writer::from_writer(out);
    let names = columns.iter().map(AsRef::as_ref);
    writer.write_record(["id"].into_iter().chain(names).chain(["reason"]))?;
    for answer in answers {
        let cells = answer.cells.iter().map(Cell::text);
        let row: Vec<String> = [answer.id.clone()]
            .into_iter()
            .chain(cells)
            .chain([answer.reason.clone()])
            .collect();
        writer.write_record(row)?;
    }
    writer.flush().map_err(|error| TableError::Csv(error.into()))
}

/// One JSON object per answer with the members of the CSV; `null` where there is nothing.
pub fn json_lines<S: AsRef<str>>(columns: &[S], answers: &[Answer]) -> Vec<String> {
    let object = |answer: &Answer| {
        let cells = columns.iter().zip(&answer.cells).map(|(column, cell)| {
            let value = match cell {
                Cell::Empty => Value::Null,
                Cell::Number(number) => Value::from(*number),
                Cell::Word(word) => Value::from(word.as_str()),
            };
            (column.as_ref().to_owned(), value)
        });
        let reason = (!answer.reason.is_empty()).then(|| answer.reason.clone());
        let members: Map<String, Value> = [("id".to_owned(), Value::from(answer.id.as_str()))]
            .into_iter()
            .chain(cells)
            .chain([("reason".to_owned(), Value::from(reason))])
            .collect();
        Value::Object(members).to_string()
    };
    answers.iter().map(object).collect()
}
