//! `hilum models`

use anyhow::Context as _;

use crate::{
    added_models::AddedModels,
    cli::{AddModelArgs, ModelsAction},
    commands::answer,
    settings::Settings,
    speech_models,
};

/// Lists, adds or verifies models.
pub(crate) fn run(action: &ModelsAction) -> anyhow::Result<()> {
    match action {
        ModelsAction::List { json, settings } => list(*json, &AddedModels::open(&Settings::load(settings)?)?),
        ModelsAction::Add(args) => add(args),
        ModelsAction::Verify { settings } => verify(&AddedModels::open(&Settings::load(settings)?)?),
    }
}

fn list(json: bool, added: &AddedModels) -> anyhow::Result<()> {
    for entry in hilum_weights::registry() {
        if json {
            let line = serde_json::json!({
                "name": entry.name,
                "version": entry.version,
                "sha256": entry.sha256,
                "source": entry.source,
                "licence": entry.licence,
                "card": entry.card,
            });
            answer(&line.to_string());
        } else {
            answer(&format!(
                "{} {}  {}  {}",
                entry.name,
                entry.version,
                &entry.sha256.as_str()[..16],
                entry.licence
            ));
        }
    }
    for model in &added.models {
        if json {
            answer(&serde_json::to_string(model)?);
        } else {
            answer(&format!(
                "{} ({}, added)  {}  {} bytes",
                model.name,
                model.kind.as_str(),
                model.sha256.as_str().get(..16).unwrap_or_default(),
                model.bytes
            ));
        }
    }
    Ok(())
}

fn add(args: &AddModelArgs) -> anyhow::Result<()> {
    let mut added = AddedModels::open(&Settings::load(&args.settings)?)?;
    let bytes = speech_models::read(&args.file)?;
    let stem = args.file.file_stem().unwrap_or_default().to_string_lossy();
    let name = args.name.as_deref().unwrap_or(&stem);
    let model = added
        .add(name, &bytes, args.sha256.as_deref())
        .with_context(|| format!("{}", args.file.display()))?;
    answer(&format!(
        "added {} ({}), sha256 {}",
        model.name,
        model.kind.as_str(),
        model.sha256
    ));
    Ok(())
}

fn verify(added: &AddedModels) -> anyhow::Result<()> {
    for entry in hilum_weights::registry() {
        hilum_weights::load(&entry.name)
            .with_context(|| format!("model {} is not as registered", entry.name))?;
        answer(&format!("{} {}: ok", entry.name, entry.version));
    }
    for model in &added.models {
        added.read(model)?;
        answer(&format!("{}: ok", model.name));
    }
    Ok(())
}
