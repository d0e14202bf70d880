//! The phantom: a patient's chest, its nodules, and the CT that is made of it.

use hilum_domain::{Affine, Lps, Sha256, Uid};
use hilum_volume::{Volume, Voxels};
use ndarray::Array3;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use time::Date;

use crate::anatomy::Anatomy;
use crate::body::Body;
use crate::breath::Pose;
use crate::nodule::{PhantomNodule, WantedNodule};
use crate::options::{PhantomError, PhantomOptions};
use crate::place::Place;
use crate::space::Space;
use crate::truth::{NoduleTruth, PhantomTruth};
use crate::vessels::{Segment, grow};

const BLOOD_HU: f64 = 45.0;
/// With contrast medium in the venous phase.
const CONTRAST_BLOOD_HU: f64 = 260.0;

/// A synthetic chest CT. The same seed and options give the same bytes.
#[derive(Debug, Clone)]
pub struct ChestPhantom {
    pub(crate) options: PhantomOptions,
    pub(crate) truth: PhantomTruth,
    pub(crate) affine: Affine,
    pub(crate) space: Space,
    pub(crate) bodies: Vec<Body>,
    /// In the reference chest.
    pub(crate) vessels: Vec<Segment>,
    /// Where they lie in the scanner.
    pub(crate) posed_vessels: Vec<Segment>,
}

impl ChestPhantom {
    /// Grows vessels and places nodules; voxels are computed when they are asked for.
    pub fn new(seed: u64, options: &PhantomOptions) -> Result<Self, PhantomError> {
        options.check()?;
        let height_mm = options.slice_spacing_mm * f64::from(options.slices - 1);
        let space = space(seed, height_mm, options);
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let vessels = grow(&space.anatomy, &mut rng);

        let given = options.nodules.clone().unwrap_or_default();
        let mut place = Place {
            anatomy: &space.anatomy,
            vessels: &vessels,
            taken: given
                .iter()
                .map(|nodule| in_reference(nodule, &space.pose))
                .collect(),
        };
        if options.nodules.is_none() && options.wanted.is_empty() {
            place.one_of_each(&mut rng)?;
        }
        for wanted in &options.wanted {
            place.put(wanted, &mut rng)?;
        }
        let drawn = place.taken[given.len()..]
            .iter()
            .map(|nodule| in_scanner(nodule, &space.pose));
        let bodies = given
            .iter()
            .copied()
            .chain(drawn)
            .enumerate()
            .map(|(identity, nodule)| Body::new(nodule, identity, seed, &space))
            .collect();
        Self::assemble(seed, options.clone(), space, vessels, bodies)
    }

    pub(crate) fn assemble(
        seed: u64,
        options: PhantomOptions,
        space: Space,
        vessels: Vec<Segment>,
        bodies: Vec<Body>,
    ) -> Result<Self, PhantomError> {
        let digest = |what: &str| Sha256::of(format!("hilum phantom {seed} {options:?} {what}").as_bytes());
        let truth = PhantomTruth {
            seed,
            study_instance_uid: Uid::derived(&digest("study")),
            series_instance_uid: Uid::derived(&digest("series")),
            study_date: yyyymmdd(options.study_date),
            interval_days: None,
            nodules: bodies.iter().map(|body| NoduleTruth::of(body, &space)).collect(),
            vanished: Vec::new(),
        };
        Ok(Self {
            affine: grid(&options)?,
            truth,
            posed_vessels: vessels.iter().map(|vessel| vessel.posed(&space.pose)).collect(),
            options,
            space,
            bodies,
            vessels,
        })
    }

    /// What is in it.
    pub const fn truth(&self) -> &PhantomTruth {
        &self.truth
    }

    /// What was asked for.
    pub const fn options(&self) -> &PhantomOptions {
        &self.options
    }

    /// Voxel (column, row, slice) to LPS mm.
    pub const fn affine(&self) -> &Affine {
        &self.affine
    }

    /// Slices, rows, columns.
    pub fn shape_kji(&self) -> [usize; 3] {
        let size = usize::from(self.options.size);
        [usize::from(self.options.slices), size, size]
    }

    /// All voxels in HU, C order `[slice][row][column]`, between -1024 and 3071.
    pub fn hu(&self) -> Vec<i16> {
        let [slices, rows, columns] = self.shape_kji();
        let mut voxels = vec![0; slices * rows * columns];
        voxels
            .par_chunks_mut(rows * columns)
            .enumerate()
            .for_each(|(k, plane)| plane.copy_from_slice(&self.slice_hu(k)));
        voxels
    }

    /// The CT as a volume, without the way through DICOM: pixel spacing and HU are not rounded to a header's digits.
    ///
    /// # Errors
    /// [`PhantomError::Volume`] when the options leave too few slices.
    pub fn volume(&self) -> Result<Volume, PhantomError> {
        let [k, j, i] = self.shape_kji();
        let hu = self.hu();
        let at = |(z, y, x): (usize, usize, usize)| hu[(z * j + y) * i + x];
        let truth = self.truth();
        Ok(Volume::new(
            Voxels::I16(Array3::from_shape_fn((k, j, i), at)),
            self.affine,
            truth.study_instance_uid.clone(),
            truth.series_instance_uid.clone(),
            Sha256::of(b"phantom"),
        )?)
    }

    /// The lobe that holds a point of the scanner, whether fissures are drawn or not; `None` outside the lungs.
    pub fn lobe_at(&self, point: Lps) -> Option<hilum_domain::Lobe> {
        self.space.lobe_at(point.0)
    }

    /// Where in this CT lies what `other`, a CT of the same patient, shows at `point`; both LPS mm.
    pub fn point_of(&self, other: &Self, point: Lps) -> Lps {
        Lps(self.space.pose.to_scanner(other.space.pose.to_reference(point.0)))
    }
}

/// The chest of a patient as this CT shows it.
pub(crate) fn space(seed: u64, height_mm: f64, options: &PhantomOptions) -> Space {
    Space {
        anatomy: Anatomy {
            seed,
            height_mm,
            blood_hu: if options.contrast {
                CONTRAST_BLOOD_HU
            } else {
                BLOOD_HU
            },
        },
        pose: Pose::new(options.breath, height_mm),
    }
}

/// The voxel grid: slices along the table from z = 0, each centred on it and tilted about the left-right axis.
fn grid(options: &PhantomOptions) -> Result<Affine, PhantomError> {
    let spacing = options.pixel_spacing_mm();
    let half = spacing * f64::from(options.size - 1) / 2.0;
    let (sin, cos) = options.tilt_degrees.to_radians().sin_cos();
    Ok(Affine::new(
        [spacing, 0.0, 0.0],
        [0.0, spacing * cos, spacing * sin],
        [0.0, 0.0, options.slice_spacing_mm],
        Lps([-half, -half * cos, -half * sin]),
    )?)
}

pub(crate) fn in_reference(nodule: &PhantomNodule, pose: &Pose) -> PhantomNodule {
    PhantomNodule {
        center_lps_mm: Lps(pose.to_reference(nodule.center_lps_mm.0)),
        ..*nodule
    }
}

pub(crate) fn in_scanner(nodule: &PhantomNodule, pose: &Pose) -> PhantomNodule {
    PhantomNodule {
        center_lps_mm: Lps(pose.to_scanner(nodule.center_lps_mm.0)),
        ..*nodule
    }
}

/// A date as DICOM writes it.
pub(crate) fn yyyymmdd(date: Date) -> String {
    format!("{:04}{:02}{:02}", date.year(), u8::from(date.month()), date.day())
}

/// Nodules that shall be placed after those that are there, in the reference chest.
pub(crate) fn place_more(
    taken: Vec<PhantomNodule>,
    wanted: &[WantedNodule],
    anatomy: &Anatomy,
    vessels: &[Segment],
    seed: u64,
) -> Result<Vec<PhantomNodule>, PhantomError> {
    let before = taken.len();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut place = Place {
        anatomy,
        vessels,
        taken,
    };
    for wanted in wanted {
        place.put(wanted, &mut rng)?;
    }
    Ok(place.taken.split_off(before))
}
