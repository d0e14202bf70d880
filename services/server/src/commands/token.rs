//! `hilum token`

use std::sync::Arc;

use anyhow::{Context as _, bail};
use hilum_domain::SystemClock;
use hilum_store::{Role, Store};

use crate::{
    cli::{TokenAction, TokenArgs},
    commands::{answer, block_on},
    settings::Settings,
};

/// Makes a token and prints it once.
pub(crate) fn run(args: &TokenArgs) -> anyhow::Result<()> {
    let settings = Settings::load(&args.settings)?;
    let TokenAction::Create { label, role } = &args.action;
    let Some(role) = Role::from_text(role) else {
        bail!("no role {role:?}; there are admin, radiologist, pacs, validator, auditor");
    };
    block_on(async {
        let store = Store::open(&settings.data.dir, Arc::new(SystemClock))
            .await
            .with_context(|| format!("data folder {} cannot be opened", settings.data.dir.display()))?;
        answer(&store.create_token(label, role).await?);
        Ok(())
    })
}
