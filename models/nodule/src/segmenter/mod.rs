//! Outlines learned from readers.

mod network;
mod sight;
mod train;
mod walk;
mod weight_file;

use std::sync::{Mutex, PoisonError};

use hilum_domain::{Lps, Reason, ReasonCode, Sha256};
use hilum_volume::Volume;

use crate::weight_file::series_digest;
use crate::{LungMask, NoduleError, Segmentation, segment};
use network::{Maps, UNet};
use sight::PIXEL_MM;
use walk::{Ground, NoBody, walk};
use weight_file::Header;

pub use train::{
    AgreementRecord, CurvePoint, OutlineRecord, SegmenterFold, SegmenterJitter, SegmenterRun,
    SegmenterTrainConfig, SyntheticNodule, train_segmenter,
};

/// The walk along z takes steps of about this length where slices are thinner; the outline between is interpolated.
const STEP_MM: f64 = 1.0;
/// What is longer is no nodule.
const MOST_LENGTH_MM: f64 = 60.0;
/// The outline begins within this distance of the seed.
const SEED_TOLERANCE_MM: f64 = 5.0;

/// Outlines nodules as most readers would.
///
/// The networks run on one thread of their own, whoever asks: the same seed gives the same outline, and libtorch
/// keeps memory for one thread only.
pub struct Segmenter {
    header: Header,
    /// A mutex, because tensors may move between threads but not be shared; held for one look.
    members: Mutex<Vec<UNet>>,
    thread: rayon::ThreadPool,
}

/// How an outline was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutlineMethod {
    /// By so many networks, trained on the outlines of readers.
    Learned {
        /// Members that judged.
        members: usize,
    },
    /// By region growing: see [`segment`].
    RegionGrowing,
}

/// An outline with what is known about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Outlined {
    /// What more than half of the readers would include.
    pub segmentation: Segmentation,
    /// Volumes of what three quarters and of what one quarter of the readers would include, as shares of the
    /// outline's own volume; `None` where no network outlined.
    pub margin: Option<[f64; 2]>,
    /// How it was made.
    pub method: OutlineMethod,
    /// What a reader of the result should know.
    pub warnings: Vec<Reason>,
}

impl Outlined {
    /// The interval of a volume in which the readers' disagreement about the boundary leaves it: what three
    /// quarters of them would include, and what one quarter would.
    pub fn volume_interval_mm3(&self, volume_mm3: f64) -> Option<[f64; 2]> {
        self.margin.map(|margin| margin.map(|share| share * volume_mm3))
    }
}

impl Segmenter {
    /// Reads a weight file.
    ///
    /// # Errors
    /// [`NoduleError::Weights`] names what is missing, misshapen or not finite; [`NoduleError::Thread`] when the
    /// networks' thread cannot be started.
    pub fn from_safetensors(bytes: &[u8]) -> Result<Self, NoduleError> {
        let (header, members) = weight_file::read(bytes)?;
        let thread = rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .thread_name(|_| "segmenter".to_owned())
            .start_handler(|_| tch::set_num_threads(1))
            .build()
            .map_err(|error| NoduleError::Thread(error.to_string()))?;
        Ok(Self {
            header,
            members: Mutex::new(members),
            thread,
        })
    }

    /// Number of members.
    pub fn members(&self) -> usize {
        self.header.members.len()
    }

    /// Outlines the nodule at `seed` (LPS mm).
    ///
    /// Inside the lungs the networks outline; members that saw the patient in training have no say. A seed outside
    /// the lungs, and one where the networks see no nodule or no end of it, goes to region growing ([`segment`]),
    /// and a warning says so.
    ///
    /// # Errors
    /// As [`segment`]; [`NoduleError::NoMemberLeft`] when every member saw this series; [`NoduleError::NonFinite`]
    /// and [`NoduleError::Torch`] when a network fails.
    pub fn outline(&self, volume: &Volume, lungs: &LungMask, seed: Lps) -> Result<Outlined, NoduleError> {
        if volume.voxel_at(seed).is_none() {
            return Err(NoduleError::SeedOutside { seed });
        }
        if !lungs.contains(volume, seed) {
            return grown(volume, lungs, seed, "the seed lies outside the lungs");
        }
        let series = series_digest(volume);
        let judges = self.header.judges(&series);
        if judges.is_empty() {
            return Err(NoduleError::NoMemberLeft);
        }
        let whole = volume.whole_hu();
        let ground = ground(volume, whole.view());
        let judge = |samples: &[f32]| self.judge(&judges, samples);
        let body = match walk(&judge, &ground, volume.affine().to_voxel(seed))? {
            Ok(body) => body,
            Err(NoBody::Nothing) => {
                return grown(volume, lungs, seed, "the networks see no nodule at the seed");
            }
            Err(NoBody::Endless) => {
                return grown(
                    volume,
                    lungs,
                    seed,
                    "the networks see no end of what is at the seed",
                );
            }
        };
        let Some(segmentation) = body.to_segmentation(volume.shape_kji()) else {
            return grown(
                volume,
                lungs,
                seed,
                "what the networks outline is smaller than a voxel",
            );
        };
        Ok(Outlined {
            segmentation,
            margin: Some(body.margin()),
            method: OutlineMethod::Learned {
                members: judges.len(),
            },
            warnings: self.warnings(&series, judges.len()),
        })
    }

    /// Mean of the maps of some members, computed on the networks' thread.
    fn judge(&self, judges: &[usize], samples: &[f32]) -> Result<Maps, NoduleError> {
        self.thread.install(|| {
            let members = self.members.lock().unwrap_or_else(PoisonError::into_inner);
            let jury: Vec<&UNet> = judges.iter().filter_map(|&at| members.get(at)).collect();
            judged(&jury, samples)
        })
    }

    fn warnings(&self, series: &Sha256, judges: usize) -> Vec<Reason> {
        if !self.header.series.contains_key(series.as_str()) {
            return Vec::new();
        }
        vec![Reason::new(
            ReasonCode::TrainingMemberLeftOut,
            format!(
                "{} of {} segmenter members were trained on this series and were left out",
                self.members() - judges,
                self.members()
            ),
        )]
    }
}

/// Mean of the maps of some networks.
fn judged(jury: &[&UNet], samples: &[f32]) -> Result<Maps, NoduleError> {
    let mut sum: Option<Maps> = None;
    for network in jury {
        let maps = network.maps(samples)?;
        match &mut sum {
            None => sum = Some(maps),
            Some(sum) => {
                add(&mut sum.majority, &maps.majority);
                add(&mut sum.share, &maps.share);
            }
        }
    }
    let mut mean = sum.ok_or(NoduleError::NoMemberLeft)?;
    for value in mean.majority.iter_mut().chain(&mut mean.share) {
        *value /= jury.len() as f32;
        if !value.is_finite() {
            return Err(NoduleError::NonFinite);
        }
    }
    Ok(mean)
}

fn add(sum: &mut [f32], values: &[f32]) {
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum += value;
    }
}

/// How a volume is walked through.
fn ground<'a>(volume: &Volume, hu: ndarray::ArrayView3<'a, i16>) -> Ground<'a> {
    let [sx, sy, sz] = volume.spacing_mm();
    let stride = ((STEP_MM / sz).round() as usize).max(1);
    let pixel_mm = |own: f64| own.clamp(PIXEL_MM.start, PIXEL_MM.end);
    Ground {
        hu,
        pixel: [sx, sy].map(|own| pixel_mm(own) / own),
        stride,
        most_steps: (MOST_LENGTH_MM / (sz * stride as f64)).ceil() as usize,
        reach: [sx, sy, sz].map(|spacing| SEED_TOLERANCE_MM / spacing),
    }
}

/// The explained fallback.
fn grown(volume: &Volume, lungs: &LungMask, seed: Lps, why: &'static str) -> Result<Outlined, NoduleError> {
    Ok(Outlined {
        segmentation: segment(volume, lungs, seed)?,
        margin: None,
        method: OutlineMethod::RegionGrowing,
        warnings: vec![Reason::new(
            ReasonCode::OutlineFallback,
            format!("outlined by region growing: {why}"),
        )],
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Members without training: zero weights, every probability one half.
    fn file(members: Vec<u8>, jury: Vec<usize>) -> Vec<u8> {
        let networks: Vec<UNet> = members.iter().map(|_| UNet::new().unwrap()).collect();
        let series = BTreeMap::from([(Sha256::of(b"1.2.3").as_str().to_owned(), 4)]);
        let header = Header::new(members, jury, series, serde_json::Value::Null);
        weight_file::write(&header, &networks).unwrap()
    }

    #[test]
    fn a_series_is_judged_by_the_member_that_has_not_seen_it() {
        let (header, _) = weight_file::read(&file(vec![3, 4], vec![0, 1])).unwrap();
        assert_eq!(header.judges(&Sha256::of(b"1.2.3")), [1]);
        assert_eq!(header.judges(&Sha256::of(b"9.9")), [0, 1]);
        let (header, _) = weight_file::read(&file(vec![3], vec![0])).unwrap();
        assert!(header.judges(&Sha256::of(b"1.2.3")).is_empty());
    }

    #[test]
    fn damaged_files_are_named() {
        let good = file(vec![0], vec![0]);
        let mut cut = good.clone();
        cut.truncate(good.len() - 4);
        for (bytes, want) in [
            (Vec::new(), "segmenter weights: "),
            (cut, "segmenter weights: "),
            (file(vec![0], vec![1]), "the jury names member 1 of 1"),
            (file(vec![0], vec![]), "the file names no member"),
        ] {
            let error = Segmenter::from_safetensors(&bytes).err().expect(want);
            assert_eq!(error.reason_code(), Some(ReasonCode::ModelUnavailable));
            assert!(error.to_string().contains(want), "{error}");
        }
    }

    /// The same samples give the same maps, on whatever thread they are asked for.
    #[test]
    fn the_same_answer_twice() {
        use rand::{Rng as _, SeedableRng as _};
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
        let network = UNet::new().unwrap();
        network.initialise(&mut rng).unwrap();
        let header = Header::new(vec![0], vec![0], BTreeMap::new(), serde_json::Value::Null);
        let bytes = weight_file::write(&header, &[network]).unwrap();
        let segmenter = Segmenter::from_safetensors(&bytes).unwrap();
        let samples: Vec<f32> = (0..2 * sight::INPUT)
            .map(|_| rng.random_range(-1.0..1.0))
            .collect();
        let first = segmenter.judge(&[0], &samples).unwrap();
        let second = std::thread::scope(|scope| {
            scope
                .spawn(|| segmenter.judge(&[0], &samples).unwrap())
                .join()
                .unwrap()
        });
        assert_eq!(first.majority, second.majority);
        assert!(
            first
                .majority
                .iter()
                .any(|p| (p - first.majority[0]).abs() > 1e-6)
        );
    }
}
