//! Candidates, judged by an ensemble of networks.

use hilum_domain::{Lps, Progress, Reason, ReasonCode, Sha256};
use hilum_volume::Volume;
use rayon::prelude::*;

use crate::network::Network;
use crate::reformat::Reformat;
use crate::views::{Frame, SAMPLE, TURNED, UPRIGHT, write_views};
use crate::weight_file::{self, Header, OperatingPoint, series_digest};
use crate::{Candidate, LungMask, NoduleError, Outlined, Segmenter, find_candidates};

/// Candidates per pass through a network.
const BATCH: usize = 50;
/// No more are reported, whatever the weight file allows: more marks than these help nobody, and a CT that has them
/// is one that the detector was not made for.
const MOST_REPORTED: usize = 10;
/// So many of the candidates that the first member finds most probable are shown to the others too.
const SEEN_BY_ALL: usize = 200;
/// So many of the most probable candidates are looked at again, turned and mirrored.
const SEEN_AGAIN: usize = 80;

/// Finds nodules in a CT.
pub struct Detector {
    header: Header,
    members: Vec<Network>,
}

/// A nodule that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Detection {
    /// Centre of mass of the outline.
    pub center: Lps,
    /// The point that it was outlined from: [`Segmenter::outline`] from there gives the same outline.
    pub seed: Lps,
    /// Probability of being a nodule rather than anything else that looks like a blob, 0 to 1; calibrated on a
    /// training mix of one to one, so a rank more than a frequency.
    pub probability: f64,
    /// The outline.
    pub outlined: Outlined,
}

/// What a detector says about one CT.
#[derive(Debug, Clone, PartialEq)]
pub struct Detections {
    /// Nodules, most probable first.
    pub nodules: Vec<Detection>,
    /// Candidates that were judged.
    pub candidates: usize,
    /// Probable candidates that could not be outlined (tissue without an end) and are not reported.
    pub not_outlined: usize,
    /// Members that judged.
    pub members: usize,
    /// What a reader of the result should know.
    pub warnings: Vec<Reason>,
}

/// A candidate with its probability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    /// The candidate.
    pub candidate: Candidate,
    /// Mean probability of the members that judged.
    pub probability: f64,
}

impl Detector {
    /// Reads a weight file.
    ///
    /// # Errors
    /// [`NoduleError::Weights`] names what is missing, misshapen or not finite.
    pub fn from_safetensors(bytes: &[u8]) -> Result<Self, NoduleError> {
        let (header, members) = weight_file::read(bytes)?;
        Ok(Self { header, members })
    }

    /// Number of members.
    pub fn members(&self) -> usize {
        self.members.len()
    }

    /// Where it works, by its file.
    pub const fn operating_point(&self) -> OperatingPoint {
        self.header.operating_point
    }

    pub(crate) const fn header(&self) -> &Header {
        &self.header
    }

    /// The member that was trained on exactly these series.
    pub(crate) fn member_trained_on(&self, series: &[Sha256]) -> Option<&Network> {
        let same =
            |seen: &[Sha256]| seen.len() == series.len() && seen.iter().all(|one| series.contains(one));
        let at = (self.header.members.iter()).position(|member| same(&member.series_sha256))?;
        self.members.get(at)
    }

    /// Finds the nodules of a CT.
    ///
    /// A member that saw this series in training has no say, and a warning tells so.
    ///
    /// # Errors
    /// [`NoduleError::NoMemberLeft`] when every member saw it; [`NoduleError::NonFinite`] and
    /// [`NoduleError::Torch`] when a network fails.
    pub fn detect(
        &self,
        volume: &Volume,
        lungs: &LungMask,
        segmenter: &Segmenter,
        progress: &dyn Progress,
    ) -> Result<Detections, NoduleError> {
        let judged = self.judge(volume, lungs, progress)?;
        self.report(volume, lungs, segmenter, &judged, progress)
    }

    /// Outlines what reaches the operating point among the answers of [`Detector::judge`] for the same CT.
    ///
    /// # Errors
    /// [`NoduleError::NoMemberLeft`] when every member saw it; as [`Segmenter::outline`], but for places where nothing
    /// can be outlined: they are counted.
    pub fn report(
        &self,
        volume: &Volume,
        lungs: &LungMask,
        segmenter: &Segmenter,
        judged: &[Judged],
        progress: &dyn Progress,
    ) -> Result<Detections, NoduleError> {
        let point = self.header.operating_point;
        let jury = self.jury(volume)?;
        let probability = match jury.as_slice() {
            [alone] => self.header.members[*alone].probability,
            _ => point.probability,
        };
        let probable = judged.iter().filter(|judged| judged.probability >= probability);

        progress.stage("outlining nodules", None);
        let mut nodules: Vec<Detection> = Vec::new();
        let mut seen: Vec<Candidate> = Vec::new();
        let (mut not_outlined, mut beyond_most) = (0, false);
        for judged in probable {
            progress.advance(1);
            let candidate = judged.candidate;
            let known = seen.iter().any(|other| point.is_same(other, &candidate))
                || nodules
                    .iter()
                    .any(|nodule| holds(volume, nodule, candidate.center));
            if known {
                continue;
            }
            seen.push(candidate);
            let outlined = match segmenter.outline(volume, lungs, candidate.center) {
                Ok(outlined) => outlined,
                Err(NoduleError::SeedNotOnNodule { .. }) => {
                    not_outlined += 1;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let center = outlined.segmentation.center(volume);
            if nodules.iter().any(|nodule| holds(volume, nodule, center)) {
                continue;
            }
            if nodules.len() == self.most() {
                beyond_most = true;
                break;
            }
            nodules.push(Detection {
                center,
                seed: candidate.center,
                probability: judged.probability,
                outlined,
            });
        }
        let mut warnings = self.warnings(jury.len());
        for warning in nodules.iter().flat_map(|nodule| &nodule.outlined.warnings) {
            if !warnings.contains(warning) {
                warnings.push(warning.clone());
            }
        }
        if beyond_most {
            warnings.push(self.crowded());
        }
        Ok(Detections {
            nodules,
            candidates: judged.len(),
            not_outlined,
            members: jury.len(),
            warnings,
        })
    }

    /// All candidates with their probability, most probable first.
    ///
    /// # Errors
    /// As [`Detector::detect`].
    pub fn judge(
        &self,
        volume: &Volume,
        lungs: &LungMask,
        progress: &dyn Progress,
    ) -> Result<Vec<Judged>, NoduleError> {
        let jury: Vec<&Network> = self
            .jury(volume)?
            .into_iter()
            .map(|at| &self.members[at])
            .collect();
        progress.stage("finding candidates", None);
        let candidates = find_candidates(volume, lungs);
        progress.stage("judging candidates", Some(candidates.len() as u64));
        judge_with(&jury, volume, &candidates, progress)
    }

    /// Members that have not seen this series.
    fn jury(&self, volume: &Volume) -> Result<Vec<usize>, NoduleError> {
        let series = series_digest(volume);
        let jury: Vec<usize> = (0..self.members.len())
            .filter(|&at| !self.header.members[at].series_sha256.contains(&series))
            .collect();
        if jury.is_empty() {
            return Err(NoduleError::NoMemberLeft);
        }
        Ok(jury)
    }

    fn warnings(&self, jury: usize) -> Vec<Reason> {
        let left_out = self.members.len() - jury;
        if left_out == 0 {
            return Vec::new();
        }
        vec![Reason::new(
            ReasonCode::TrainingMemberLeftOut,
            format!(
                "{left_out} of {} detector members were trained on this series and were left out",
                self.members.len()
            ),
        )]
    }

    fn most(&self) -> usize {
        self.header.operating_point.most.min(MOST_REPORTED)
    }

    /// More probable candidates than any training CT had nodules: the detector is out of its depth here.
    fn crowded(&self) -> Reason {
        let most = self.most();
        Reason::new(
            ReasonCode::OutOfDistribution,
            format!(
                "more than {most} candidates reach the operating point; the {most} most probable are reported"
            ),
        )
    }
}

/// Mean probability of some networks for each candidate, most probable first.
///
/// The first network sees all candidates upright, the others the more probable ones; the most probable ones are seen
/// turned and mirrored too. What a candidate gets is the mean over the networks and views that it came to.
pub(crate) fn judge_with(
    jury: &[&Network],
    volume: &Volume,
    candidates: &[Candidate],
    progress: &dyn Progress,
) -> Result<Vec<Judged>, NoduleError> {
    let Some((first, others)) = jury.split_first() else {
        return Err(NoduleError::NoMemberLeft);
    };
    let reformat = Reformat::new(volume);
    let mut judged = Vec::with_capacity(candidates.len());
    for batch in candidates.chunks(BATCH) {
        let probabilities = look(&[first], volume, &reformat, batch, &UPRIGHT)?;
        judged.extend(
            (batch.iter().zip(probabilities)).map(|(&candidate, probability)| Judged {
                candidate,
                probability,
            }),
        );
        progress.advance(batch.len() as u64);
    }
    let rank = |judged: &mut [Judged]| judged.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    rank(&mut judged);
    if !others.is_empty() {
        let by_all = judged.len().min(SEEN_BY_ALL);
        let more = look(others, volume, &reformat, &places(&judged[..by_all]), &UPRIGHT)?;
        let share = 1.0 / jury.len() as f64;
        for (judged, probability) in judged.iter_mut().zip(more) {
            judged.probability = share * judged.probability + (1.0 - share) * probability;
        }
        rank(&mut judged);
    }
    let again = judged.len().min(SEEN_AGAIN);
    let places = places(&judged[..again]);
    for frame in &TURNED {
        let more = look(jury, volume, &reformat, &places, frame)?;
        for (judged, probability) in judged.iter_mut().zip(more) {
            judged.probability += probability;
        }
    }
    for judged in &mut judged[..again] {
        judged.probability /= (1 + TURNED.len()) as f64;
    }
    rank(&mut judged);
    Ok(judged)
}

fn places(judged: &[Judged]) -> Vec<Candidate> {
    judged.iter().map(|judged| judged.candidate).collect()
}

/// Mean probability of some networks for each place in one frame.
pub(crate) fn look(
    jury: &[&Network],
    volume: &Volume,
    reformat: &Reformat<'_>,
    places: &[Candidate],
    frame: &Frame,
) -> Result<Vec<f64>, NoduleError> {
    let views: Vec<Vec<f32>> = places
        .par_iter()
        .map(|candidate| {
            let centre = reformat.of_voxel(volume.affine().to_voxel(candidate.center));
            let mut views = Vec::with_capacity(SAMPLE);
            write_views(
                reformat.hu(),
                reformat.spacing_mm,
                centre,
                frame,
                |hu| hu,
                &mut views,
            );
            views
        })
        .collect();
    let samples = views.concat();
    let mut sums = vec![0.0; places.len()];
    for network in jury {
        for (sum, probability) in sums.iter_mut().zip(network.probabilities(&samples)?) {
            *sum += f64::from(probability);
        }
    }
    if sums.iter().any(|sum| !sum.is_finite()) {
        return Err(NoduleError::NonFinite);
    }
    Ok(sums.into_iter().map(|sum| sum / jury.len() as f64).collect())
}

fn holds(volume: &Volume, nodule: &Detection, point: Lps) -> bool {
    volume
        .voxel_at(point)
        .is_some_and(|at| nodule.outlined.segmentation.contains(at))
}
