//! Imports one mutant after the other in this process.

use std::io::Write as _;
use std::sync::Arc;

use anyhow::Context as _;
use hilum_fuzz::{decoding, memory, targets};
use rustix::process::{Resource, Rlimit, setrlimit};

use crate::Options;

/// Address space of the child: what asks for more aborts here instead of taking the machine.
const ADDRESS_SPACE: u64 = 4 << 30;

/// Writes `number outcome extra_bytes` for each mutant; a panic ends the process.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let limit = Rlimit {
        current: Some(ADDRESS_SPACE),
        maximum: Some(ADDRESS_SPACE),
    };
    setrlimit(Resource::As, limit).context("limit of the address space")?;
    // On this thread alone: the memory of a mutant must not depend on the number of cores.
    rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .use_current_thread()
        .build_global()?;
    let bases = options.bases()?;
    // Compressed frames go to a child of this one, as in the program: what is measured here is what is left for it.
    let decoder = decoding::decoder();
    let mut out = std::io::stdout().lock();
    for number in options.from..options.from + options.count {
        let (_, files) = bases.mutant(options.seed, number);
        let decoder = Some(Arc::clone(&decoder));
        let (outcome, extra) = memory::measure(|| targets::import(files, decoder));
        let outcome = outcome.map_or_else(|error| error.code().as_str(), |_| "loaded");
        writeln!(out, "{number} {outcome} {extra}")?;
    }
    Ok(())
}
