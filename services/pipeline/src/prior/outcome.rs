//! What a comparison says about each nodule, in the words of the result.

use std::collections::{BTreeMap, BTreeSet};

use hilum_domain::{
    Change, ChangeCounts, ChangeState, Evidence, EvidenceKind, Lps, PriorComparison, PriorNodule, Reason,
    ResolvedNodule, Sha256, Uid,
};
use hilum_followup::{Doubt, Followed, Growth, Nodule, Resolved};
use hilum_volume::Volume;

use crate::engine::NoduleKey;

/// What is known of both CTs when they have been compared.
pub(super) struct Outcome<'a> {
    pub(super) current: &'a Volume,
    pub(super) prior: &'a Volume,
    pub(super) study_date: Option<String>,
    pub(super) interval_days: Option<u32>,
    /// Nodules that were detected in the prior CT.
    pub(super) nodules: &'a [Nodule],
    pub(super) identities: &'a BTreeMap<String, Uid>,
    pub(super) landmarks: usize,
    pub(super) warnings: Vec<Reason>,
}

/// A nodule of the current CT.
pub(super) struct Now {
    pub(super) seed: Lps,
    pub(super) volume_mm3: f64,
}

impl From<&Nodule> for Now {
    fn from(nodule: &Nodule) -> Self {
        Self {
            seed: nodule.seed,
            volume_mm3: nodule.volume_mm3,
        }
    }
}

/// The comparison, and what it means for each nodule, in the order in which they were found.
pub(crate) struct FollowUp {
    pub(crate) comparison: PriorComparison,
    /// Digest of both CTs and of the identities that were taken over.
    pub(crate) inputs_sha256: Sha256,
    fates: Vec<Fate>,
}

struct Fate {
    change: Change,
    tracking_uid: Uid,
    evidence: Evidence,
}

impl FollowUp {
    /// Writes what became of the nodule that was found as number `at` into it.
    pub(crate) fn tell(&self, at: usize, nodule: &mut hilum_domain::Nodule) {
        let Some(fate) = self.fates.get(at) else { return };
        nodule.tracking_uid = fate.tracking_uid.clone();
        nodule.change = Some(fate.change.clone());
        nodule.evidence.push(fate.evidence.clone());
    }
}

impl Outcome<'_> {
    /// `followed` has one entry for each of `now`.
    pub(super) fn follow_up(self, now: &[Now], followed: &[Followed], resolved: &[Resolved]) -> FollowUp {
        let mut nodules: Vec<PriorNodule> = self
            .nodules
            .iter()
            .map(|nodule| self.detected_nodule(nodule))
            .collect();
        let heirs = heirs(now, followed);
        let mut fates = Vec::with_capacity(followed.len());
        let mut counts = ChangeCounts::default();
        for (at, (now, followed)) in now.iter().zip(followed).enumerate() {
            let own = NoduleKey::new(self.current, now.seed).tracking_uid();
            let tracking_uid = match followed.prior.first() {
                Some(&then) if heirs.contains(&at) => nodules[then].tracking_uid.clone(),
                _ => own,
            };
            let mut before: Vec<&PriorNodule> = followed.prior.iter().map(|&then| &nodules[then]).collect();
            let looked_for = followed
                .found_in_prior
                .as_ref()
                .map(|then| self.prior_nodule(then, tracking_uid.clone(), false));
            before.extend(&looked_for);
            let change = self.change(followed, &before);
            counts.count(&change);
            fates.push(Fate {
                evidence: self.evidence(followed, &change),
                change,
                tracking_uid,
            });
            nodules.extend(looked_for);
        }
        let resolved: Vec<ResolvedNodule> = resolved.iter().map(|gone| gone_nodule(gone, &nodules)).collect();
        for gone in &resolved {
            counts.count_resolved(gone);
        }
        FollowUp {
            inputs_sha256: self.inputs_sha256(),
            comparison: PriorComparison {
                study_instance_uid: self.prior.study_instance_uid().clone(),
                series_instance_uid: self.prior.series_instance_uid().clone(),
                inputs_sha256: self.prior.inputs_sha256().clone(),
                study_date: self.study_date,
                interval_days: self.interval_days,
                landmarks: self.landmarks,
                nodules,
                resolved,
                counts,
                warnings: self.warnings,
            },
            fates,
        }
    }

    fn detected_nodule(&self, nodule: &Nodule) -> PriorNodule {
        let key = NoduleKey::new(self.prior, nodule.seed);
        let own = || key.tracking_uid();
        let tracking_uid = self.identities.get(&key.id()).cloned().unwrap_or_else(own);
        self.prior_nodule(nodule, tracking_uid, true)
    }

    fn prior_nodule(&self, nodule: &Nodule, tracking_uid: Uid, detected: bool) -> PriorNodule {
        PriorNodule {
            id: NoduleKey::new(self.prior, nodule.seed).id(),
            tracking_uid,
            center_lps_mm: nodule.center,
            seed_lps_mm: nodule.seed,
            mean_diameter_mm: nodule.mean_diameter_mm,
            volume_mm3: nodule.volume_mm3,
            nodule_type: nodule.nodule_type,
            detected,
        }
    }

    fn change(&self, followed: &Followed, before: &[&PriorNodule]) -> Change {
        let growth = followed.growth.as_ref();
        Change {
            state: followed.state,
            interval_days: self.interval_days,
            prior_ids: before.iter().map(|nodule| nodule.id.clone()).collect(),
            prior_tracking_uids: before.iter().map(|nodule| nodule.tracking_uid.clone()).collect(),
            prior_volume_mm3: growth.map(|growth| growth.prior_volume_mm3),
            volume_change_mm3: growth.map(|growth| growth.prior_volume_mm3 * growth.percent / 100.0),
            volume_change_percent: growth.map(|growth| growth.percent),
            compared_by: growth.map(|growth| growth.compared_by),
            error_percent: growth.map(|growth| growth.error_percent),
            vdt_days: growth
                .filter(|growth| is_beyond_error(followed.state, growth))
                .and_then(|growth| growth.doubling_time_days),
            distance_mm: followed.distance_mm,
            registration_error_mm: Some(followed.registration_error_mm).filter(|error| error.is_finite()),
            uncertain: in_words(&followed.doubts),
        }
    }

    /// The change as a statement about voxels of the prior CT. A new or larger nodule speaks for suspicion.
    fn evidence(&self, followed: &Followed, change: &Change) -> Evidence {
        let before = followed
            .found_in_prior
            .as_ref()
            .or_else(|| followed.prior.first().map(|&then| &self.nodules[then]));
        let grown = followed
            .growth
            .is_some_and(|growth| growth.state() == ChangeState::Growing);
        let supports = match followed.state {
            ChangeState::New | ChangeState::Growing => true,
            ChangeState::Stable | ChangeState::Shrinking => false,
            ChangeState::Merged | ChangeState::Split => grown,
        };
        Evidence {
            kind: EvidenceKind::Voxels,
            source: self.prior.series_instance_uid().to_string(),
            span: before.map(|nodule| nodule.segmentation.slices()),
            start_ms: None,
            end_ms: None,
            statement: statement(change),
            concept: None,
            supports,
        }
    }

    fn inputs_sha256(&self) -> Sha256 {
        let mut parts = vec![
            self.current.inputs_sha256().as_str().as_bytes(),
            self.prior.inputs_sha256().as_str().as_bytes(),
        ];
        for (id, uid) in self.identities {
            parts.extend([id.as_bytes(), uid.as_str().as_bytes()]);
        }
        Sha256::of_parts(parts)
    }
}

/// Which nodules carry on the identity of their nodule in the prior CT: of several parts, the largest.
fn heirs(now: &[Now], followed: &[Followed]) -> BTreeSet<usize> {
    let mut heir_of: BTreeMap<usize, usize> = BTreeMap::new();
    for (at, followed) in followed.iter().enumerate() {
        let Some(&then) = followed.prior.first() else {
            continue;
        };
        let heir = heir_of.entry(then).or_insert(at);
        if now[at].volume_mm3 > now[*heir].volume_mm3 {
            *heir = at;
        }
    }
    heir_of.into_values().collect()
}

fn gone_nodule(gone: &Resolved, nodules: &[PriorNodule]) -> ResolvedNodule {
    let nodule = &nodules[gone.prior];
    ResolvedNodule {
        prior_id: nodule.id.clone(),
        tracking_uid: nodule.tracking_uid.clone(),
        prior_volume_mm3: nodule.volume_mm3,
        expected_center_lps_mm: gone.expected,
        uncertain: in_words(&gone.doubts),
    }
}

/// Whether there is a pace to speak of.
fn is_beyond_error(state: ChangeState, growth: &Growth) -> bool {
    match state {
        ChangeState::Growing | ChangeState::Shrinking => true,
        ChangeState::Merged | ChangeState::Split => growth.state() != ChangeState::Stable,
        ChangeState::New | ChangeState::Stable => false,
    }
}

fn in_words(doubts: &[Doubt]) -> Option<String> {
    let words: Vec<String> = doubts.iter().map(ToString::to_string).collect();
    (!words.is_empty()).then(|| words.join("; "))
}

fn statement(change: &Change) -> String {
    let when = match change.interval_days {
        Some(days) => format!("{days} days earlier"),
        None => "at an unknown time before".to_owned(),
    };
    let fate = match (change.state, change.volume_change_percent, change.error_percent) {
        (ChangeState::New, ..) => format!("new: not seen in the prior CT {when}"),
        (state, Some(percent), Some(error)) => format!(
            "{}: volume {percent:+.0} % against the prior CT {when}, error of measurement {error:.0} %",
            state.as_str()
        ),
        (state, ..) => format!("{} against the prior CT {when}", state.as_str()),
    };
    let pace = change.vdt_days.map_or_else(String::new, |days| {
        let name = if days > 0.0 { "doubling" } else { "halving" };
        format!(", {name} time {:.0} days", days.abs())
    });
    let doubt = change
        .uncertain
        .as_ref()
        .map_or_else(String::new, |doubt| format!("; uncertain: {doubt}"));
    fate + &pace + &doubt
}

#[cfg(test)]
mod tests {
    use hilum_domain::ComparedBy;

    use super::*;

    const CHANGE: Change = Change {
        state: ChangeState::Growing,
        interval_days: Some(180),
        prior_ids: Vec::new(),
        prior_tracking_uids: Vec::new(),
        prior_volume_mm3: Some(100.0),
        volume_change_mm3: Some(43.0),
        volume_change_percent: Some(43.0),
        compared_by: Some(ComparedBy::Tissue),
        error_percent: Some(18.0),
        vdt_days: Some(348.8),
        distance_mm: Some(0.5),
        registration_error_mm: Some(1.0),
        uncertain: None,
    };

    #[test]
    fn statements() {
        let rows = [
            (
                CHANGE,
                "growing: volume +43 % against the prior CT 180 days earlier, error of measurement 18 %, doubling time \
                 349 days",
            ),
            (
                Change {
                    state: ChangeState::Stable,
                    interval_days: None,
                    volume_change_percent: Some(-4.0),
                    vdt_days: None,
                    uncertain: Some("why".into()),
                    ..CHANGE
                },
                "stable: volume -4 % against the prior CT at an unknown time before, error of measurement 18 %; \
                 uncertain: why",
            ),
            (
                Change {
                    state: ChangeState::New,
                    volume_change_percent: None,
                    vdt_days: None,
                    ..CHANGE
                },
                "new: not seen in the prior CT 180 days earlier",
            ),
        ];
        for (change, wanted) in rows {
            assert_eq!(statement(&change), wanted);
        }
    }

    #[test]
    fn a_pace_needs_a_change() {
        let growth = |percent: f64| Growth {
            prior_volume_mm3: 100.0,
            current_volume_mm3: 100.0 + percent,
            percent,
            error_percent: 20.0,
            doubling_time_days: Some(1.0),
            compared_by: ComparedBy::Outlines,
        };
        for (state, percent, wanted) in [
            (ChangeState::Growing, 30.0, true),
            (ChangeState::Stable, 30.0, false),
            (ChangeState::Merged, 10.0, false),
            (ChangeState::Merged, 40.0, true),
            (ChangeState::Split, -40.0, true),
            (ChangeState::New, 0.0, false),
        ] {
            assert_eq!(
                is_beyond_error(state, &growth(percent)),
                wanted,
                "{state:?} {percent}"
            );
        }
    }
}
