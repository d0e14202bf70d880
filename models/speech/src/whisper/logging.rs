//! whisper.cpp writes to standard error unless told otherwise.

use whisper_rs::install_logging_hooks;

/// Sends what whisper.cpp says nowhere: errors come back as values, and the rest is of no use to a reader of logs.
pub(crate) fn quiet() {
    // Without one of its logging features the hooks drop every line.
    install_logging_hooks();
}
