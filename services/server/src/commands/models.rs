//! `hilum models`

use anyhow::Context as _;

use crate::{cli::ModelsAction, commands::answer};

/// Lists or verifies the registry.
pub(crate) fn run(action: &ModelsAction) -> anyhow::Result<()> {
    match action {
        ModelsAction::List { json } => {
            list(*json);
            Ok(())
        }
        ModelsAction::Verify => verify(),
    }
}

fn list(json: bool) {
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
}

fn verify() -> anyhow::Result<()> {
    for entry in hilum_weights::registry() {
        hilum_weights::load(&entry.name)
            .with_context(|| format!("model {} is not as registered", entry.name))?;
        answer(&format!("{} {}: ok", entry.name, entry.version));
    }
    Ok(())
}
