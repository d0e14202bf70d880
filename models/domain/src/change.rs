//! What became of nodules since a prior CT.

use serde::{Deserialize, Serialize};

use crate::{Lps, Uid};

/// What became of one nodule of the current CT since the prior one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// In one word.
    pub state: ChangeState,
    /// Study Date of the prior CT, YYYYMMDD.
    pub prior_study_date: Option<String>,
    /// Days between the two study dates.
    pub interval_days: Option<u32>,
    /// Tracking UIDs of its nodules in the prior CT by that CT's own analysis; several when they merged.
    pub prior_tracking_uids: Vec<Uid>,
    /// Centre of its first nodule there, LPS mm of the prior CT.
    pub prior_center_lps_mm: Option<Lps>,
    /// Volume there, the sum when several merged.
    pub prior_volume_mm3: Option<f64>,
    /// Volume now less volume then; of all parts when it split.
    pub volume_change_mm3: Option<f64>,
    /// The same in percent of the volume then.
    pub volume_change_percent: Option<f64>,
    /// Change that the errors of both measurements alone exceed once in forty times.
    pub error_percent: Option<f64>,
    /// Volume doubling time, negative when shrinking; absent without dates or change.
    pub vdt_days: Option<f64>,
    /// Distance from where it was expected by registration.
    pub distance_mm: Option<f64>,
    /// Why this may be wrong; absent when it is not in doubt.
    pub uncertain: Option<String>,
}

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

/// The prior CT that a result was compared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PriorComparison {
    /// Study of the prior CT.
    pub study_instance_uid: Uid,
    /// Series that was read.
    pub series_instance_uid: Uid,
    /// Study Date, YYYYMMDD.
    pub study_date: Option<String>,
    /// Days between the two study dates.
    pub interval_days: Option<u32>,
    /// Nodules that were found in it.
    pub nodules: usize,
    /// Places of the lungs that registration recognised in both.
    pub landmarks: usize,
    /// Nodules that are gone.
    pub resolved: Vec<ResolvedNodule>,
}

/// A nodule of the prior CT that is gone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResolvedNodule {
    /// Its tracking UID by the prior CT's own analysis.
    pub tracking_uid: Uid,
    /// Centre in the prior CT, LPS mm.
    pub prior_center_lps_mm: Lps,
    /// Volume there.
    pub prior_volume_mm3: f64,
    /// Where it would be in the current CT, LPS mm.
    pub expected_center_lps_mm: Lps,
    /// Why this may be wrong; absent when it is not in doubt.
    pub uncertain: Option<String>,
}
