//! `hilum findings`

mod cases;

use std::{
    fmt::Write as _,
    fs,
    io::{self, Read as _},
};

use anyhow::Context as _;
use hilum_domain::{Reason, ReasonCode};
use hilum_findings::{Findings, Language, decode, read};
use serde::Serialize;

use crate::{
    cli::{FindingsArgs, TextLanguage},
    commands::answer,
};

/// Largest text that is read. Its findings take some thirty times as much memory.
const MOST_BYTES: u64 = 64 << 20;

/// Reads a text and prints its findings: one JSON object, a line per case, or a table.
pub(crate) fn run(args: &FindingsArgs) -> anyhow::Result<()> {
    if let Some(path) = &args.cases {
        let name = format!("--cases {}", path.display());
        let opened = fs::File::open(path).with_context(|| name.clone())?;
        let bytes = whole(opened).with_context(|| name.clone())?;
        for line in cases::lines(&bytes).context(name)? {
            answer(&line);
        }
        return Ok(());
    }
    let Some(file) = &args.file else {
        anyhow::bail!("want a file, `-` for standard input, or --cases");
    };
    let (name, bytes) = if file.as_os_str() == "-" {
        let name = "standard input".to_owned();
        let bytes = whole(io::stdin().lock()).with_context(|| name.clone())?;
        (name, bytes)
    } else {
        let name = file.display().to_string();
        let opened = fs::File::open(file).with_context(|| name.clone())?;
        (name.clone(), whole(opened).context(name)?)
    };
    let decoded = decode(&bytes).context(name)?;
    let language = match args.lang {
        TextLanguage::Auto => None,
        TextLanguage::En => Some(Language::En),
        TextLanguage::Zh => Some(Language::Zh),
    };
    let findings = read(&decoded.text, language);
    let warnings = warnings(decoded.replaced);
    if args.json {
        let line = Line { findings, warnings };
        answer(&serde_json::to_string(&line)?);
    } else {
        answer(&table(&findings, &warnings));
    }
    Ok(())
}

/// All of an input that has an end, and no more of one that is larger or has none.
fn whole(input: impl io::Read) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    anyhow::ensure!(
        bytes.len() as u64 <= MOST_BYTES,
        "limit_exceeded: more than {MOST_BYTES} bytes of text"
    );
    Ok(bytes)
}

/// The findings with what a reader should know about the input.
#[derive(Serialize)]
struct Line {
    #[serde(flatten)]
    findings: Findings,
    warnings: Vec<Reason>,
}

fn warnings(replaced: usize) -> Vec<Reason> {
    let text = format!(
        "{replaced} sequences of bytes are no UTF-8; each was read as U+FFFD and counts as one code point"
    );
    let warning = (replaced > 0).then(|| Reason::new(ReasonCode::IllFormedText, text));
    warning.into_iter().collect()
}

/// Statements with the words that say them.
fn table(findings: &Findings, warnings: &[Reason]) -> String {
    let mut out = format!("language: {}\n", findings.language.as_str());
    for entity in &findings.entities {
        let value = entity
            .value
            .map(|value| format!("{value} {}", entity.unit.as_deref().unwrap_or_default()));
        let whose = match entity.experiencer.as_str() {
            "patient" => String::new(),
            other => format!(" ({other})"),
        };
        let _ = write!(
            out,
            "\n{:>7}-{:<7} {:<13} {}{whose}{}  “{}”",
            entity.start,
            entity.end,
            entity.assertion.as_str(),
            entity.concept,
            value
                .map(|value| format!(" = {}", value.trim_end()))
                .unwrap_or_default(),
            entity.text.replace(['\n', '\r'], " "),
        );
    }
    for nodule in &findings.nodules {
        let mut parts: Vec<String> = Vec::new();
        parts.extend(nodule.lobe.map(|lobe| lobe.to_string()));
        parts.extend(nodule.segment.map(str::to_owned));
        parts.extend(nodule.nodule_type.map(str::to_owned));
        match (nodule.long_mm, nodule.short_mm) {
            (Some(long), Some(short)) => parts.push(format!("{long} x {short} mm")),
            (Some(long), None) => parts.push(format!("{long} mm")),
            _ => {}
        }
        parts.extend(
            nodule
                .margin
                .iter()
                .chain(&nodule.features)
                .map(|part| (*part).to_owned()),
        );
        parts.extend(nodule.negated_features.iter().map(|part| format!("no {part}")));
        parts.extend(nodule.change.map(str::to_owned));
        let _ = write!(
            out,
            "\n{:>7}-{:<7} nodule        {}",
            nodule.start,
            nodule.end,
            parts.join(", ")
        );
    }
    let other = &findings.other;
    if !other.negated.is_empty() {
        let _ = write!(out, "\nnot there: {}", other.negated.join(", "));
    }
    if let Some(advice) = other.recommendation {
        let months = other.interval_months.map(|months| format!(" in {months} months"));
        let _ = write!(out, "\nadvised: {advice}{}", months.unwrap_or_default());
    }
    if let Some(category) = &other.lung_rads {
        let _ = write!(out, "\nLung-RADS {category}");
    }
    for discrepancy in &findings.discrepancies {
        let places: Vec<String> = discrepancy
            .spans
            .iter()
            .map(|[a, b]| format!("{a}-{b}"))
            .collect();
        let _ = write!(
            out,
            "\n{}: {} ({})",
            discrepancy.code.as_str(),
            discrepancy.text,
            places.join(", ")
        );
    }
    for warning in warnings {
        let _ = write!(out, "\n{}: {}", warning.code.as_str(), warning.text);
    }
    out
}
