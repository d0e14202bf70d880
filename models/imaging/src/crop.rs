//! A nodule's surroundings in HU: the one form that both training tiles and whole CTs take.

use hilum_cohort::{HuMap, Nodule, Slice, TILE_SIDE};
use hilum_domain::{Lps, VoxelIndex};
use hilum_volume::Volume;

use crate::{CropError, View};

/// HU window that is mapped to 0..1: lung to dense soft tissue.
pub const HU_WINDOW: [f32; 2] = [-1000.0, 400.0];

/// What lies outside the volume is air.
const OUTSIDE_HU: i16 = -1000;

/// A slope above this is a failed estimate: 256 grey levels would span more HU than a CT has.
const MAX_PLAUSIBLE_SLOPE: f64 = 24.0;

/// The median map of the LIDC cohort's slices. Scanners that pad with -2048 or -3024 are far from it.
pub const TYPICAL_MAP: HuMap = HuMap {
    slope: 8.82,
    intercept_hu: -1007.0,
    quality: 0.0,
};

/// Where the HU of a crop come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HuSource {
    /// From a CT: exact.
    Measured,
    /// From 8-bit tiles by an estimated map per slice.
    Estimated,
    /// From 8-bit tiles without a usable estimate, by [`TYPICAL_MAP`].
    Assumed,
}

/// Axial slices of 80x80 native pixels around a nodule, in whole HU, over the nodule's extent.
///
/// Invariants: at least one slice; the diameter, when present, is positive and finite.
#[derive(Debug, Clone, PartialEq)]
pub struct NoduleCrop {
    /// `[slice][80][80]`, the nodule's centre at pixel 40.
    hu: Vec<i16>,
    source: HuSource,
    eq_diam_mm: Option<f64>,
}

impl NoduleCrop {
    /// The crop of a cohort nodule, through the estimated HU of each slice. Where one slice's estimate failed
    /// or is missing, its nearest neighbour's is used; where there is none at all, [`TYPICAL_MAP`], and
    /// [`NoduleCrop::source`] says so.
    pub fn from_nodule(nodule: &Nodule) -> Result<Self, CropError> {
        let maps: Vec<Option<HuMap>> = nodule.slices.iter().map(plausible_map).collect();
        let mut hu = Vec::with_capacity(nodule.slices.len() * TILE_SIDE * TILE_SIDE);
        for (k, slice) in nodule.slices.iter().enumerate() {
            let nearest = (0..maps.len())
                .filter(|&other| maps[other].is_some())
                .min_by_key(|&other| other.abs_diff(k));
            let map = nearest.and_then(|nearest| maps[nearest]).unwrap_or(TYPICAL_MAP);
            hu.extend(
                slice
                    .tile
                    .iter()
                    .map(|&grey| map.hu(grey).round().clamp(-4096.0, 4095.0) as i16),
            );
        }
        Ok(Self {
            hu,
            source: if maps.iter().any(Option::is_some) {
                HuSource::Estimated
            } else {
                HuSource::Assumed
            },
            eq_diam_mm: checked_diameter(nodule.eq_diam_mm)?,
        })
    }

    /// The crop of a nodule in a CT.
    ///
    /// `center_lps_mm` is the nodule's centre, `slices` the first and last slice index that its outline touches,
    /// `eq_diam_mm` the diameter of the sphere with its volume (`None` where nothing was measured).
    pub fn from_volume(
        volume: &Volume,
        center_lps_mm: Lps,
        slices: std::ops::RangeInclusive<usize>,
        eq_diam_mm: Option<f64>,
    ) -> Result<Self, CropError> {
        let [n_slices, rows, columns] = volume.shape_kji();
        let (first, last) = (*slices.start(), *slices.end());
        if first > last || last >= n_slices {
            return Err(CropError::SliceRange {
                first,
                last,
                slices: n_slices,
            });
        }
        let VoxelIndex([i0, j0, _]) = volume
            .voxel_at(center_lps_mm)
            .ok_or(CropError::OutsideVolume { center_lps_mm })?;
        let half = TILE_SIDE / 2;
        let mut hu = Vec::with_capacity((last - first + 1) * TILE_SIDE * TILE_SIDE);
        for k in slices {
            for y in 0..TILE_SIDE {
                for x in 0..TILE_SIDE {
                    let (i, j) = ((i0 + x).wrapping_sub(half), (j0 + y).wrapping_sub(half));
                    hu.push(if i < columns && j < rows {
                        volume.hu(VoxelIndex([i, j, k])).round() as i16
                    } else {
                        OUTSIDE_HU
                    });
                }
            }
        }
        Ok(Self {
            hu,
            source: HuSource::Measured,
            eq_diam_mm: checked_diameter(eq_diam_mm)?,
        })
    }

    /// The same crop with another diameter, or none: for reporting with and without it.
    pub fn with_diameter(mut self, eq_diam_mm: Option<f64>) -> Result<Self, CropError> {
        self.eq_diam_mm = checked_diameter(eq_diam_mm)?;
        Ok(self)
    }

    /// Equivalent diameter in mm.
    pub const fn eq_diam_mm(&self) -> Option<f64> {
        self.eq_diam_mm
    }

    /// Where the HU come from.
    pub const fn source(&self) -> HuSource {
        self.source
    }

    /// Number of slices over the nodule's extent.
    pub fn n_slices(&self) -> usize {
        self.hu.len() / (TILE_SIDE * TILE_SIDE)
    }

    /// HU of all pixels, `[slice][80][80]`.
    pub fn hu(&self) -> &[i16] {
        &self.hu
    }

    /// Network input `[slices][side][side]`, windowed to 0..1: `slices` slices evenly spread over the extent (repeated
    /// where there are fewer), resampled bilinearly through `view`, which is the identity in plain inference.
    pub fn sample(&self, slices: usize, side: usize, view: &View) -> Vec<f32> {
        let n = self.n_slices();
        let mut out = Vec::with_capacity(slices * side * side);
        for s in 0..slices {
            let position = (s as f64 + 0.5 + view.slice_shift) / slices as f64 * n as f64;
            let k = (position.max(0.0) as usize).min(n - 1);
            let tile = &self.hu[k * TILE_SIDE * TILE_SIDE..][..TILE_SIDE * TILE_SIDE];
            let (gain, offset_hu) = view.intensity.get(s).copied().unwrap_or((1.0, 0.0));
            for y in 0..side {
                for x in 0..side {
                    let hu = bilinear(tile, view.tile_position(x, y, side));
                    let moved = (hu - HU_WINDOW[0]) * gain + offset_hu;
                    out.push((moved / (HU_WINDOW[1] - HU_WINDOW[0])).clamp(0.0, 1.0));
                }
            }
        }
        out
    }
}

fn plausible_map(slice: &Slice) -> Option<HuMap> {
    slice.hu_map.filter(|map| map.slope <= MAX_PLAUSIBLE_SLOPE)
}

fn checked_diameter(eq_diam_mm: Option<f64>) -> Result<Option<f64>, CropError> {
    match eq_diam_mm {
        Some(mm) if !(mm.is_finite() && mm > 0.0) => Err(CropError::Diameter(mm)),
        other => Ok(other),
    }
}

/// Value at a fractional (column, row); beyond the border the border goes on.
fn bilinear(tile: &[i16], [x, y]: [f32; 2]) -> f32 {
    let last = (TILE_SIDE - 1) as f32;
    let (x, y) = (x.clamp(0.0, last), y.clamp(0.0, last));
    let (x0, y0) = (x as usize, y as usize);
    let (x1, y1) = ((x0 + 1).min(TILE_SIDE - 1), (y0 + 1).min(TILE_SIDE - 1));
    let (fx, fy) = (x - x0 as f32, y - y0 as f32);
    let at = |x: usize, y: usize| f32::from(tile[y * TILE_SIDE + x]);
    let upper = at(x0, y0) + (at(x1, y0) - at(x0, y0)) * fx;
    let lower = at(x0, y1) + (at(x1, y1) - at(x0, y1)) * fx;
    upper + (lower - upper) * fy
}
