//! One file per subcommand.

mod calc;
mod config;
mod demo;
mod detector_phantoms;
mod findings;
mod graph;
mod indication;
mod models;
pub(crate) mod phantom;
mod score;
mod segmenter_phantoms;
mod serve;
mod synthesizers;
mod token;
mod train;
mod train_text;
mod train_whisper;
mod transcribe;
mod volume;

use std::sync::Arc;

use anyhow::Context as _;
use hilum_decoder::{DecoderPool, PoolSettings};

use crate::cli::Command;

/// Runs a subcommand to its end.
pub(crate) fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Demo(args) => demo::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Work(args) => serve::work(&args),
        Command::Score(args) => score::run(&args),
        Command::Volume(args) => volume::run(&args),
        Command::Phantom(args) => phantom::run(&args),
        Command::Calc(args) => calc::run(&args),
        Command::Findings(args) => findings::run(&args),
        Command::Train(args) => train::run(&args),
        Command::Transcribe(args) => transcribe::run(&args),
        Command::Models { action } => models::run(&action),
        Command::Indication { action } => indication::run(&action),
        Command::Graph(args) => graph::run(&args),
        Command::Token(args) => token::run(&args),
        Command::Config(args) => config::run(&args),
    }
}

/// A line on standard output: the answer of a command, which is what standard output is for.
#[expect(
    clippy::print_stdout,
    reason = "the answer of a command goes to standard output"
)]
pub(crate) fn answer(line: &str) {
    println!("{line}");
}

/// The children that decode compressed pixels. None starts before the first such frame.
pub(crate) fn decoder() -> anyhow::Result<Arc<DecoderPool>> {
    let settings = PoolSettings::beside_this_program().context("folder of this program")?;
    Ok(Arc::new(DecoderPool::new(settings).context("decoder")?))
}

/// Runs async work to its end on this thread's runtime.
pub(crate) fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(work)
}
