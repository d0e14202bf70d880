//! Progress on standard error: bars on a terminal, plain lines elsewhere.

use std::{
    io::IsTerminal as _,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use hilum_domain::Progress;
use indicatif::{ProgressBar, ProgressStyle};

/// Shows the progress of one command.
pub(crate) struct Console {
    terminal: bool,
    started: Instant,
    stage: Mutex<Stage>,
    done: AtomicU64,
}

struct Stage {
    bar: Option<ProgressBar>,
    name: String,
    steps: Option<u64>,
    last_line: Instant,
}

/// Away from a terminal nothing is said before this: short work is no long work, and its error shall come first.
const SILENT_FOR: Duration = Duration::from_secs(3);
/// Lines away from a terminal come at most this often within a stage.
const LINE_EVERY: Duration = Duration::from_secs(10);

impl Console {
    /// Draws on standard error.
    pub(crate) fn new() -> Self {
        Self {
            terminal: std::io::stderr().is_terminal(),
            started: Instant::now(),
            stage: Mutex::new(Stage {
                bar: None,
                name: String::new(),
                steps: None,
                last_line: Instant::now(),
            }),
            done: AtomicU64::new(0),
        }
    }

    /// Removes the bar of the last stage.
    pub(crate) fn finish(&self) {
        if let Some(bar) = self.lock().bar.take() {
            bar.finish_and_clear();
        }
    }

    // A mutex, because stages change rarely and the critical sections only touch the bar.
    fn lock(&self) -> std::sync::MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress for Console {
    fn stage(&self, name: &str, steps: Option<u64>) {
        self.done.store(0, Ordering::Relaxed);
        let mut stage = self.lock();
        if let Some(bar) = stage.bar.take() {
            bar.finish_and_clear();
        }
        name.clone_into(&mut stage.name);
        stage.steps = steps;
        stage.last_line = Instant::now();
        if self.terminal {
            let bar = steps.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
            let template = if steps.is_some() {
                "{msg:32} [{bar:32}] {pos}/{len} {eta}"
            } else {
                "{msg:32} {spinner} {elapsed}"
            };
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            bar.set_message(name.to_owned());
            bar.enable_steady_tick(Duration::from_millis(200));
            stage.bar = Some(bar);
        } else if self.started.elapsed() >= SILENT_FOR {
            eprintln!("{name}");
        }
    }

    fn advance(&self, steps: u64) {
        let done = self.done.fetch_add(steps, Ordering::Relaxed) + steps;
        let mut stage = self.lock();
        if let Some(bar) = &stage.bar {
            bar.set_position(done);
        } else if stage.last_line.elapsed() >= LINE_EVERY {
            stage.last_line = Instant::now();
            match stage.steps {
                Some(steps) => eprintln!("{}: {done} of {steps}", stage.name),
                None => eprintln!("{}: {done}", stage.name),
            }
        }
    }

    fn note(&self, line: &str) {
        let stage = self.lock();
        match &stage.bar {
            Some(bar) => bar.println(line),
            None => eprintln!("{line}"),
        }
    }
}
