//! One row as it stands in a file.

use std::collections::BTreeMap;

/// A row: its columns by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Case {
    pub(crate) fields: BTreeMap<String, Field>,
}

/// A value as the file writes it. A CSV file knows text only.
#[derive(Debug, Clone, PartialEq)]
pub enum Field {
    /// Text; blank text counts as absent.
    Text(String),
    /// A number.
    Number(f64),
    /// A truth value.
    Flag(bool),
    /// A table of its own.
    Nested(Case),
    /// Anything else, by the name of its kind.
    Other(&'static str),
}

impl Case {
    /// A row from its columns.
    pub fn new(fields: impl IntoIterator<Item = (String, Field)>) -> Self {
        Self {
            fields: fields.into_iter().collect(),
        }
    }

    /// The value of a column, unless the column is not there or blank.
    pub(crate) fn field(&self, column: &str) -> Option<&Field> {
        self.fields.get(column).filter(|field| match field {
            Field::Text(text) => !text.trim().is_empty(),
            _ => true,
        })
    }
}

impl From<toml::Table> for Case {
    fn from(table: toml::Table) -> Self {
        Self::new(table.into_iter().map(|(name, value)| (name, Field::from(value))))
    }
}

impl From<toml::Value> for Field {
    fn from(value: toml::Value) -> Self {
        match value {
            toml::Value::String(text) => Self::Text(text),
            toml::Value::Integer(number) => Self::Number(number as f64),
            toml::Value::Float(number) => Self::Number(number),
            toml::Value::Boolean(flag) => Self::Flag(flag),
            toml::Value::Table(table) => Self::Nested(table.into()),
            toml::Value::Array(_) => Self::Other("an array"),
            toml::Value::Datetime(_) => Self::Other("a date"),
        }
    }
}

/// JSON `null` is an absent column.
impl From<serde_json::Map<String, serde_json::Value>> for Case {
    fn from(object: serde_json::Map<String, serde_json::Value>) -> Self {
        let fields = object.into_iter().filter_map(|(name, value)| {
            let field = match value {
                serde_json::Value::Null => return None,
                serde_json::Value::Bool(flag) => Field::Flag(flag),
                serde_json::Value::Number(number) => Field::Number(number.as_f64().unwrap_or(f64::NAN)),
                serde_json::Value::String(text) => Field::Text(text),
                serde_json::Value::Array(_) => Field::Other("an array"),
                serde_json::Value::Object(object) => Field::Nested(object.into()),
            };
            Some((name, field))
        });
        Self::new(fields)
    }
}
