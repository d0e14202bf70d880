//! Patient data, masked by type.

use std::fmt;

/// A value that identifies a patient. `Debug` and `Display` show a mask; there is no `Serialize`.
///
/// [`Redacted::reveal`] is the only way to the value, so that every place that shows patient data can be
/// found by its name.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Redacted<T>(T);

impl<T> Redacted<T> {
    /// Wraps a value.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself, for storage and for answers to an authorised reader. Never for a log.
    pub const fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl<T> fmt::Display for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_nothing() {
        let name = Redacted::new("Doe^Jane".to_owned());
        assert_eq!(
            format!("{name} {name:?} {:?}", Some(&name)),
            "[redacted] [redacted] Some([redacted])"
        );
        assert_eq!(name.reveal(), "Doe^Jane");
    }
}
