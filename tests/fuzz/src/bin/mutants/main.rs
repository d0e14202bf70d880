//! Imports mutants of valid DICOM files and counts crashes, hangs and excess memory.
//!
//! Mutants are imported in a child process, so that one that aborts or hangs is seen and survived. The same seed and
//! number give the same mutant. Prints one CSV line of counts; exits with 1 when there was a finding.

mod child;
mod parent;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use hilum_fuzz::bases::{self, Base};
use hilum_fuzz::mutation;

/// Imports mutants of valid DICOM files.
#[derive(Debug, Clone, Parser)]
struct Options {
    /// Number of the first mutant.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// How many.
    #[arg(long, default_value_t = 1000)]
    count: u64,
    /// Seed of all mutants.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder of sample files to mutate beside the generated ones.
    #[arg(long)]
    samples: Option<PathBuf>,
    /// Where the files of a finding are written.
    #[arg(long, default_value = "mutants-found")]
    findings: PathBuf,
    /// Run as the child: import here and tell about each mutant.
    #[arg(long)]
    child: bool,
}

/// What mutants descend from: generated files first, then samples.
struct Bases {
    all: Vec<Base>,
    generated: usize,
}

impl Options {
    fn bases(&self) -> anyhow::Result<Bases> {
        let mut all = bases::generated(8)?;
        all.extend(bases::generated(64)?);
        all.extend(bases::compressed()?);
        let generated = all.len();
        if let Some(folder) = &self.samples {
            all.extend(bases::samples(folder)?);
        }
        Ok(Bases { all, generated })
    }
}

impl Bases {
    /// The base and the files of mutant `number` of a seed: every other mutant descends from a generated base.
    fn mutant(&self, seed: u64, number: u64) -> (&Base, Vec<Vec<u8>>) {
        let (generated, samples) = self.all.split_at(self.generated);
        let group = if number.is_multiple_of(2) || samples.is_empty() {
            generated
        } else {
            samples
        };
        let base = &group[(number / 2 % group.len() as u64) as usize];
        // The seed fills the upper half, so that two seeds share no mutant.
        (base, mutation::mutant(base, seed << 40 | number))
    }
}

fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    if options.child {
        child::run(&options)?;
        return Ok(ExitCode::SUCCESS);
    }
    let tally = parent::run(&options)?;
    #[expect(clippy::print_stdout, reason = "the result goes to whoever called")]
    {
        println!("{}", tally.csv());
    }
    Ok(if tally.findings() == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
