//! What became of a nodule since a prior CT.

use serde::{Deserialize, Serialize};

/// What happened to a nodule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeState {
    /// Not there before.
    New,
    /// No change beyond the error of measurement.
    Stable,
    /// Larger by more than the error of measurement.
    Growing,
    /// Smaller by more than that.
    Shrinking,
    /// Two or more nodules of the prior CT are one outline now.
    Merged,
    /// One nodule of the prior CT is two or more outlines now.
    Split,
}
