//! What is wrong with an input.

/// Why a statistic cannot be computed. Cases are named by their position, never by their identity.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum StatsError {
    /// Two lists that belong together differ in length.
    #[error("{left} has {left_len} entries, {right} has {right_len}")]
    LengthMismatch {
        /// Name of one list.
        left: &'static str,
        /// Its length.
        left_len: usize,
        /// Name of the other.
        right: &'static str,
        /// Its length.
        right_len: usize,
    },
    /// No case at all.
    #[error("no cases")]
    Empty,
    /// Only positives or only negatives, where both are needed.
    #[error("one class only: {positives} positives, {negatives} negatives")]
    OneClass {
        /// Number of positives.
        positives: usize,
        /// Number of negatives.
        negatives: usize,
    },
    /// `DeLong` estimates a variance from each class.
    #[error("a variance needs two cases of each class: {positives} positives, {negatives} negatives")]
    TooFewForVariance {
        /// Number of positives.
        positives: usize,
        /// Number of negatives.
        negatives: usize,
    },
    /// NaN or infinity.
    #[error("{what} at index {index} is not finite")]
    NotFinite {
        /// Name of the list.
        what: &'static str,
        /// Position in it.
        index: usize,
    },
    /// A probability outside 0 to 1.
    #[error("probability {value} at index {index} is outside 0 to 1")]
    NotAProbability {
        /// Position.
        index: usize,
        /// The value.
        value: f64,
    },
    /// A parameter outside its range.
    #[error("{what} is {value}, must be {range}")]
    BadParameter {
        /// Name of the parameter.
        what: &'static str,
        /// The value.
        value: f64,
        /// What is allowed.
        range: &'static str,
    },
    /// More successes than trials.
    #[error("{successes} successes of {trials} trials")]
    BadCount {
        /// Successes.
        successes: usize,
        /// Trials.
        trials: usize,
    },
    /// Bootstrap samples hold one class only too often for their percentiles to mean anything.
    #[error("{one_class} of {replicates} bootstrap samples hold one class only")]
    TooFewClusters {
        /// Samples without one of the classes.
        one_class: usize,
        /// Samples drawn.
        replicates: usize,
    },
    /// The logistic fit has no finite solution: the scores separate the classes, or are all the same.
    #[error("logistic recalibration does not converge: the scores separate the classes or do not vary")]
    NotConverged,
}
