//! The same nodules in an earlier CT: read, checked, searched with the same models, registered, matched.
//!
//! A prior that may not be used never becomes part of a result: the result stands without it, with a warning whose
//! code says why. Messages name what differs, never the values.

mod admit;
mod outcome;

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use hilum_domain::{Lps, Progress, Reason, ReasonCode, Uid};
use hilum_followup::{Examination, Nodule, Outliner, compare};
use hilum_nodule::{LungMask, NoduleError};
use hilum_volume::{InstanceHeader, LoadOptions, LoadedSeries, Volume};

use crate::{
    engine::{Engine, Found},
    quality::{self, Stop},
};

use outcome::Now;

pub(crate) use outcome::FollowUp;

/// An earlier CT of the same patient.
#[derive(Debug, Clone, Default)]
pub struct Prior {
    /// Its files, folders or archives.
    pub paths: Vec<PathBuf>,
    /// The series to read; the largest when `None`.
    pub series_uid: Option<Uid>,
    /// Tracking UIDs that its own result took over from an earlier CT still, by the identifiers of its nodules.
    pub identities: BTreeMap<String, Uid>,
}

/// The CT that is compared.
pub(crate) struct Current<'a> {
    pub(crate) header: &'a InstanceHeader,
    pub(crate) volume: &'a Volume,
    pub(crate) lungs: &'a LungMask,
    /// Whether its nodules were searched for. Where a person pointed at one, what else is there or gone is not known.
    pub(crate) searched: bool,
}

impl Engine {
    /// Compares the found nodules with a prior CT. Nodules of the prior CT that the search missed here, but that can
    /// be outlined where they should be, are added to `found`.
    ///
    /// `None`, and a warning, when the prior may not or cannot be compared.
    pub(crate) fn follow(
        &self,
        current: &Current<'_>,
        found: &mut Vec<Found>,
        prior: &Prior,
        warnings: &mut Vec<Reason>,
        progress: &dyn Progress,
    ) -> Result<Option<FollowUp>, Stop> {
        let compared = self
            .read_prior(current, prior, progress)
            .and_then(|earlier| self.compare_with(current, found, &earlier, prior, warnings, progress));
        match compared {
            Ok(followed) => Ok(Some(followed)),
            Err(Stop::NotAnalysed(reason)) => {
                progress.note(&format!(
                    "not compared with the prior: {} ({})",
                    reason.text,
                    reason.code.as_str()
                ));
                warnings.push(reason);
                Ok(None)
            }
            Err(failed) => Err(failed),
        }
    }

    fn read_prior(
        &self,
        current: &Current<'_>,
        prior: &Prior,
        progress: &dyn Progress,
    ) -> Result<LoadedSeries, Stop> {
        progress.stage("reading the prior", None);
        let options = LoadOptions {
            series_uid: prior.series_uid.clone(),
            decoder: Some(Arc::clone(self.decoder())),
            ..LoadOptions::default()
        };
        let series = hilum_volume::load(&prior.paths, &options, progress).map_err(|error| {
            refuse(
                ReasonCode::PriorUnreadable,
                format!("the prior cannot be read: {error} ({})", error.code().as_str()),
            )
        })?;
        admit::check(current.header, &series.header).map_err(Stop::NotAnalysed)?;
        Ok(series)
    }

    fn compare_with(
        &self,
        current: &Current<'_>,
        found: &mut Vec<Found>,
        series: &LoadedSeries,
        prior: &Prior,
        warnings: &mut Vec<Reason>,
        progress: &dyn Progress,
    ) -> Result<FollowUp, Stop> {
        let mut prior_warnings = series.warnings.clone();
        let volume = &series.volume;
        let (lungs, detected) = quality::admit(self.indication(), series, &mut prior_warnings)
            .and_then(|lungs| {
                let detected = self.search(volume, &lungs, &mut prior_warnings, progress)?;
                Ok((lungs, detected))
            })
            .map_err(of_prior)?;

        progress.stage("comparing with the prior", None);
        let now = CtReader::new(self, current.volume, current.lungs);
        let then = CtReader::new(self, volume, &lungs);
        let nodules = (now.nodules(found)?, then.nodules(&detected)?);
        let days = admit::interval_days(current.header, &series.header);
        let comparison = compare(&now.examination(&nodules.0), &then.examination(&nodules.1), days)
            .map_err(|error| refuse(ReasonCode::PriorNotRegistered, error.to_string()))?;

        let mut followed = comparison.current;
        let mut nodules_now: Vec<Now> = nodules.0.iter().map(Now::from).collect();
        let mut resolved = comparison.resolved;
        if current.searched {
            for (missed, fate) in comparison.missed {
                found.extend(self.outline_seed(current.volume, current.lungs, missed.seed, warnings)?);
                nodules_now.push(Now::from(&missed));
                followed.push(fate);
            }
        } else {
            resolved.clear();
        }
        let outcome = outcome::Outcome {
            current: current.volume,
            prior: volume,
            study_date: series.study_date.clone(),
            interval_days: days,
            nodules: &nodules.1,
            identities: &prior.identities,
            landmarks: comparison.registration.landmarks(),
            warnings: prior_warnings,
        };
        Ok(outcome.follow_up(&nodules_now, &followed, &resolved))
    }
}

/// What stops the analysis of the prior does not stop that of the CT.
fn of_prior(stop: Stop) -> Stop {
    match stop {
        Stop::NotAnalysed(reason) => refuse(
            ReasonCode::PriorNotAnalysed,
            format!(
                "the prior is not analysed: {} ({})",
                reason.text,
                reason.code.as_str()
            ),
        ),
        failed @ Stop::Failed(_) => failed,
    }
}

fn refuse(code: ReasonCode, text: String) -> Stop {
    Stop::NotAnalysed(Reason::new(code, text))
}

/// One CT as the engine outlines nodules in it.
struct CtReader<'a> {
    engine: &'a Engine,
    volume: &'a Volume,
    lungs: &'a LungMask,
}

impl<'a> CtReader<'a> {
    const fn new(engine: &'a Engine, volume: &'a Volume, lungs: &'a LungMask) -> Self {
        Self {
            engine,
            volume,
            lungs,
        }
    }

    fn nodules(&self, found: &[Found]) -> Result<Vec<Nodule>, NoduleError> {
        found.iter().map(|found| found.to_follow(self.volume)).collect()
    }

    fn examination<'b>(&'b self, nodules: &'b [Nodule]) -> Examination<'b> {
        Examination {
            volume: self.volume,
            lungs: self.lungs,
            nodules,
            outliner: self,
        }
    }
}

impl Outliner for CtReader<'_> {
    fn outline(&self, seed: Lps) -> Option<Nodule> {
        // What cannot be outlined or measured is not the nodule that is looked for.
        let outlined = self
            .engine
            .outline_seed(self.volume, self.lungs, seed, &mut Vec::new());
        let found = outlined.ok()?;
        found.first()?.to_follow(self.volume).ok()
    }
}
