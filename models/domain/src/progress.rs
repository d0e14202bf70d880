//! Progress of long work, told to whoever wants to show it.

/// Receives the progress of long work. Models report; the binary draws bars or prints lines.
pub trait Progress: Sync {
    /// A new stage begins; `steps` is its length, or `None` when unknown.
    fn stage(&self, name: &str, steps: Option<u64>);
    /// `steps` more steps of the current stage are done.
    fn advance(&self, steps: u64);
    /// One line worth reading (a metric, a choice).
    fn note(&self, line: &str);
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn stage(&self, _: &str, _: Option<u64>) {}
    fn advance(&self, _: u64) {}
    fn note(&self, _: &str) {}
}
