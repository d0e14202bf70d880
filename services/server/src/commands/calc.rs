//! `hilum calc`

use std::{
    fs,
    io::{self, Read as _},
    path::Path,
};

use anyhow::{Context as _, bail};
use hilum_guidelines::{Answer, Calculator, Cell, Format};

use crate::{
    cli::{CalcArgs, CalcName},
    commands::answer,
};

/// Computes a row for each case: CSV for `--cases`, JSON lines for `--json`.
pub(crate) fn run(args: &CalcArgs) -> anyhow::Result<()> {
    let table = read(args)?;
    let calculator = match args.name {
        CalcName::Brock => Calculator::Brock,
        CalcName::Mayo => Calculator::Mayo,
        CalcName::Va => Calculator::Va,
        CalcName::Herder => Calculator::Herder,
        CalcName::HerderChain => Calculator::HerderChain,
        CalcName::Vdt => Calculator::Vdt,
        CalcName::Nelson => Calculator::Nelson,
        CalcName::Measurement => Calculator::Measurement,
        CalcName::Dmwa => {
            let (columns, answers) = dmwa(&table.bytes).context(table.name)?;
            return print(&columns, &answers, args.json.is_some());
        }
    };
    let cases =
        hilum_guidelines::read(&table.bytes, table.format, calculator.toml_key()).context(table.name)?;
    let answers: Vec<Answer> = cases.iter().map(|case| calculator.answer(case)).collect();
    print(calculator.columns(), &answers, args.json.is_some())
}

/// A table before it is parsed.
struct Table {
    /// What errors call it.
    name: String,
    bytes: Vec<u8>,
    format: Format,
}

fn read(args: &CalcArgs) -> anyhow::Result<Table> {
    let Some(json) = &args.json else {
        let Some(path) = &args.cases else {
            bail!("want --cases or --json");
        };
        let name = format!("--cases {}", path.display());
        let format = format_of(path).with_context(|| name.clone())?;
        let bytes = fs::read(path).with_context(|| name.clone())?;
        return Ok(Table { name, bytes, format });
    };
    let (name, bytes) = if json == "-" {
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes).context("standard input")?;
        ("standard input".to_owned(), bytes)
    } else if json.trim_start().starts_with(['{', '[']) {
        ("--json".to_owned(), json.clone().into_bytes())
    } else {
        let name = format!("--json {json}");
        let bytes = fs::read(json).with_context(|| name.clone())?;
        (name, bytes)
    };
    Ok(Table {
        name,
        bytes,
        format: Format::Json,
    })
}

fn format_of(path: &Path) -> anyhow::Result<Format> {
    let ending = path
        .extension()
        .and_then(|ending| ending.to_str())
        .unwrap_or_default();
    match ending.to_ascii_lowercase().as_str() {
        "csv" => Ok(Format::Csv),
        "toml" => Ok(Format::Toml),
        "json" => Ok(Format::Json),
        _ => bail!("want a name that ends in .csv, .toml or .json"),
    }
}

fn print<S: AsRef<str>>(columns: &[S], answers: &[Answer], json: bool) -> anyhow::Result<()> {
    if json {
        for line in hilum_guidelines::json_lines(columns, answers) {
            answer(&line);
        }
        return Ok(());
    }
    hilum_guidelines::write_csv(io::stdout().lock(), columns, answers).context("standard output")
}

/// One column per modality with its alpha, in order of appearance.
fn dmwa(bytes: &[u8]) -> anyhow::Result<(Vec<String>, Vec<Answer>)> {
    let cases = hilum_fusion::dmwa_cases(std::str::from_utf8(bytes)?)?;
    let mut columns: Vec<String> = Vec::new();
    for (name, _) in cases.iter().flat_map(|case| &case.alphas) {
        if !columns.contains(name) {
            columns.push(name.clone());
        }
    }
    let answers = cases.into_iter().map(|case| {
        let alpha = |column: &String| {
            let alpha = case.alphas.iter().find(|(name, _)| name == column);
            Cell::number(alpha.and_then(|(_, alpha)| *alpha))
        };
        let absent = case.alphas.iter().filter(|(_, alpha)| alpha.is_none());
        let absent: Vec<&str> = absent.map(|(name, _)| name.as_str()).collect();
        Answer {
            cells: columns.iter().map(alpha).collect(),
            reason: if absent.is_empty() {
                String::new()
            } else {
                format!("absent: {}", absent.join(" "))
            },
            id: case.id.clone(),
        }
    });
    let answers = answers.collect();
    Ok((columns, answers))
}
