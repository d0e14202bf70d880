//! The phantom: anatomy, vessels and nodules on a voxel grid.

use hilum_domain::{Affine, GeometryError, Lps, NoduleType, Sha256, Uid};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use crate::anatomy::{Anatomy, Lung};
use crate::nodule::{PhantomNodule, PhantomTruth};
use crate::noise;
use crate::vessels::{Segment, grow};

const VESSEL_HU: f64 = 40.0;
/// Points within a slice's thickness that a voxel is averaged over.
const Z_SAMPLES: usize = 5;

/// How large and how noisy.
#[derive(Debug, Clone, PartialEq)]
pub struct PhantomOptions {
    /// Rows and columns: 512, 256 or another number from 64 to 1024. The field of view stays 358.4 mm, so 512 gives
    /// 0.7 mm and 256 gives 1.4 mm.
    pub size: u16,
    /// Number of slices, 16 to 1000.
    pub slices: u16,
    /// Distance between slices and their thickness in millimetres.
    pub slice_spacing_mm: f64,
    /// Standard deviation of the noise.
    pub noise_hu: f64,
    /// Nodules to place. `None`: one of each kind, at places drawn from the seed.
    pub nodules: Option<Vec<PhantomNodule>>,
}

impl Default for PhantomOptions {
    fn default() -> Self {
        Self {
            size: 512,
            slices: 120,
            slice_spacing_mm: 2.5,
            noise_hu: 18.0,
            nodules: None,
        }
    }
}

/// Why a phantom cannot be made or written.
#[derive(Debug, thiserror::Error)]
pub enum PhantomError {
    /// An option out of its range.
    #[error("{option} is {value}, allowed is {allowed}")]
    Option {
        /// Which.
        option: &'static str,
        /// Its value.
        value: f64,
        /// Its range.
        allowed: &'static str,
    },
    /// No free place for a nodule of this size was found.
    #[error("no free place in the lungs for a nodule of {diameter_mm} mm")]
    NoPlace {
        /// Its diameter.
        diameter_mm: f64,
    },
    /// The grid is degenerate.
    #[error(transparent)]
    Geometry(#[from] GeometryError),
    /// A slice could not be encoded.
    #[error("slice {slice} cannot be encoded: {why}")]
    Encode {
        /// Which, counted from 0.
        slice: usize,
        /// What the encoder says.
        why: String,
    },
    /// A file could not be written.
    #[error("{file}: {source}")]
    Write {
        /// Which.
        file: String,
        /// What the system says.
        source: std::io::Error,
    },
}

/// A synthetic chest CT. The same seed and options give the same bytes.
#[derive(Debug, Clone)]
pub struct ChestPhantom {
    pub(crate) options: PhantomOptions,
    pub(crate) truth: PhantomTruth,
    pub(crate) affine: Affine,
    anatomy: Anatomy,
    vessels: Vec<Segment>,
}

impl ChestPhantom {
    /// Grows vessels and places nodules; voxels are computed when they are asked for.
    pub fn new(seed: u64, options: &PhantomOptions) -> Result<Self, PhantomError> {
        check(options)?;
        let spacing = options.pixel_spacing_mm();
        let half = spacing * f64::from(options.size - 1) / 2.0;
        let affine = Affine::new(
            [spacing, 0.0, 0.0],
            [0.0, spacing, 0.0],
            [0.0, 0.0, options.slice_spacing_mm],
            Lps([-half, -half, 0.0]),
        )?;
        let anatomy = Anatomy {
            seed,
            height_mm: options.slice_spacing_mm * f64::from(options.slices - 1),
        };
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let vessels = grow(&anatomy, &mut rng);
        let nodules = match &options.nodules {
            Some(nodules) => nodules.clone(),
            None => place_one_of_each(&anatomy, &vessels, &mut rng)?,
        };
        let digest = |what: &str| Sha256::of(format!("hilum phantom {seed} {options:?} {what}").as_bytes());
        Ok(Self {
            options: options.clone(),
            truth: PhantomTruth {
                seed,
                study_instance_uid: Uid::derived(&digest("study")),
                series_instance_uid: Uid::derived(&digest("series")),
                nodules,
            },
            affine,
            anatomy,
            vessels,
        })
    }

    /// What is in it.
    pub const fn truth(&self) -> &PhantomTruth {
        &self.truth
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

    /// HU of slice `k`, `[row][column]`.
    pub fn slice_hu(&self, k: usize) -> Vec<i16> {
        let size = usize::from(self.options.size);
        let z = self.affine.to_lps([0.0, 0.0, k as f64]).0[2];
        let mut plane = Vec::with_capacity(size * size);
        for row in 0..size {
            for column in 0..size {
                let Lps(point) = self.affine.to_lps([column as f64, row as f64, k as f64]);
                plane.push(self.anatomy.hu(point));
            }
        }
        self.draw_vessels(&mut plane, z);
        self.draw_nodules(&mut plane, z);
        plane
            .iter()
            .zip(noise::plane(self.truth.seed, k, size))
            .map(|(hu, noise)| {
                (hu + self.options.noise_hu * f64::from(noise))
                    .round()
                    .clamp(-1024.0, 3071.0) as i16
            })
            .collect()
    }

    fn draw_vessels(&self, plane: &mut [f64], z: f64) {
        let edge_mm = self.options.pixel_spacing_mm();
        for vessel in &self.vessels {
            let [low, high] = vessel.extent(2);
            let half = self.options.slice_spacing_mm / 2.0;
            if z + half < low || z - half > high {
                continue;
            }
            self.for_pixels(vessel.extent(0), vessel.extent(1), z, |index, point| {
                let reach = vessel.radius_mm + edge_mm + half;
                if vessel.distance_mm(point) > reach || self.anatomy.lung_at(point).is_none() {
                    return;
                }
                let part = self.mean_over_thickness(point, |point| {
                    ((vessel.radius_mm - vessel.distance_mm(point)) / edge_mm + 0.5).clamp(0.0, 1.0)
                });
                let drawn = plane[index] + (VESSEL_HU - plane[index]) * part;
                plane[index] = plane[index].max(drawn);
            });
        }
    }

    fn draw_nodules(&self, plane: &mut [f64], z: f64) {
        let edge_mm = self.options.pixel_spacing_mm();
        for nodule in &self.truth.nodules {
            let Lps(centre) = nodule.center_lps_mm;
            let reach = nodule.diameter_mm / 2.0 + edge_mm;
            if (z - centre[2]).abs() > reach + self.options.slice_spacing_mm {
                continue;
            }
            let extent = |axis: usize| [centre[axis] - reach, centre[axis] + reach];
            self.for_pixels(extent(0), extent(1), z, |index, point| {
                let background = plane[index];
                plane[index] = self.mean_over_thickness(point, |point| {
                    nodule.blend(Lps(point).distance_mm(nodule.center_lps_mm), edge_mm, background)
                });
            });
        }
    }

    /// Calls `draw` with index and centre of the pixels of a rectangle in LPS mm.
    fn for_pixels(&self, x: [f64; 2], y: [f64; 2], z: f64, mut draw: impl FnMut(usize, [f64; 3])) {
        let size = usize::from(self.options.size);
        let spacing = self.options.pixel_spacing_mm();
        let Lps(origin) = self.affine.to_lps([0.0; 3]);
        let range = |[low, high]: [f64; 2], origin: f64| {
            let first = ((low - origin) / spacing).floor().max(0.0) as usize;
            let end = ((high - origin) / spacing).ceil().max(-1.0) + 1.0;
            first..(end as usize).min(size)
        };
        for row in range(y, origin[1]) {
            for column in range(x, origin[0]) {
                let point = [
                    origin[0] + column as f64 * spacing,
                    origin[1] + row as f64 * spacing,
                    z,
                ];
                draw(row * size + column, point);
            }
        }
    }

    /// A slice shows the mean over its thickness.
    fn mean_over_thickness(&self, [x, y, z]: [f64; 3], value: impl Fn([f64; 3]) -> f64) -> f64 {
        let sum: f64 = (0..Z_SAMPLES)
            .map(|sample| {
                let offset = (sample as f64 + 0.5) / Z_SAMPLES as f64 - 0.5;
                value([x, y, z + offset * self.options.slice_spacing_mm])
            })
            .sum();
        sum / Z_SAMPLES as f64
    }
}

impl PhantomOptions {
    /// Distance between pixels in millimetres.
    pub fn pixel_spacing_mm(&self) -> f64 {
        358.4 / f64::from(self.size)
    }
}

fn check(options: &PhantomOptions) -> Result<(), PhantomError> {
    let rows = [
        ("size", f64::from(options.size), 64.0, 1024.0, "64 to 1024"),
        ("slices", f64::from(options.slices), 16.0, 1000.0, "16 to 1000"),
        (
            "slice_spacing_mm",
            options.slice_spacing_mm,
            0.3,
            10.0,
            "0.3 to 10",
        ),
        ("noise_hu", options.noise_hu, 0.0, 200.0, "0 to 200"),
    ];
    for (option, value, low, high, allowed) in rows {
        if !(low..=high).contains(&value) {
            return Err(PhantomError::Option {
                option,
                value,
                allowed,
            });
        }
    }
    for nodule in options.nodules.iter().flatten() {
        if !(1.0..=80.0).contains(&nodule.diameter_mm) {
            return Err(PhantomError::Option {
                option: "diameter_mm",
                value: nodule.diameter_mm,
                allowed: "1 to 80",
            });
        }
    }
    Ok(())
}

fn place_one_of_each(
    anatomy: &Anatomy,
    vessels: &[Segment],
    rng: &mut ChaCha8Rng,
) -> Result<Vec<PhantomNodule>, PhantomError> {
    let mut placed: Vec<PhantomNodule> = Vec::new();
    let kinds = [
        (NoduleType::Solid, 9.0..14.0),
        (NoduleType::PartSolid, 14.0..20.0),
        (NoduleType::GroundGlass, 10.0..16.0),
        (NoduleType::Calcified, 5.0..8.0),
    ];
    for (at, (kind, diameters)) in kinds.into_iter().enumerate() {
        let diameter_mm = (rng.random_range(diameters) * 10.0_f64).round() / 10.0;
        let lung = if at % 2 == 0 { Lung::Right } else { Lung::Left };
        let center_lps_mm = free_place(anatomy, vessels, &placed, lung, diameter_mm / 2.0, rng)
            .ok_or(PhantomError::NoPlace { diameter_mm })?;
        placed.push(PhantomNodule {
            center_lps_mm,
            diameter_mm,
            kind,
        });
    }
    Ok(placed)
}

/// A place in the lung that touches neither its surface, a vessel worth the name, nor another nodule.
fn free_place(
    anatomy: &Anatomy,
    vessels: &[Segment],
    placed: &[PhantomNodule],
    lung: Lung,
    radius_mm: f64,
    rng: &mut ChaCha8Rng,
) -> Option<Lps> {
    const TRIES: usize = 20_000;
    let [low, high] = anatomy.bounds(lung);
    let reach = radius_mm + 3.0;
    (0..TRIES).find_map(|_| {
        let point =
            [0, 1, 2].map(|axis: usize| (rng.random_range(low[axis]..high[axis]) * 10.0).round() / 10.0);
        let inside = [-1.0, 0.0, 1.0].into_iter().all(|x| {
            [-1.0, 0.0, 1.0].into_iter().all(|y| {
                [-1.0, 0.0, 1.0].into_iter().all(|z: f64| {
                    let step = [x, y, z].map(|direction| direction * reach);
                    anatomy.lung_at([0, 1, 2].map(|axis: usize| point[axis] + step[axis])) == Some(lung)
                })
            })
        });
        let clear_of_vessels = || {
            vessels
                .iter()
                .all(|vessel| vessel.distance_mm(point) > radius_mm + vessel.radius_mm + 1.0)
        };
        let clear_of_nodules = || {
            placed.iter().all(|other| {
                other.center_lps_mm.distance_mm(Lps(point)) > radius_mm + other.diameter_mm / 2.0 + 10.0
            })
        };
        (inside && clear_of_nodules() && clear_of_vessels()).then_some(Lps(point))
    })
}
