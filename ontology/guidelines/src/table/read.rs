//! From the bytes of a file to rows.

use csv::{ReaderBuilder, Trim};

use super::case::{Case, Field};

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated, first row names the columns.
    Csv,
    /// An array of tables; its name depends on the calculator.
    Toml,
    /// An object, or an array of objects.
    Json,
}

/// Why a file is no table of cases.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// Not UTF-8.
    #[error("the table is not UTF-8 from byte {0}")]
    NotUtf8(usize),
    /// Not CSV.
    #[error("not a CSV table: {0}")]
    Csv(#[from] csv::Error),
    /// No column is named `id`.
    #[error("the CSV table has no column id")]
    NoId,
    /// One name for two columns.
    #[error("column {0} is there twice")]
    ColumnTwice(String),
    /// Not TOML.
    #[error("not TOML, line {line}: {why}")]
    Toml {
        /// Counted from 1.
        line: usize,
        /// What the parser says.
        why: String,
    },
    /// The array of cases is absent or something else.
    #[error("no [[{0}]] in the TOML file")]
    NoCases(&'static str),
    /// Not JSON.
    #[error("not JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// JSON of another form.
    #[error("the JSON input is neither an object nor an array of objects")]
    NotObjects,
}

/// Reads all rows. `toml_key` names the array of tables in TOML.
pub fn read(bytes: &[u8], format: Format, toml_key: &'static str) -> Result<Vec<Case>, TableError> {
    let text = std::str::from_utf8(bytes).map_err(|error| TableError::NotUtf8(error.valid_up_to()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match format {
        Format::Csv => read_csv(text),
        Format::Toml => read_toml(text, toml_key),
        Format::Json => read_json(text),
    }
}

/// A row may be shorter than the header: the rest is absent.
fn read_csv(text: &str) -> Result<Vec<Case>, TableError> {
    let mut reader = ReaderBuilder::new()
        .flexible(true)
        .trim(Trim::All)
        .from_reader(text.as_bytes());
    let columns: Vec<String> = reader.headers()?.iter().map(str::to_owned).collect();
    if !columns.iter().any(|column| column == "id") {
        return Err(TableError::NoId);
    }
    for (at, column) in columns.iter().enumerate() {
        if !column.is_empty() && columns[..at].contains(column) {
            return Err(TableError::ColumnTwice(column.clone()));
        }
    }
    let mut cases = Vec::new();
    for record in reader.records() {
        let record = record?;
        let fields = columns.iter().zip(&record);
        cases.push(Case::new(
            fields.map(|(column, text)| (column.clone(), Field::Text(text.to_owned()))),
        ));
    }
    Ok(cases)
}

fn read_toml(text: &str, key: &'static str) -> Result<Vec<Case>, TableError> {
    let mut file: toml::Table = toml::from_str(text).map_err(|error| TableError::Toml {
        line: line_of(text, error.span().map_or(0, |span| span.start)),
        why: error.message().to_owned(),
    })?;
    let Some(toml::Value::Array(cases)) = file.remove(key) else {
        return Err(TableError::NoCases(key));
    };
    cases
        .into_iter()
        .map(|case| match case {
            toml::Value::Table(table) => Ok(table.into()),
            _ => Err(TableError::NoCases(key)),
        })
        .collect()
}

fn line_of(text: &str, byte: usize) -> usize {
    1 + text.bytes().take(byte).filter(|byte| *byte == b'\n').count()
}

fn read_json(text: &str) -> Result<Vec<Case>, TableError> {
    let cases = match serde_json::from_str(text)? {
        serde_json::Value::Array(cases) => cases,
        case => vec![case],
    };
    cases
        .into_iter()
        .map(|case| match case {
            serde_json::Value::Object(object) => Ok(object.into()),
            _ => Err(TableError::NotObjects),
        })
        .collect()
}
