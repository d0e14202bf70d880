//! Trains the CT scorer: `train_ct DATA_DIR RUN_DIR [CONFIG.toml]`; a run that was cut off goes on.

use std::path::PathBuf;

use hilum_cohort::Cohort;
use hilum_domain::Progress;
use hilum_fusion::{TrainConfig, train_ct};

/// Writes stages and notes to standard error.
struct Lines;

impl Progress for Lines {
    fn stage(&self, name: &str, steps: Option<u64>) {
        eprintln!("{name} ({} steps)", steps.unwrap_or(0));
    }
    fn advance(&self, _: u64) {}
    fn note(&self, line: &str) {
        eprintln!("  {line}");
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args_os().skip(1).map(PathBuf::from);
    let (data, run) = args
        .next()
        .zip(args.next())
        .ok_or("DATA_DIR RUN_DIR [CONFIG.toml]")?;
    let config = match args.next() {
        Some(path) => toml::from_str(&std::fs::read_to_string(path)?)?,
        None => TrainConfig::default(),
    };
    tch::set_num_threads(1);
    train_ct(&Cohort::open(&data)?, &config, &run, true, &Lines)?;
    Ok(())
}
