//! Earlier and later CTs of one patient.

use std::cmp::Reverse;

use hilum_domain::{Status, StudyResult, Uid};

use crate::headers::patient;
use crate::rows::Cells;
use crate::{InstanceRecord, PatientKey, Store, StoreError, StoredResult};

/// Studies before the one of a series, newest first, or after it, oldest first. Patient ID alone: issuers are
/// compared by [`PatientKey::agrees_with`], where one that is absent contradicts none.
const BEFORE: &str = "
    SELECT o.study_uid, o.patient_id, o.patient_issuer, o.study_date FROM studies o, studies s
    WHERE s.study_uid = ?1 AND o.patient_id = s.patient_id AND o.patient_id <> '' AND o.study_date < s.study_date
    ORDER BY o.study_date DESC, o.study_uid";
const AFTER: &str = "
    SELECT o.study_uid, o.patient_id, o.patient_issuer, o.study_date FROM studies o, studies s
    WHERE s.study_uid = ?1 AND o.patient_id = s.patient_id AND o.patient_id <> '' AND o.study_date > s.study_date
    ORDER BY o.study_date, o.study_uid";

/// A CT to compare with.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredPrior {
    /// Its newest result.
    pub result: StudyResult,
    /// Its instances.
    pub instances: Vec<InstanceRecord>,
}

impl Store {
    /// The prior of a series: of the newest earlier study of the same patient with a scored series, the scored series
    /// of most instances.
    pub async fn prior_of_series(&self, series: &Uid) -> Result<Option<StoredPrior>, StoreError> {
        for scored in self.neighbours_in_time(series, BEFORE).await? {
            let mut candidates = Vec::new();
            for stored in scored {
                let instances = self
                    .instances_of_series(&stored.result.series_instance_uid)
                    .await?;
                candidates.push(StoredPrior {
                    result: stored.result,
                    instances,
                });
            }
            let most = candidates.into_iter().min_by_key(|candidate| {
                let uid = candidate.result.series_instance_uid.clone();
                (Reverse(candidate.instances.len()), uid)
            });
            if most.is_some() {
                return Ok(most);
            }
        }
        Ok(None)
    }

    /// Series that should be compared again, now that `result` is known: scored ones of the next later study of the
    /// patient that were compared with an older CT or none, or with other identities of the nodules of this one.
    pub async fn to_compare_again(&self, result: &StudyResult) -> Result<Vec<Uid>, StoreError> {
        if result.status != Status::Scored {
            return Ok(Vec::new());
        }
        let mut again = Vec::new();
        let later = self
            .neighbours_in_time(&result.series_instance_uid, AFTER)
            .await?;
        for stored in later.into_iter().next().unwrap_or_default() {
            let series = stored.result.series_instance_uid.clone();
            let best = self.prior_of_series(&series).await?;
            let is_best =
                best.is_some_and(|best| best.result.series_instance_uid == result.series_instance_uid);
            if is_best && !knows(&stored.result, result) {
                again.push(series);
            }
        }
        Ok(again)
    }

    /// The newest scored results, study by study in the order of the query, of the patient of a series.
    async fn neighbours_in_time(
        &self,
        series: &Uid,
        query: &'static str,
    ) -> Result<Vec<Vec<StoredResult>>, StoreError> {
        let Some(own) = self.series(series).await? else {
            return Err(StoreError::UnknownSeries(series.clone()));
        };
        let Some(study) = self.study(&own.study_instance_uid).await? else {
            return Ok(Vec::new());
        };
        let rows = sqlx::query(query)
            .bind(own.study_instance_uid.as_str())
            .fetch_all(self.readers())
            .await?;
        let mut found = Vec::new();
        for row in &rows {
            let cells = Cells::keyed_by(row, "studies", "study_uid");
            let whose: PatientKey = patient(&cells)?;
            if !whose.agrees_with(&study.patient) {
                continue;
            }
            let results = self.latest_results_of_study(&cells.uid("study_uid")?).await?;
            let scored: Vec<StoredResult> = results
                .into_iter()
                .filter(|stored| stored.result.status == Status::Scored)
                .collect();
            if !scored.is_empty() {
                found.push(scored);
            }
        }
        Ok(found)
    }
}

/// Whether `later` was compared with `prior` as it is now.
fn knows(later: &StudyResult, prior: &StudyResult) -> bool {
    let Some(comparison) = &later.prior else {
        return false;
    };
    comparison.series_instance_uid == prior.series_instance_uid
        && prior.nodules.iter().all(|nodule| {
            let seen = comparison.nodules.iter().find(|seen| seen.id == nodule.id);
            seen.is_none_or(|seen| seen.tracking_uid == nodule.tracking_uid)
        })
}
