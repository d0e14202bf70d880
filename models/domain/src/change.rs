//! What became of nodules since a prior CT.

use serde::{Deserialize, Serialize};

use crate::{Lps, NoduleType, Reason, Sha256, Uid};

/// What became of one nodule of the current CT since the prior one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// In one word.
    pub state: ChangeState,
    /// Days between the two study dates; `None` when one of them is not known.
    pub interval_days: Option<u32>,
    /// Identifiers of its nodules in the prior CT, as in [`PriorComparison::nodules`]; several when they merged, none
    /// when it is new.
    pub prior_ids: Vec<String>,
    /// Tracking UIDs of the same nodules.
    pub prior_tracking_uids: Vec<Uid>,
    /// Volume in the prior CT, the sum when several merged.
    pub prior_volume_mm3: Option<f64>,
    /// Volume now less volume then; of all parts when it split.
    pub volume_change_mm3: Option<f64>,
    /// The same in percent of the volume then.
    pub volume_change_percent: Option<f64>,
    /// What the two lines above rest on; `None` when it is new.
    #[serde(default)]
    pub compared_by: Option<ComparedBy>,
    /// 95 % repeatability: growth in percent that the errors of both measurements alone exceed once in forty times.
    pub error_percent: Option<f64>,
    /// Volume doubling time, negative when shrinking. `None` when the interval is not known or zero, and when the
    /// change is within the error of measurement.
    pub vdt_days: Option<f64>,
    /// Distance in the prior CT from where registration expected it.
    pub distance_mm: Option<f64>,
    /// How far off that expectation may be (one standard deviation); `None` where nothing near was recognised.
    pub registration_error_mm: Option<f64>,
    /// Why this may be wrong; `None` when it is not in doubt.
    pub uncertain: Option<String>,
}

/// What a change of volume was measured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ComparedBy {
    /// The difference of tissue in one region of both CTs; not exactly the difference of both outlines.
    Tissue,
    /// The volumes of both outlines.
    Outlines,
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
    /// Digest of its pixel-bearing input, independent of file order.
    pub inputs_sha256: Sha256,
    /// Study Date, YYYYMMDD.
    pub study_date: Option<String>,
    /// Days between the two study dates.
    pub interval_days: Option<u32>,
    /// Places of the lungs that registration recognised in both.
    pub landmarks: usize,
    /// Its nodules: those that were detected, then those that were outlined where a nodule of the current CT would be.
    pub nodules: Vec<PriorNodule>,
    /// Nodules that are gone.
    pub resolved: Vec<ResolvedNodule>,
    /// How many of each.
    pub counts: ChangeCounts,
    /// What a reader should know about the prior CT.
    pub warnings: Vec<Reason>,
}

/// A nodule as the prior CT shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PriorNodule {
    /// Identifier of this nodule in the prior series.
    pub id: String,
    /// Its identity over time.
    pub tracking_uid: Uid,
    /// Centre of mass, LPS mm of the prior CT.
    pub center_lps_mm: Lps,
    /// The point from which it was outlined, LPS mm of the prior CT.
    pub seed_lps_mm: Lps,
    /// Mean of long and short axis.
    pub mean_diameter_mm: f64,
    /// Volume of the outline.
    pub volume_mm3: f64,
    /// Attenuation type.
    #[serde(rename = "type")]
    pub nodule_type: NoduleType,
    /// Whether it was detected there, or only outlined because the current CT shows a nodule.
    pub detected: bool,
}

/// A nodule of the prior CT that is gone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResolvedNodule {
    /// Its identifier, as in [`PriorComparison::nodules`].
    pub prior_id: String,
    /// Its tracking UID.
    pub tracking_uid: Uid,
    /// Volume in the prior CT.
    pub prior_volume_mm3: f64,
    /// Where it would be in the current CT, LPS mm.
    pub expected_center_lps_mm: Lps,
    /// Why this may be wrong; `None` when it is not in doubt.
    pub uncertain: Option<String>,
}

/// Nodules by what happened to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ChangeCounts {
    /// Not there before.
    pub new: usize,
    /// No change beyond the error of measurement.
    pub stable: usize,
    /// Larger.
    pub growing: usize,
    /// Smaller.
    pub shrinking: usize,
    /// Outlines that were several nodules before.
    pub merged: usize,
    /// Outlines that were part of one nodule before.
    pub split: usize,
    /// Gone.
    pub resolved: usize,
    /// Of all these, those in doubt.
    pub uncertain: usize,
}

impl ChangeCounts {
    /// Counts one nodule of the current CT.
    pub fn count(&mut self, change: &Change) {
        let of_state = match change.state {
            ChangeState::New => &mut self.new,
            ChangeState::Stable => &mut self.stable,
            ChangeState::Growing => &mut self.growing,
            ChangeState::Shrinking => &mut self.shrinking,
            ChangeState::Merged => &mut self.merged,
            ChangeState::Split => &mut self.split,
        };
        *of_state += 1;
        self.uncertain += usize::from(change.uncertain.is_some());
    }

    /// Counts one that is gone.
    pub fn count_resolved(&mut self, resolved: &ResolvedNodule) {
        self.resolved += 1;
        self.uncertain += usize::from(resolved.uncertain.is_some());
    }
}

impl ChangeState {
    /// The wire form, for example `growing`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Stable => "stable",
            Self::Growing => "growing",
            Self::Shrinking => "shrinking",
            Self::Merged => "merged",
            Self::Split => "split",
        }
    }
}
