//! A table as a user sees it: bytes in, CSV out.

use std::collections::BTreeMap;

use hilum_guidelines::{Calculator, Format, read, write_csv};

/// The whole answer.
pub(crate) fn text(calculator: Calculator, format: &str, table: &str) -> String {
    let format = match format {
        "csv" => Format::Csv,
        "toml" => Format::Toml,
        _ => Format::Json,
    };
    let cases = read(table.as_bytes(), format, calculator.toml_key()).unwrap();
    let answers: Vec<_> = cases.iter().map(|case| calculator.answer(case)).collect();
    let mut out = Vec::new();
    write_csv(&mut out, calculator.columns(), &answers).unwrap();
    String::from_utf8(out).unwrap()
}

/// The answer row by row, by column.
pub(crate) fn answer(calculator: Calculator, format: &str, table: &str) -> Vec<BTreeMap<String, String>> {
    let text = text(calculator, format, table);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let row = |record: Result<csv::StringRecord, csv::Error>| {
        let record = record.unwrap();
        let pairs = header.iter().zip(&record);
        pairs
            .map(|(name, cell)| (name.to_owned(), cell.to_owned()))
            .collect()
    };
    reader.records().map(row).collect()
}
