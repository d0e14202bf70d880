//! `hilum config`

use crate::{
    cli::{ConfigAction, ConfigArgs},
    commands::answer,
    settings::{self, Settings},
};

/// Prints the settings in force.
pub(crate) fn run(args: &ConfigArgs) -> anyhow::Result<()> {
    let settings = Settings::load(&args.settings)?;
    match args.action {
        // No setting is secret, so the redacted form is the only form.
        ConfigAction::Print { redacted: _ } => answer(settings::to_toml(&settings)?.trim_end()),
    }
    Ok(())
}
