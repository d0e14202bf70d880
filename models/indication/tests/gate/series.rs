//! A series measured and judged as the pipeline does it.

use hilum_domain::{NoProgress, ReasonCode};
use hilum_indication::{Indication, LungView, Measures, Verdict};
use hilum_nodule::segment_lungs;
use hilum_phantom::{ChestPhantom, PhantomOptions};
use hilum_volume::{LoadOptions, LoadedSeries, load_instances};

/// A phantom through DICOM; 1.4 mm pixels.
pub(crate) fn phantom(options: PhantomOptions) -> LoadedSeries {
    part_of_phantom(options, |_| true)
}

/// A phantom of which only some slices are there; slice 0 is nearest to the feet.
pub(crate) fn part_of_phantom(options: PhantomOptions, keep: impl Fn(usize) -> bool) -> LoadedSeries {
    let options = PhantomOptions { size: 256, ..options };
    let instances = ChestPhantom::new(7, &options).unwrap().instances().unwrap();
    let kept = instances.into_iter().enumerate().filter(|(k, _)| keep(*k));
    load_instances(
        kept.map(|(_, instance)| instance),
        &LoadOptions::default(),
        &NoProgress,
    )
    .unwrap()
}

/// Headers first; voxels only when the headers are within the limits.
pub(crate) fn judge(series: &LoadedSeries) -> (Verdict, Measures) {
    let indication = Indication::shipped().unwrap();
    let header = Measures::of_header(series);
    let mut verdict = indication.judge(&header);
    if verdict.refusal.is_some() {
        return (verdict, header);
    }
    let lungs = segment_lungs(&series.volume).unwrap();
    let view = LungView {
        aerated: lungs.aerated().view(),
        spacing_mm: lungs.spacing_mm(),
        head_is_last: series.volume.affine().matrix()[2][2] > 0.0,
    };
    let measures = Measures::of_voxels(&series.volume, &view);
    let voxels = indication.judge(&measures);
    verdict.warnings.extend(voxels.warnings);
    verdict.refusal = voxels.refusal;
    (verdict, measures)
}

/// Code of the refusal, and codes of the warnings in order.
pub(crate) fn codes(verdict: &Verdict) -> (Option<ReasonCode>, Vec<ReasonCode>) {
    let refusal = verdict.refusal.as_ref().map(|reason| reason.code);
    let mut warnings: Vec<ReasonCode> = verdict.warnings.iter().map(|reason| reason.code).collect();
    warnings.sort_unstable();
    (refusal, warnings)
}
