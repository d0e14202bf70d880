//! `hilum train whisper`

use anyhow::Context as _;
use hilum_dictation::{Corpus, TrainConfig, make_corpus};

use crate::{
    cli::TrainArgs,
    commands::{answer, synthesizers, train},
    progress::Console,
};

/// Makes what is missing of the corpus in the data folder, then trains.
pub(crate) fn run(args: &TrainArgs) -> anyhow::Result<()> {
    let config: TrainConfig = train::configuration(args)?;
    let progress = Console::new();
    make_corpus(
        &args.data,
        &config.corpus,
        &|language, voice, text| synthesizers::speak(language, voice, text).map_err(|error| format!("{error:#}")),
        &progress,
    )?;
    let corpus = Corpus::open(&args.data)?;
    let record = hilum_dictation::train(&corpus, &config, &args.out, args.resume, &progress)?;
    progress.finish();
    let last = record.curve.last().context("a run has at least one step")?;
    answer(&format!(
        "{} steps on {} recordings: decoder loss {:.3}, classification loss {:.3}; checkpoint and record lie in {}",
        record.steps,
        record.recordings,
        last.decoder,
        last.ctc,
        args.out.display()
    ));
    Ok(())
}
