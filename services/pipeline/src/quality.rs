//! The quality gate in the flow: a series is measured and judged before anything is looked for in it.

use hilum_domain::Reason;
use hilum_indication::{Indication, LungView, Measures, Verdict};
use hilum_nodule::{LungMask, NoduleError};
use hilum_volume::LoadedSeries;

/// Why a series goes no further.
pub(crate) enum Stop {
    /// The result says so.
    NotAnalysed(Reason),
    /// There is no result.
    Failed(NoduleError),
}

impl From<NoduleError> for Stop {
    fn from(error: NoduleError) -> Self {
        match error.reason_code() {
            Some(code) => Self::NotAnalysed(Reason::new(code, error.to_string())),
            None => Self::Failed(error),
        }
    }
}

/// The lungs of a series within the indication. Headers are judged first: they cost nothing.
pub(crate) fn admit(
    indication: &Indication,
    series: &LoadedSeries,
    warnings: &mut Vec<Reason>,
) -> Result<LungMask, Stop> {
    pass(indication.judge(&Measures::of_header(series)), warnings)?;
    let lungs = hilum_nodule::segment_lungs(&series.volume)?;
    let view = LungView {
        aerated: lungs.aerated().view(),
        spacing_mm: lungs.spacing_mm(),
        head_is_last: series.volume.affine().matrix()[2][2] > 0.0,
    };
    pass(
        indication.judge(&Measures::of_voxels(&series.volume, &view)),
        warnings,
    )?;
    Ok(lungs)
}

fn pass(verdict: Verdict, warnings: &mut Vec<Reason>) -> Result<(), Stop> {
    warnings.extend(verdict.warnings);
    match verdict.refusal {
        Some(reason) => Err(Stop::NotAnalysed(reason)),
        None => Ok(()),
    }
}
