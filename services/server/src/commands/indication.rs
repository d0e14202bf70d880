//! `hilum indication`

use hilum_indication::{Action, Indication, Limit, Rule};

use crate::{
    cli::{IndicationAction, IndicationArgs},
    commands::answer,
    indication,
};

/// Shows or verifies the indication file in force.
pub(crate) fn run(action: &IndicationAction) -> anyhow::Result<()> {
    match action {
        IndicationAction::Show { source: true, .. } => answer(hilum_indication::SHIPPED.trim_end()),
        IndicationAction::Show { file, json, .. } => {
            let indication = load(file)?;
            if *json {
                answer(&serde_json::to_string(&members(&indication))?);
            } else {
                show(&indication);
            }
        }
        IndicationAction::Verify { file } => {
            let indication = load(file)?;
            answer(&format!(
                "{} {}: signed by key {}, sha256 {}",
                indication.name,
                indication.version,
                indication.signed_by.fingerprint(),
                indication.sha256
            ));
        }
    }
    Ok(())
}

fn load(args: &IndicationArgs) -> anyhow::Result<Indication> {
    indication::load(args.indication.as_deref(), args.indication_key.as_deref())
}

fn show(indication: &Indication) {
    answer(&format!(
        "{} {}: {}",
        indication.name, indication.version, indication.intended_use
    ));
    for limit in &indication.limits {
        answer(&format!(
            "{:<20} {:<14} {:<7} {:<24} {}",
            limit.measure.as_str(),
            rule(limit),
            action(limit.action),
            limit.code.as_str(),
            limit.source
        ));
    }
    answer(&format!(
        "signed by key {}, sha256 {}",
        indication.signed_by.fingerprint(),
        indication.sha256
    ));
}

/// What is beyond the limit, in a few characters.
fn rule(limit: &Limit) -> String {
    let unit = limit.measure.unit();
    match &limit.rule {
        Rule::Below(number) => format!("< {number} {unit}"),
        Rule::Above(number) => format!("> {number} {unit}"),
        Rule::Without(words) => format!("not {} ...", words.first().map_or("", String::as_str)),
        Rule::Present => "present".to_owned(),
    }
}

const fn action(action: Action) -> &'static str {
    match action {
        Action::Ignore => "ignore",
        Action::Warn => "warn",
        Action::Refuse => "refuse",
    }
}

fn members(indication: &Indication) -> serde_json::Value {
    let limits = indication.limits.iter().map(|limit| {
        let (name, value) = match &limit.rule {
            Rule::Below(number) => ("below", serde_json::json!(number)),
            Rule::Above(number) => ("above", serde_json::json!(number)),
            Rule::Without(words) => ("without", serde_json::json!(words)),
            Rule::Present => ("present", serde_json::json!(true)),
        };
        serde_json::json!({
            "measure": limit.measure.as_str(),
            "unit": limit.measure.unit(),
            name: value,
            "action": action(limit.action),
            "absent": action(limit.absent),
            "code": limit.code.as_str(),
            "reason": limit.reason,
            "source": limit.source,
        })
    });
    serde_json::json!({
        "name": indication.name,
        "version": indication.version,
        "intended_use": indication.intended_use,
        "sha256": indication.sha256,
        "signed_by": indication.signed_by.fingerprint(),
        "limits": limits.collect::<Vec<_>>(),
    })
}
