//! `hilum train text`

use anyhow::Context as _;
use hilum_dictation::{Language as Spoken, grammar::Grammar};
use hilum_simulation::{Language, SimulatedPatient, note};
use hilum_text::TrainConfig;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::{
    cli::TrainArgs,
    commands::{answer, train},
    progress::Console,
};

/// A masked language model on simulated notes and generated dictations, English and Mandarin. Nothing is read from the data
/// folder: every word is made.
pub(crate) fn run(args: &TrainArgs) -> anyhow::Result<()> {
    let config: TrainConfig = train::configuration(args)?;
    let progress = Console::new();
    let english = Grammar::dictations(Spoken::English)?;
    let mandarin = Grammar::dictations(Spoken::Mandarin)?;
    let text = |number: u64| {
        let mut rng = ChaCha8Rng::seed_from_u64(config.seed);
        rng.set_stream(number);
        let patient = SimulatedPatient::draw(&mut rng);
        match rng.random_range(0..4) {
            0 => note(&patient, Language::English, &mut rng),
            1 => note(&patient, Language::Mandarin, &mut rng),
            2 => sentences(&english, " ", &mut rng),
            _ => sentences(&mandarin, "", &mut rng),
        }
    };
    let record = hilum_text::train(&config, &text, &args.out, args.resume, &progress)?;
    progress.finish();
    let last = record.looks.last().context("a run has at least one look")?;
    answer(&format!(
        "{} steps: loss {:.3}; on held-out notes {:.3}, {:.1} % of hidden tokens right; the model lies in {}",
        last.step,
        last.loss,
        last.held_out_loss,
        last.held_out_accuracy * 100.0,
        args.out.display()
    ));
    Ok(())
}

/// A dictation of one to four sentences.
fn sentences(grammar: &Grammar, between: &str, rng: &mut ChaCha8Rng) -> String {
    let count = rng.random_range(1..5);
    let written: Vec<String> = (0..count).map(|_| grammar.sentence(rng).written).collect();
    written.join(between)
}
