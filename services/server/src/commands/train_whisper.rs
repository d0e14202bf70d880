//! `hilum train whisper`

use hilum_dictation::{CorpusPlan, make_corpus};

use crate::{
    cli::TrainArgs,
    commands::{synthesizers, train},
    progress::Console,
};

/// Makes what is missing of the corpus, then trains.
pub(crate) fn run(args: &TrainArgs) -> anyhow::Result<()> {
    let plan: CorpusPlan = train::configuration(args)?;
    let progress = Console::new();
    make_corpus(
        &args.data,
        &plan,
        &|language, voice, text| synthesizers::speak(language, voice, text).map_err(|error| format!("{error:#}")),
        &progress,
    )?;
    progress.finish();
    Ok(())
}
