//! Reading cells: a value that this program never writes becomes an error that names table, column and row.

use hilum_domain::{Sha256, Uid};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IntoDeserializer};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, Sqlite};
use time::OffsetDateTime;

use crate::StoreError;

/// A row of a known table with the key that names it in errors.
pub(crate) struct Cells<'r> {
    row: &'r SqliteRow,
    table: &'static str,
    key: String,
}

impl<'r> Cells<'r> {
    /// `key` must not be patient data: a UID or a number.
    pub(crate) fn new(row: &'r SqliteRow, table: &'static str, key: &impl ToString) -> Self {
        let key = key.to_string();
        Self { row, table, key }
    }

    /// With the key taken from a UID column.
    pub(crate) fn keyed_by(row: &'r SqliteRow, table: &'static str, column: &'static str) -> Self {
        let key = row.try_get::<String, _>(column);
        Self::new(row, table, &key.unwrap_or_else(|_| "without a key".into()))
    }

    pub(crate) fn get<T>(&self, column: &'static str) -> Result<T, StoreError>
    where
        T: sqlx::Type<Sqlite> + sqlx::Decode<'r, Sqlite>,
    {
        self.row
            .try_get(column)
            .map_err(|_| self.impossible(column, format!("not a {}", std::any::type_name::<T>())))
    }

    pub(crate) fn uid(&self, column: &'static str) -> Result<Uid, StoreError> {
        Uid::parse(&self.get::<String>(column)?).map_err(|e| self.impossible(column, e.to_string()))
    }

    pub(crate) fn sha256(&self, column: &'static str) -> Result<Sha256, StoreError> {
        digest_from_hex(self.get(column)?).ok_or_else(|| self.impossible(column, "not a SHA-256".into()))
    }

    pub(crate) fn count(&self, column: &'static str) -> Result<u64, StoreError> {
        u64::try_from(self.get::<i64>(column)?).map_err(|_| self.impossible(column, "is negative".into()))
    }

    pub(crate) fn time(&self, column: &'static str) -> Result<OffsetDateTime, StoreError> {
        time_from_ms(self.get(column)?).ok_or_else(|| self.impossible(column, "out of range".into()))
    }

    pub(crate) fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError> {
        serde_json::from_str(self.get(column)?).map_err(|e| {
            let (line, at) = (e.line(), e.column());
            self.impossible(
                column,
                format!("JSON of another shape at line {line}, column {at}"),
            )
        })
    }

    pub(crate) fn impossible(&self, column: &'static str, problem: String) -> StoreError {
        StoreError::ImpossibleRow {
            table: self.table,
            row: self.key.clone(),
            column,
            problem,
        }
    }
}

/// Milliseconds since 1970 in UTC, the form of every time column.
pub(crate) fn ms(time: OffsetDateTime) -> i64 {
    (time.unix_timestamp_nanos() / 1_000_000) as i64
}

fn time_from_ms(ms: i64) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000).ok()
}

/// A digest from its 64 lower-case hexadecimal characters.
pub(crate) fn digest_from_hex(text: String) -> Option<Sha256> {
    let is_digest = text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let parsed: Result<_, serde::de::value::Error> = Sha256::deserialize(text.into_deserializer());
    parsed.ok().filter(|_| is_digest)
}
