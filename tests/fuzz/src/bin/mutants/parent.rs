//! Watches children and counts.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use hilum_fuzz::memory::MOST_EXTRA;

use crate::Options;

/// Longest time that one mutant may take.
const LONGEST: Duration = Duration::from_secs(5);
/// Longest time until a child has made its bases.
const START: Duration = Duration::from_mins(2);

/// What became of the mutants.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    first: u64,
    mutants: u64,
    seconds: f64,
    crashes: u64,
    hangs: u64,
    over_memory: u64,
    peak_bytes: usize,
    outcomes: BTreeMap<String, u64>,
}

impl Tally {
    /// Crashes, hangs and mutants that took too much memory.
    pub(crate) fn findings(&self) -> u64 {
        self.crashes + self.hangs + self.over_memory
    }

    /// First mutant, mutants, seconds, crashes, hangs, over the memory, peak in MiB, volumes that loaded, and how
    /// often each refusal was given.
    pub(crate) fn csv(&self) -> String {
        let loaded = self.outcomes.get("loaded").copied().unwrap_or_default();
        let refusals: Vec<String> = self
            .outcomes
            .iter()
            .filter(|(outcome, _)| *outcome != "loaded")
            .map(|(outcome, count)| format!("{outcome}:{count}"))
            .collect();
        format!(
            "{},{},{:.0},{},{},{},{:.1},{loaded},{}",
            self.first,
            self.mutants,
            self.seconds,
            self.crashes,
            self.hangs,
            self.over_memory,
            self.peak_bytes as f64 / f64::from(1 << 20),
            refusals.join(" ")
        )
    }
}

/// How a child ended.
enum End {
    Done,
    Crash(String),
    Hang,
}

/// Runs all mutants, in as many children as it takes.
pub(crate) fn run(options: &Options) -> anyhow::Result<Tally> {
    let start = Instant::now();
    let mut tally = Tally {
        first: options.from,
        ..Tally::default()
    };
    let last = options.from + options.count;
    let mut next = options.from;
    while next < last {
        let end = batch(options, &mut next, last, &mut tally)?;
        match end {
            End::Done => continue,
            End::Crash(how) => {
                tally.crashes += 1;
                keep(options, next, &how)?;
            }
            // A busy machine may stop any process for five seconds: only what hangs twice hangs.
            End::Hang => {
                let mut again = next;
                match batch(options, &mut again, next + 1, &mut tally)? {
                    End::Done => {
                        next += 1;
                        continue;
                    }
                    End::Crash(how) => {
                        tally.crashes += 1;
                        keep(options, next, &how)?;
                    }
                    End::Hang => {
                        tally.hangs += 1;
                        keep(options, next, "hang")?;
                    }
                }
            }
        }
        tally.mutants += 1;
        next += 1;
    }
    tally.seconds = start.elapsed().as_secs_f64();
    Ok(tally)
}

/// One child from `next` on; `next` is then the mutant that it did not finish.
fn batch(options: &Options, next: &mut u64, last: u64, tally: &mut Tally) -> anyhow::Result<End> {
    let (mut child, lines) = spawn(options, *next, last - *next)?;
    let mut patience = START;
    while *next < last {
        match lines.recv_timeout(patience) {
            Ok(line) => {
                count(options, &line, *next, tally)?;
                *next += 1;
                patience = LONGEST;
            }
            Err(RecvTimeoutError::Timeout) => {
                child.kill()?;
                child.wait()?;
                return Ok(End::Hang);
            }
            Err(RecvTimeoutError::Disconnected) => {
                return Ok(End::Crash(child.wait()?.to_string()));
            }
        }
    }
    child.wait()?;
    Ok(End::Done)
}

fn spawn(options: &Options, from: u64, count: u64) -> anyhow::Result<(Child, Receiver<String>)> {
    let mut command = Command::new(std::env::current_exe()?);
    command
        .arg("--child")
        .args(["--from", &from.to_string(), "--count", &count.to_string()])
        .args(["--seed", &options.seed.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    if let Some(samples) = &options.samples {
        command.arg("--samples").arg(samples);
    }
    let mut child = command.spawn().context("the child")?;
    let stdout = child.stdout.take().context("the child's output")?;
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    Ok((child, lines))
}

/// Takes in what the child says about mutant `number`.
fn count(options: &Options, line: &str, number: u64, tally: &mut Tally) -> anyhow::Result<()> {
    let words: Vec<&str> = line.split(' ').collect();
    let [told, outcome, extra] = words.as_slice() else {
        anyhow::bail!("the child said {line:?}");
    };
    anyhow::ensure!(
        told.parse() == Ok(number),
        "the child said {line:?} about mutant {number}"
    );
    let extra: usize = extra.parse()?;
    tally.mutants += 1;
    tally.peak_bytes = tally.peak_bytes.max(extra);
    *tally.outcomes.entry((*outcome).to_owned()).or_default() += 1;
    if extra > MOST_EXTRA {
        tally.over_memory += 1;
        keep(options, number, &format!("{extra} bytes of extra memory"))?;
    }
    Ok(())
}

/// Writes the files of a finding and says how to repeat it.
fn keep(options: &Options, number: u64, what: &str) -> anyhow::Result<()> {
    let bases = options.bases()?;
    let (base, files) = bases.mutant(options.seed, number);
    let folder = options.findings.join(format!("{}-{number}", options.seed));
    std::fs::create_dir_all(&folder)?;
    for (k, bytes) in files.iter().enumerate() {
        std::fs::write(folder.join(format!("{k}.dcm")), bytes)?;
    }
    eprintln!(
        "mutant {number} of {}: {what}; files in {}",
        base.name,
        folder.display()
    );
    Ok(())
}
