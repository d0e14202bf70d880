//! Rows of the CSV tables that ship with the program.

use csv::{ReaderBuilder, StringRecord};

/// A row whose cells have names.
pub(crate) struct Row {
    header: StringRecord,
    cells: StringRecord,
}

impl Row {
    /// The cell under this name; empty where the table has no such column.
    pub(crate) fn get(&self, column: &str) -> &str {
        let at = self.header.iter().position(|name| name == column);
        at.and_then(|at| self.cells.get(at)).unwrap_or("").trim()
    }

    /// The parts of a cell that `|` separates.
    pub(crate) fn list(&self, column: &str) -> impl Iterator<Item = &str> {
        self.get(column).split('|').filter(|part| !part.is_empty())
    }
}

/// The rows of a table of ours. It is part of the program: a row that cannot be read is a mistake of the build, which
/// the tests meet.
pub(crate) fn rows(table: &str) -> impl Iterator<Item = Row> {
    let mut reader = ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_reader(table.as_bytes());
    let header = reader.headers().expect("the table has a header").clone();
    let records: Vec<StringRecord> = reader
        .records()
        .map(|row| row.expect("a row of the table"))
        .collect();
    records.into_iter().map(move |cells| Row {
        header: header.clone(),
        cells,
    })
}
