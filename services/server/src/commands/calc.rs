//! `hilum calc`

use std::fs;

use anyhow::Context as _;

use crate::{
    cli::{CalcArgs, CalcName},
    commands::answer,
};

/// Computes the cases of a table and prints CSV.
pub(crate) fn run(args: &CalcArgs) -> anyhow::Result<()> {
    let text =
        fs::read_to_string(&args.cases).with_context(|| format!("--cases {}", args.cases.display()))?;
    match args.name {
        CalcName::Dmwa => dmwa(&text),
    }
}

/// `id`, one column per modality with its alpha, `reason`. Columns are all modality names in order of appearance.
fn dmwa(text: &str) -> anyhow::Result<()> {
    let cases = hilum_fusion::dmwa_cases(text)?;
    let mut columns: Vec<&str> = Vec::new();
    for (name, _) in cases.iter().flat_map(|case| &case.alphas) {
        if !columns.contains(&name.as_str()) {
            columns.push(name);
        }
    }
    answer(&format!("id,{},reason", columns.join(",")));
    for case in &cases {
        let alphas: Vec<String> = columns
            .iter()
            .map(|column| {
                let alpha = case
                    .alphas
                    .iter()
                    .find(|(name, _)| name == column)
                    .and_then(|(_, alpha)| *alpha);
                alpha.map_or_else(String::new, |alpha| format!("{alpha:.6}"))
            })
            .collect();
        let absent: Vec<&str> = case
            .alphas
            .iter()
            .filter(|(_, alpha)| alpha.is_none())
            .map(|(name, _)| name.as_str())
            .collect();
        let reason = if absent.is_empty() {
            String::new()
        } else {
            format!("absent: {}", absent.join(" "))
        };
        answer(&format!("{},{},{reason}", case.id, alphas.join(",")));
    }
    Ok(())
}
