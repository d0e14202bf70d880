//! `hilum graph`

use std::sync::Arc;

use anyhow::Context as _;
use hilum_domain::{NodeId, SystemClock};
use hilum_pipeline::feed;
use hilum_store::Store;

use crate::{
    cli::{GraphAction, GraphArgs},
    commands::{answer, block_on},
    settings::Settings,
};

/// Rebuilds the graph from the facts and answers from it.
pub(crate) fn run(args: &GraphArgs) -> anyhow::Result<()> {
    let settings = Settings::load(&args.settings)?;
    block_on(async {
        let store = Store::open(&settings.data.dir, Arc::new(SystemClock)).await?;
        let graph = feed::rebuild(&store).await?;
        match &args.action {
            GraphAction::Verify => {
                let line =
                    serde_json::json!({ "hash": graph.canonical_hash(), "last_seq": graph.last_seq() });
                answer(&line.to_string());
            }
            GraphAction::Why { score } => {
                let why = graph
                    .why(&NodeId::from_text(score))
                    .with_context(|| format!("there is no score {score:?} in the graph"))?;
                answer(&serde_json::to_string(&why)?);
            }
        }
        Ok(())
    })
}
