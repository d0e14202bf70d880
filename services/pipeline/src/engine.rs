//! From files to a result, without a server.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use hilum_codec::FrameDecoder;
use hilum_domain::{
    ElapsedMs, Exam, Lps, Malignancy, ModalityShare, ModelIdentity, NoProgress, NodeId, NodeKind, Nodule,
    Progress, Reason, ReasonCode, Sha256, Status, StudyResult, Uid,
};
use hilum_fusion::{NoduleScore, Scorer};
use hilum_imaging::NoduleCrop;
use hilum_indication::Indication;
use hilum_nodule::{Detector, LungMask, Measurement, NoduleError, Outlined, Segmentation, Segmenter};
use hilum_volume::{LoadOptions, LoadedSeries, Volume, VolumeError};

use crate::{
    evidence,
    picture::{self, View, Window},
    prior::{Current, FollowUp, Prior},
    quality::{self, Stop},
    surroundings::{Place, places},
};

/// Names of the models in the registry.
const DETECTOR: &str = "detector";
const SEGMENTER: &str = "segmenter";
const SCORER: &str = "scorer";
/// Modalities of the result's form that this version does not read: they are reported as absent.
const NOT_READ_YET: [&str; 4] = ["prior", "record", "dictation", "voice"];
/// Name of the model set in results.
const MODEL_SET: &str = "hilum-ct";

/// The loaded models.
pub struct Engine {
    detector: Detector,
    segmenter: Arc<Segmenter>,
    scorer: Scorer,
    model: ModelIdentity,
    decoder: Arc<dyn FrameDecoder>,
    indication: Indication,
}

/// What is asked about a series.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The series to read; the largest when `None`.
    pub series_uid: Option<Uid>,
    /// Score the nodule at this point instead of searching.
    pub seed: Option<Lps>,
    /// An earlier CT of the patient to compare with.
    pub prior: Option<Prior>,
}

/// A result with what it was made from.
pub struct Analysis {
    /// The result.
    pub result: StudyResult,
    volume: Option<Volume>,
    outlines: Vec<Segmentation>,
}

/// Why there is no result at all.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Weights are absent or not the registered ones.
    #[error("model unavailable: {0}")]
    Weights(#[from] hilum_weights::WeightsError),
    /// The indication file that ships with the program is not as it was signed.
    #[error("indication: {0}")]
    Indication(#[from] hilum_indication::IndicationError),
    /// The detector's or the segmenter's weights cannot be used.
    #[error("{0}")]
    Nodule(#[from] hilum_nodule::NoduleError),
    /// The scorer's weights cannot be used, or it failed.
    #[error("scorer: {0}")]
    Fusion(#[from] hilum_fusion::FusionError),
    /// A crop could not be cut.
    #[error("crop: {0}")]
    Crop(#[from] hilum_imaging::CropError),
    /// The inputs hold no series that a result could be about.
    #[error("{0}")]
    Volume(#[from] VolumeError),
}

/// Loads the segmenter that ships with the program: once, for the engine and for the renderer.
///
/// # Errors
/// [`EngineError::Weights`] and [`EngineError::Nodule`] when the file is absent or damaged.
pub fn load_segmenter() -> Result<Arc<Segmenter>, EngineError> {
    let weights = hilum_weights::load(SEGMENTER)?;
    Ok(Arc::new(Segmenter::from_safetensors(weights.bytes)?))
}

impl Engine {
    /// Loads the models that ship with the program onto the best device; a pass through a network uses `threads`,
    /// compressed pixels go to `decoder`.
    pub fn load(
        threads: usize,
        segmenter: Arc<Segmenter>,
        decoder: Arc<dyn FrameDecoder>,
    ) -> Result<Self, EngineError> {
        hilum_imaging::set_threads(threads);
        let device = hilum_imaging::best_device();
        let detector = hilum_weights::load(DETECTOR)?;
        let scorer = hilum_weights::load(SCORER)?;
        let registered = [&detector, &hilum_weights::load(SEGMENTER)?, &scorer];
        let model = ModelIdentity {
            name: MODEL_SET.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            sha256: Sha256::of_parts(registered.map(|weights| weights.entry.sha256.as_str().as_bytes())),
        };
        tracing::info!(device = ?device, model.sha256 = %model.sha256, "models are loaded");
        Ok(Self {
            detector: Detector::from_safetensors(detector.bytes)?,
            segmenter,
            scorer: Scorer::from_safetensors(scorer.bytes, device)?,
            model,
            decoder,
            indication: Indication::shipped()?,
        })
    }

    /// The same models within the limits of a site's own indication file.
    #[must_use]
    pub fn with_indication(self, indication: Indication) -> Self {
        Self { indication, ..self }
    }

    /// The model set that answers.
    pub const fn model(&self) -> &ModelIdentity {
        &self.model
    }

    /// Scores the series in files, folders or archives.
    ///
    /// A series that was found but cannot be analysed is a result with its reason; inputs without any series are an
    /// error.
    pub fn analyse_files(
        &self,
        paths: &[PathBuf],
        request: &Request,
        progress: &dyn Progress,
    ) -> Result<Analysis, EngineError> {
        let start = Instant::now();
        let options = LoadOptions {
            series_uid: request.series_uid.clone(),
            decoder: Some(Arc::clone(&self.decoder)),
            ..LoadOptions::default()
        };
        match hilum_volume::load(paths, &options, progress) {
            Ok(series) => self.analyse(series, request.seed, request.prior.as_ref(), start, progress),
            Err(error) => match hilum_volume::identify(paths, options.series_uid.as_ref(), &options.limits) {
                Some((study, series)) => Ok(self.refused(study, series, &error, start)),
                None => Err(error.into()),
            },
        }
    }

    /// Scores a stored series from the files of its instances, and compares it with a stored prior.
    pub fn analyse_series(
        &self,
        study: &Uid,
        series: &Uid,
        files: &[PathBuf],
        prior: Option<&Prior>,
    ) -> Result<StudyResult, EngineError> {
        let start = Instant::now();
        let options = LoadOptions {
            series_uid: Some(series.clone()),
            decoder: Some(Arc::clone(&self.decoder)),
            ..LoadOptions::default()
        };
        let analysis = match hilum_volume::load(files, &options, &NoProgress) {
            Ok(loaded) => self.analyse(loaded, None, prior, start, &NoProgress)?,
            Err(error) => self.refused(study.clone(), series.clone(), &error, start),
        };
        Ok(analysis.result)
    }

    fn analyse(
        &self,
        mut series: LoadedSeries,
        seed: Option<Lps>,
        prior: Option<&Prior>,
        start: Instant,
        progress: &dyn Progress,
    ) -> Result<Analysis, EngineError> {
        let mut elapsed = ElapsedMs {
            read: ms_since(start),
            ..ElapsedMs::default()
        };
        let mut warnings = std::mem::take(&mut series.warnings);

        let detecting = Instant::now();
        let admitted = quality::admit(&self.indication, &series, &mut warnings);
        let volume = series.volume;
        let found = admitted.and_then(|lungs| {
            let found = match seed {
                Some(seed) => self.outline_seed(&volume, &lungs, seed, &mut warnings),
                None => self.search(&volume, &lungs, &mut warnings, progress),
            };
            let mut found = found?;
            let current = Current {
                header: &series.header,
                volume: &volume,
                lungs: &lungs,
                searched: seed.is_none(),
            };
            let comparing = Instant::now();
            let followed =
                prior.map(|prior| self.follow(&current, &mut found, prior, &mut warnings, progress));
            let followed = followed.transpose()?.flatten();
            elapsed.prior = ms_since(comparing);
            Ok((place(&volume, &lungs, found), followed))
        });
        elapsed.detect = ms_since(detecting) - elapsed.prior;
        let (found, followed) = match found {
            Ok(found) => found,
            Err(Stop::NotAnalysed(reason)) => {
                return Ok(self.not_analysed(volume, reason, warnings, elapsed, start));
            }
            Err(Stop::Failed(error)) => return Err(error.into()),
        };

        let mut spent = [Duration::ZERO; 2];
        progress.stage("scoring nodules", Some(found.len() as u64));
        let mut nodules = Vec::with_capacity(found.len());
        for (at, (found, place)) in found.into_iter().enumerate() {
            let (mut nodule, [encode, fuse]) = self.score(&volume, &found, place)?;
            if let Some(followed) = &followed {
                followed.tell(at, &mut nodule);
            }
            spent[0] += encode;
            spent[1] += fuse;
            nodules.push((nodule, found.outlined.segmentation));
            progress.advance(1);
        }
        nodules.sort_by(|(a, _), (b, _)| b.malignancy.probability.total_cmp(&a.malignancy.probability));
        let (nodules, outlines) = nodules.into_iter().unzip();
        [elapsed.encode, elapsed.fuse] = spent.map(|spent| spent.as_millis() as u64);
        elapsed.total = ms_since(start);
        let inputs_sha256 = followed.as_ref().map(|followed| followed.inputs_sha256.clone());
        let result = StudyResult {
            study_instance_uid: volume.study_instance_uid().clone(),
            series_instance_uid: volume.series_instance_uid().clone(),
            status: Status::Scored,
            reason: None,
            nodules,
            model: self.model.clone(),
            exam: Exam::new(),
            prior: followed.map(|followed: FollowUp| followed.comparison),
            inputs_sha256: inputs_sha256.unwrap_or_else(|| volume.inputs_sha256().clone()),
            elapsed_ms: elapsed,
            warnings,
        };
        Ok(Analysis {
            result,
            volume: Some(volume),
            outlines,
        })
    }

    pub(crate) fn decoder(&self) -> &Arc<dyn FrameDecoder> {
        &self.decoder
    }

    pub(crate) const fn indication(&self) -> &Indication {
        &self.indication
    }

    pub(crate) fn search(
        &self,
        volume: &Volume,
        lungs: &LungMask,
        warnings: &mut Vec<Reason>,
        progress: &dyn Progress,
    ) -> Result<Vec<Found>, Stop> {
        let detections = self.detector.detect(volume, lungs, &self.segmenter, progress)?;
        warnings.extend(detections.warnings);
        if detections.not_outlined > 0 {
            // What has no outline has no size and no score: said, not dropped in silence.
            warnings.push(Reason::new(
                ReasonCode::SeedNotOnNodule,
                format!(
                    "{} probable candidates could not be outlined and are left out",
                    detections.not_outlined
                ),
            ));
        }
        let found = detections.nodules.into_iter().map(|detection| Found {
            seed: detection.seed,
            probability: Some(detection.probability),
            outlined: detection.outlined,
        });
        Ok(found.collect())
    }

    /// The nodule that a person, or a prior CT, pointed at.
    pub(crate) fn outline_seed(
        &self,
        volume: &Volume,
        lungs: &LungMask,
        seed: Lps,
        warnings: &mut Vec<Reason>,
    ) -> Result<Vec<Found>, Stop> {
        let outlined = self.segmenter.outline(volume, lungs, seed)?;
        warnings.extend(outlined.warnings.iter().cloned());
        Ok(vec![Found {
            seed,
            probability: None,
            outlined,
        }])
    }

    fn score(
        &self,
        volume: &Volume,
        found: &Found,
        place: Place,
    ) -> Result<(Nodule, [Duration; 2]), EngineError> {
        let measured = hilum_nodule::measure(volume, &found.outlined.segmentation)?;
        let [first, last] = measured.slices;
        let diameter_mm = Some(measured.equivalent_diameter_mm);
        let crop = NoduleCrop::from_volume(volume, measured.center_lps, first..=last, diameter_mm)?;
        let score = self.scorer.score(&crop, Some(volume.series_instance_uid()))?;
        let spent = [score.encode_time, score.fuse_time];
        Ok((self.nodule(volume, found, measured, place, score), spent))
    }

    fn nodule(
        &self,
        volume: &Volume,
        found: &Found,
        measured: Measurement,
        place: Place,
        score: NoduleScore,
    ) -> Nodule {
        let series = volume.series_instance_uid();
        let evidence = evidence::of_nodule(series, &measured, &place, &score.characteristics);
        let mut modalities = score.modalities;
        for name in NOT_READ_YET {
            modalities.insert(name.to_owned(), ModalityShare::absent());
        }
        let key = NoduleKey::new(volume, found.seed);
        let id = key.id();
        let asked = [
            series.as_str(),
            volume.inputs_sha256().as_str(),
            self.model.sha256.as_str(),
            &id,
        ];
        let score_key = Sha256::of_parts(asked.map(str::as_bytes));
        Nodule {
            id,
            score_id: NodeId::new(NodeKind::Score, &score_key.as_str()[..32]),
            tracking_uid: key.tracking_uid(),
            center_lps_mm: measured.center_lps,
            center_voxel_ijk: measured.center_voxel,
            seed_lps_mm: found.seed,
            lobe: place.location.lobe,
            lobe_confidence: place.location.lobe_confidence,
            long_axis_mm: measured.long_axis_mm,
            short_axis_mm: measured.short_axis_mm,
            mean_diameter_mm: measured.mean_diameter_mm,
            volume_mm3: measured.volume_mm3,
            volume_interval_mm3: found.outlined.volume_interval_mm3(measured.volume_mm3),
            nodule_type: measured.nodule_type,
            mean_hu: measured.mean_hu,
            mass_mg: measured.mass_mg,
            solid_volume_mm3: measured.solid.map(|solid| solid.volume_mm3),
            solid_diameter_mm: measured.solid.map(|solid| solid.mean_diameter_mm),
            consolidation_tumour_ratio: measured.solid.map(|solid| solid.consolidation_tumour_ratio),
            sphericity: measured.shape.sphericity,
            spiculation_index: measured.shape.spiculation_index,
            lobulation_index: measured.shape.lobulation_index,
            distance_to_pleura_mm: place.location.distance_to_pleura_mm,
            distance_to_fissure_mm: place.location.distance_to_fissure_mm,
            neighbours: place.neighbours,
            detection_probability: found.probability,
            change: None,
            malignancy: Malignancy {
                probability: score.probability,
                target: self.scorer.target(),
                training_prevalence: self.scorer.card().training_prevalence,
                interval: score.interval,
                band: score.band,
                abstained: score.abstained,
            },
            modalities,
            characteristics: score.characteristics,
            guidelines: BTreeMap::new(),
            evidence,
        }
    }

    fn refused(&self, study: Uid, series: Uid, error: &VolumeError, start: Instant) -> Analysis {
        let elapsed = ms_since(start);
        let result = StudyResult {
            study_instance_uid: study,
            // Nothing was made of the pixels, so what identifies the input is the series alone.
            inputs_sha256: Sha256::of(series.as_str().as_bytes()),
            series_instance_uid: series,
            status: Status::NotAnalysed,
            reason: Some(Reason::new(error.code(), error.to_string())),
            nodules: Vec::new(),
            model: self.model.clone(),
            exam: Exam::new(),
            prior: None,
            elapsed_ms: ElapsedMs {
                read: elapsed,
                total: elapsed,
                ..ElapsedMs::default()
            },
            warnings: Vec::new(),
        };
        Analysis {
            result,
            volume: None,
            outlines: Vec::new(),
        }
    }

    fn not_analysed(
        &self,
        volume: Volume,
        reason: Reason,
        warnings: Vec<Reason>,
        elapsed: ElapsedMs,
        start: Instant,
    ) -> Analysis {
        let result = StudyResult {
            study_instance_uid: volume.study_instance_uid().clone(),
            series_instance_uid: volume.series_instance_uid().clone(),
            status: Status::NotAnalysed,
            reason: Some(reason),
            nodules: Vec::new(),
            model: self.model.clone(),
            exam: Exam::new(),
            prior: None,
            inputs_sha256: volume.inputs_sha256().clone(),
            elapsed_ms: ElapsedMs {
                total: ms_since(start),
                ..elapsed
            },
            warnings,
        };
        Analysis {
            result,
            volume: Some(volume),
            outlines: Vec::new(),
        }
    }
}

impl Analysis {
    /// A picture of each nodule with its outline on its central slice, as PNG, in the order of the result.
    pub fn pictures(&self) -> Vec<Vec<u8>> {
        const SIDE_MM: f64 = 60.0;
        let Some(volume) = &self.volume else {
            return Vec::new();
        };
        let nodules = self.result.nodules.iter().zip(&self.outlines);
        nodules
            .filter_map(|(nodule, outline)| {
                let centre = nodule.center_voxel_ijk;
                let view = View::around(volume, centre, SIDE_MM);
                picture::png(volume, centre.0[2], Window::LUNG, view, &[outline])
            })
            .collect()
    }
}

/// An outlined nodule and how it was found.
pub(crate) struct Found {
    pub(crate) seed: Lps,
    probability: Option<f64>,
    outlined: Outlined,
}

impl Found {
    /// The nodule as it is compared with another CT.
    pub(crate) fn to_follow(&self, volume: &Volume) -> Result<hilum_followup::Nodule, NoduleError> {
        let outline = &self.outlined.segmentation;
        let measured = hilum_nodule::measure(volume, outline)?;
        Ok(hilum_followup::Nodule::new(&measured, outline.clone(), self.seed))
    }
}

/// What a nodule is known by within its series: the same for the same seed.
pub(crate) struct NoduleKey(Sha256);

impl NoduleKey {
    pub(crate) fn new(volume: &Volume, seed: Lps) -> Self {
        let series = volume.series_instance_uid();
        Self(Sha256::of(
            format!("hilum/nodule/1 {series} {:.1?}", seed.0).as_bytes(),
        ))
    }

    pub(crate) fn id(&self) -> String {
        self.0.as_str()[..32].to_owned()
    }

    /// Its identity over time, as long as no earlier CT shows it.
    pub(crate) fn tracking_uid(&self) -> Uid {
        Uid::derived(&self.0)
    }
}

/// Each nodule with its place in the lungs.
fn place(volume: &Volume, lungs: &LungMask, found: Vec<Found>) -> Vec<(Found, Place)> {
    let outlines: Vec<(String, &Segmentation)> = found
        .iter()
        .map(|found| {
            (
                NoduleKey::new(volume, found.seed).id(),
                &found.outlined.segmentation,
            )
        })
        .collect();
    let places = places(volume, lungs, &outlines);
    found.into_iter().zip(places).collect()
}

fn ms_since(start: Instant) -> u64 {
    start.elapsed().as_millis() as u64
}
