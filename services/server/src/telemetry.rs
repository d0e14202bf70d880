//! Log lines: sentences with fields on standard error, never patient data.

use std::io::IsTerminal as _;

use tracing_subscriber::{EnvFilter, fmt};

/// Starts logging. `RUST_LOG` decides when set; otherwise `info`, or `debug` with `--verbose`.
///
/// On a terminal lines are for reading, elsewhere they are JSON for a log collector.
pub(crate) fn start(verbose: bool) {
    let level = if verbose {
        "info,hilum=debug"
    } else {
        "info,sqlx=warn"
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    let builder = fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false);
    if std::io::stderr().is_terminal() {
        builder.compact().init();
    } else {
        builder.json().init();
    }
}
