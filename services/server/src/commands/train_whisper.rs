//! `hilum train whisper`

use std::fs;

use anyhow::Context as _;
use hilum_dictation::{Corpus, Dictation, Precision, TrainConfig, make_corpus};
use hilum_domain::Progress as _;

use crate::{
    cli::TrainArgs,
    commands::{answer, synthesizers, train},
    progress::Console,
};

/// Test recordings that the model is measured on at the end.
const TESTED: usize = 900;

/// Makes what is missing of the corpus in the data folder, then trains, writes the model for whisper.cpp and measures it.
pub(crate) fn run(args: &TrainArgs) -> anyhow::Result<()> {
    let config: TrainConfig = train::configuration(args)?;
    let progress = Console::new();
    make_corpus(
        &args.data,
        &config.corpus,
        &|language, voice, text| {
            synthesizers::speak(language, voice, text).map_err(|error| format!("{error:#}"))
        },
        &progress,
    )?;
    let corpus = Corpus::open(&args.data)?;
    let record = hilum_dictation::train(&corpus, &config, &args.out, args.resume, &progress)?;
    let model = Dictation::open(&args.out.join("checkpoint.safetensors"))?;
    let ggml = args.out.join("dictation-q8_0.bin");
    fs::write(&ggml, model.ggml(Precision::Eight)?).with_context(|| format!("{}", ggml.display()))?;
    progress.stage("test", None);
    let evaluation = serde_json::to_string_pretty(&hilum_dictation::evaluate(&model, &corpus, TESTED)?)?;
    fs::write(args.out.join("evaluation.json"), &evaluation)?;
    progress.finish();
    answer(&evaluation);
    let last = record.curve.last().context("a run has at least one step")?;
    answer(&format!(
        "{} steps on {} recordings: decoder loss {:.3}, classification loss {:.3}; checkpoint, model and record lie in {}",
        record.steps,
        record.recordings,
        last.decoder,
        last.ctc,
        args.out.display()
    ));
    Ok(())
}
