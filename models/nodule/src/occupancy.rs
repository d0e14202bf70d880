//! How much of each voxel is nodule.
//!
//! A mask of whole voxels is up to half a voxel wrong everywhere along its boundary, which for a nodule of 6 mm is a
//! third of its volume. Near the outline each voxel therefore counts by its HU: 0 at the level of what lies outside
//! here, 1 at the level of what lies inside here, between them the share by which nodule and surroundings fill the
//! voxel (partial volume; the boundary is then where HU is half way between, as for CT volumetry since Kostis et al.,
//! IEEE Trans Med Imaging 22(10), 2003). Both levels are medians over rings beside the boundary, so that a part-solid
//! nodule ends where its halo does, and a core where its halo begins. A voxel that is dense because a vessel or the
//! wall is there, not the nodule, counts by the outline alone.

use hilum_domain::VoxelIndex;
use hilum_volume::Volume;
use ndarray::{Array3, ArrayView3, Axis, s};

use crate::distance::squared_distance;
use crate::outline::rings;
use crate::{NoduleError, Segmentation};

/// Voxels around the outline's box, and slices.
const MARGIN: usize = 6;
const MARGIN_SLICES: usize = 4;
/// Distances are in voxels, but a voxel counts for no more than this many mm: scanners blur over about as much.
const BLUR_MM: f64 = 0.7;
/// From the outline inwards and outwards, in these units: where a voxel is all nodule and all surroundings.
const INNER_RING: std::ops::RangeInclusive<f32> = 1.3..=3.2;
/// The part of the inner ring next to the boundary; where it is much fainter than the rest, by this share of the
/// contrast, a halo ends here and the rest is its core.
const HALO_RING: std::ops::RangeInclusive<f32> = 1.3..=1.9;
const HALO_CONTRAST: f32 = 0.6;
const OUTER_RING: std::ops::RangeInclusive<f32> = 2.0..=4.2;
/// Voxels farther inside are nodule whatever their HU: a cavity or a calcification is part of it.
const BAND: f32 = 2.4;
/// One layer of voxels.
const LAYER: f32 = 1.5;
/// So many voxels of a ring make a level.
const LEAST_FOR_LEVEL: usize = 4;
/// Rings are asked within this distance, voxels and slices.
const REACH: usize = 5;
const REACH_SLICES: usize = 3;
/// Levels are the same within blocks of so many voxels.
const BLOCK: usize = 3;
/// With less contrast between the levels (nodule against wall) the outline decides.
const LEAST_CONTRAST_HU: f32 = 100.0;
/// Noise may take a share beyond 0 and 1, so that it averages out over the boundary; but no farther.
const MOST_NOISE: f32 = 0.25;
/// The rings follow the boundary that was found with the first ones.
const PASSES: usize = 2;

/// Shares of the voxels around one nodule.
#[derive(Debug, Clone, PartialEq)]
pub struct Occupancy {
    /// `[slice][row][column]`, about 0 to 1.
    share: Array3<f32>,
    origin: VoxelIndex,
    voxel_mm3: f64,
}

/// How much of each voxel at and around an outline is nodule.
///
/// # Errors
/// [`NoduleError::SegmentationBeyondVolume`] when the mask was made on another volume.
pub fn occupancy(volume: &Volume, segmentation: &Segmentation) -> Result<Occupancy, NoduleError> {
    segmentation.check_within(volume)?;
    let around = Around::of(volume, segmentation);
    let mut share = around.shares(&around.mask);
    for _ in 1..PASSES {
        let boundary = share.mapv(|share| share >= 0.5);
        if !boundary.iter().any(|&inside| inside) {
            break;
        }
        share = around.shares(&boundary);
    }
    Ok(Occupancy {
        share,
        origin: around.origin,
        voxel_mm3: volume.affine().voxel_mm3(),
    })
}

impl Occupancy {
    /// Sum of the shares in mm³.
    pub fn volume_mm3(&self) -> f64 {
        let sum: f64 = self.share.iter().map(|&share| f64::from(share)).sum();
        sum.max(0.0) * self.voxel_mm3
    }

    /// Closed contours in slice `k` of the volume where a voxel would be half nodule, each a ring of (column, row)
    /// positions in voxels of the volume, between voxels. Empty where the nodule is not. As [`crate::outline`]: the
    /// first point is not repeated, holes turn the other way.
    pub fn contours(&self, k: usize) -> Vec<Vec<[f64; 2]>> {
        let [i, j, first] = self.origin.0;
        match k.checked_sub(first) {
            Some(at) if at < self.share.dim().0 => rings(self.share.index_axis(Axis(0), at), [i, j]),
            _ => Vec::new(),
        }
    }

    /// First and last slice of the volume that the shares cover.
    pub fn slices(&self) -> [usize; 2] {
        let first = self.origin.0[2];
        [first, first + self.share.dim().0 - 1]
    }
}

/// HU and outline in a box around a nodule.
struct Around {
    hu: Array3<f32>,
    mask: Array3<bool>,
    origin: VoxelIndex,
    /// Length of a step along slices, rows, columns.
    units: [f64; 3],
}

/// Where levels are taken.
struct Rings {
    inner: Array3<bool>,
    halo: Array3<bool>,
    outer: Array3<bool>,
}

/// The levels inside and outside at one place.
#[derive(Clone, Copy)]
struct Levels {
    inside: f32,
    outside: f32,
}

impl Around {
    fn of(volume: &Volume, segmentation: &Segmentation) -> Self {
        let [nk, nj, ni] = volume.shape_kji();
        let (slices, rows, columns) = segmentation.mask().dim();
        let VoxelIndex([i, j, k]) = segmentation.origin();
        let range = |first: usize, count: usize, margin: usize, size: usize| {
            first.saturating_sub(margin)..(first + count + margin).min(size)
        };
        let (is, js) = (range(i, columns, MARGIN, ni), range(j, rows, MARGIN, nj));
        let ks = range(k, slices, MARGIN_SLICES, nk);
        let shape = (ks.len(), js.len(), is.len());
        let origin = VoxelIndex([is.start, js.start, ks.start]);
        let at = |(k, j, i): (usize, usize, usize)| VoxelIndex([is.start + i, js.start + j, ks.start + k]);
        let [sx, sy, sz] = volume.spacing_mm();
        Self {
            hu: Array3::from_shape_fn(shape, |kji| volume.hu(at(kji))),
            mask: Array3::from_shape_fn(shape, |kji| segmentation.contains(at(kji))),
            origin,
            units: [sz, sy, sx].map(|spacing| (spacing / BLUR_MM).min(1.0)),
        }
    }

    /// Shares by the levels beside a boundary.
    fn shares(&self, body: &Array3<bool>) -> Array3<f32> {
        let by_mask = || body.mapv(|inside| if inside { 1.0 } else { 0.0 });
        let outside = body.mapv(|inside| !inside);
        let depth = squared_distance(&outside, self.units).mapv(f32::sqrt);
        let away = squared_distance(body, self.units).mapv(f32::sqrt);
        let rings = Rings {
            inner: self.inner_ring(body, &depth),
            halo: depth.mapv(|depth| HALO_RING.contains(&depth)),
            outer: away.mapv(|away| OUTER_RING.contains(&away)),
        };
        let everywhere = |ring: &Array3<bool>| Self::level(ring.view(), self.hu.view());
        let Some(whole) = Levels::of(&rings, everywhere) else {
            return by_mask();
        };

        let mut share = by_mask();
        let mut dense = Array3::from_elem(body.dim(), false);
        let blocks = body.dim();
        for k in (0..blocks.0).step_by(BLOCK) {
            for j in (0..blocks.1).step_by(BLOCK) {
                for i in (0..blocks.2).step_by(BLOCK) {
                    self.block(
                        [k, j, i],
                        (&depth, &away),
                        &rings,
                        whole,
                        (&mut share, &mut dense),
                    );
                }
            }
        }
        self.cut_attached(body, &away, &dense, &mut share);
        share
    }

    /// Shares of the band's voxels in one block; `dense` marks those that are as dense as the nodule.
    fn block(
        &self,
        [k, j, i]: [usize; 3],
        (depth, away): (&Array3<f32>, &Array3<f32>),
        rings: &Rings,
        whole: Levels,
        (share, dense): (&mut Array3<f32>, &mut Array3<bool>),
    ) {
        let (nk, nj, ni) = depth.dim();
        let mut levels = None;
        for k in k..(k + BLOCK).min(nk) {
            for j in j..(j + BLOCK).min(nj) {
                for i in i..(i + BLOCK).min(ni) {
                    let at = [k, j, i];
                    // One of the two is 0.
                    if depth[at] > BAND || away[at] > BAND {
                        continue;
                    }
                    let levels = *levels.get_or_insert_with(|| {
                        Levels::of(rings, |ring| self.level_near(ring, at)).unwrap_or(whole)
                    });
                    let contrast = levels.inside - levels.outside;
                    if contrast < LEAST_CONTRAST_HU {
                        continue;
                    }
                    let raw = (self.hu[at] - levels.outside) / contrast;
                    share[at] = raw.clamp(-MOST_NOISE, 1.0 + MOST_NOISE);
                    dense[at] = raw >= 0.5;
                }
            }
        }
    }

    /// Voxels all inside; where the nodule is too flat to have some, all inside within their slice.
    fn inner_ring(&self, body: &Array3<bool>, depth: &Array3<f32>) -> Array3<bool> {
        let ring = depth.mapv(|depth| INNER_RING.contains(&depth));
        let enough = |ring: &Array3<bool>| ring.iter().filter(|inside| **inside).count() >= LEAST_FOR_LEVEL;
        if enough(&ring) {
            return ring;
        }
        let outside = body.mapv(|inside| !inside);
        let [_, row, column] = self.units;
        let in_slice = squared_distance(&outside, [f64::from(BAND) * 10.0, row, column]).mapv(f32::sqrt);
        let ring = in_slice.mapv(|depth| INNER_RING.contains(&depth));
        if enough(&ring) {
            return ring;
        }
        let deepest = in_slice
            .iter()
            .copied()
            .filter(|depth| depth.is_finite())
            .fold(0.0, f32::max);
        in_slice.mapv(|depth| depth > 0.0 && depth >= deepest)
    }

    /// What is dense beside the nodule is not part of it, nor what it blurs into: the outline decides there.
    fn cut_attached(
        &self,
        body: &Array3<bool>,
        away: &Array3<f32>,
        dense: &Array3<bool>,
        share: &mut Array3<f32>,
    ) {
        let mut attached = dense.clone();
        attached.zip_mut_with(away, |attached, &away| *attached &= away > LAYER);
        if !attached.iter().any(|&attached| attached) {
            return;
        }
        let near = squared_distance(&attached, self.units).mapv(|square| square.sqrt() <= LAYER + 0.25);
        ndarray::Zip::from(share)
            .and(body)
            .and(&near)
            .for_each(|share, &inside, &near| {
                if near && !inside {
                    *share = 0.0;
                }
            });
    }

    /// Median of a ring's voxels near a place; `None` for too few.
    fn level_near(&self, ring: &Array3<bool>, [k, j, i]: [usize; 3]) -> Option<f32> {
        let (nk, nj, ni) = ring.dim();
        let range =
            |at: usize, reach: usize, size: usize| at.saturating_sub(reach)..(at + reach + 1).min(size);
        let window = s![
            range(k, REACH_SLICES, nk),
            range(j, REACH, nj),
            range(i, REACH, ni)
        ];
        Self::level(ring.slice(window), self.hu.slice(window))
    }

    fn level(ring: ArrayView3<'_, bool>, hu: ArrayView3<'_, f32>) -> Option<f32> {
        median(
            ring.iter()
                .zip(hu)
                .filter(|(inside, _)| **inside)
                .map(|(_, &hu)| hu)
                .collect(),
        )
    }
}

impl Levels {
    /// From the level of each ring; `None` where one of the two sides has none.
    fn of(rings: &Rings, level: impl Fn(&Array3<bool>) -> Option<f32>) -> Option<Self> {
        let (inside, outside) = (level(&rings.inner)?, level(&rings.outer)?);
        let halo = level(&rings.halo).filter(|halo| {
            let contrast = halo - outside;
            contrast >= LEAST_CONTRAST_HU && contrast < HALO_CONTRAST * (inside - outside)
        });
        Some(Self {
            inside: halo.unwrap_or(inside),
            outside,
        })
    }
}

fn median(mut values: Vec<f32>) -> Option<f32> {
    if values.len() < LEAST_FOR_LEVEL {
        return None;
    }
    let middle = values.len() / 2;
    Some(*values.select_nth_unstable_by(middle, f32::total_cmp).1)
}
