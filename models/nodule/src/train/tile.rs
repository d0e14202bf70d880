//! Nodules in the tiles of the cohort, as they are, and the places beside them that only look like one.
//!
//! A tile shows the surroundings of a nodule in another patient's CT: of many scanners and hundreds of lungs, where
//! whole CTs are few. It is short along z (the readers' slices) and 80 pixels wide, so what a sample sees of it ends
//! somewhere. That must say nothing about the class: every sample from a tile is cut by the [`Aperture`] of one from
//! the other class, and some samples from whole CTs are cut too.

use hilum_cohort::{Nodule, TILE_SIDE};
use hilum_domain::{Affine, Lps};
use ndarray::{Array3, ArrayView3};

use super::known::{Annotation, too_near};
use super::piece::Piece;
use crate::candidates::{GRID_MM, Grid};
use crate::distance::{dilate, squared_distance};
use crate::interpolate::sample_f32;

/// Shorter tiles say too little about what runs through them.
const LEAST_EXTENT_MM: f64 = 4.5;
/// A place needs so much of the tile on each side within the slice and along z.
const LEAST_SIDE_MM: [f64; 3] = [10.0, 10.0, 2.0];
/// A place beside the nodule is so far from every reader's outline.
const LEAST_GAP_MM: f32 = 4.0;
/// Wall and mediastinum farther than this from aerated lung are not searched.
const WALL_MM: f64 = 5.0;
const AERATED_BELOW_HU: f32 = -400.0;
/// No more places beside one nodule than these.
const MOST_BESIDE: usize = 12;

/// How far a sample sees: mm from its centre down and up along column, row and slice.
pub(super) type Aperture = [[f64; 2]; 3];

/// What both see.
pub(super) fn narrower(a: Aperture, b: Aperture) -> Aperture {
    [0, 1, 2].map(|axis| [0, 1].map(|end| a[axis][end].min(b[axis][end])))
}

/// A nodule in its own surroundings.
pub(super) struct InSitu {
    /// `[slice][row][column]`.
    pub(super) hu: Array3<i16>,
    /// Column, row, slice.
    pub(super) spacing_mm: [f64; 3],
    /// Centre of the outline (column, row, slice).
    pub(super) nodule: [f64; 3],
    pub(super) diameter_mm: f64,
    /// Blobs away from every annotated nodule.
    pub(super) beside: Vec<[f64; 3]>,
}

impl InSitu {
    /// `annotated` are the nodules of the same series, itself among them. `None` where the tile is too short.
    pub(super) fn new(nodule: &Nodule, piece: &Piece, annotated: &[Annotation]) -> Option<Self> {
        let hu = piece.outlined_hu();
        let spacing_mm = piece.spacing_mm;
        if (hu.dim().0 - 1) as f64 * spacing_mm[2] < LEAST_EXTENT_MM {
            return None;
        }
        let [i, j, k] = piece.centre.map(f64::from);
        let mut tile = Self {
            hu: hu.mapv(|hu| hu as i16),
            spacing_mm,
            nodule: [i, j, k - 1.0],
            diameter_mm: piece.diameter_mm,
            beside: Vec::new(),
        };
        tile.beside = tile.blobs_beside(hu, nodule, annotated);
        Some(tile)
    }

    /// What can be seen around a place.
    pub(super) fn aperture(&self, place: [f64; 3]) -> Aperture {
        let (nk, nj, ni) = self.hu.dim();
        let sizes = [ni, nj, nk];
        [0, 1, 2].map(|axis| {
            let last = sizes[axis] as f64 - 1.0;
            [place[axis], last - place[axis]].map(|steps| steps * self.spacing_mm[axis])
        })
    }

    fn blobs_beside(
        &self,
        hu: ArrayView3<'_, f32>,
        nodule: &Nodule,
        annotated: &[Annotation],
    ) -> Vec<[f64; 3]> {
        let [sx, sy, sz] = self.spacing_mm;
        let spacing_kji = [sz, sy, sx];
        let outlined = Array3::from_shape_fn(hu.dim(), |(k, j, i)| {
            nodule.slices[k].mask[j * TILE_SIDE + i] != 0
        });
        let gap_mm = squared_distance(&outlined, spacing_kji).mapv(f32::sqrt);
        let searched = dilate(&hu.mapv(|hu| hu < AERATED_BELOW_HU), spacing_kji, WALL_MM);

        let (nk, nj, ni) = hu.dim();
        let step = self.spacing_mm.map(|spacing| GRID_MM / spacing);
        let [nx, ny, nz] = [(0, ni), (1, nj), (2, nk)]
            .map(|(axis, size)| ((size - 1) as f64 / step[axis]).floor() as usize + 1);
        let voxel =
            |(z, y, x): (usize, usize, usize)| [0, 1, 2].map(|axis| [x, y, z][axis] as f64 * step[axis]);
        let grid_hu = Array3::from_shape_fn((nz, ny, nx), |at| sample_f32(hu, voxel(at).map(|v| v as f32)));
        let inside = Array3::from_shape_fn((nz, ny, nx), |at| {
            let [i, j, k] = voxel(at).map(|v| v.round() as usize);
            searched[[k.min(nk - 1), j.min(nj - 1), i.min(ni - 1)]]
        });
        let Ok(millimetres) = Affine::new([sx, 0.0, 0.0], [0.0, sy, 0.0], [0.0, 0.0, sz], Lps([0.0; 3]))
        else {
            return Vec::new();
        };
        let others = self.others(nodule, annotated);
        Grid::new(grid_hu, inside, [0.0; 3], step)
            .strongest(&millimetres, 4 * MOST_BESIDE)
            .into_iter()
            .filter(|blob| {
                others
                    .iter()
                    .all(|(place, diameter)| !too_near(place.distance_mm(blob.center), *diameter))
            })
            .filter_map(|blob| {
                let place = millimetres.to_voxel(blob.center);
                let [i, j, k] = place.map(|at| at.round() as usize);
                let gap = *gap_mm.get([k, j, i])?;
                let far = gap >= LEAST_GAP_MM.max(blob.diameter_mm as f32 / 2.0);
                let seen = self.aperture(place);
                let wide = (0..3).all(|axis| seen[axis].iter().all(|mm| *mm >= LEAST_SIDE_MM[axis]));
                (far && wide).then_some(place)
            })
            .take(MOST_BESIDE)
            .collect()
    }

    /// Other annotated nodules of the series, in mm from the tile's first voxel.
    fn others(&self, nodule: &Nodule, annotated: &[Annotation]) -> Vec<(Lps, f64)> {
        let Some(own) = annotated.iter().find(|other| other.id == nodule.id) else {
            return Vec::new();
        };
        let z = |at: usize| nodule.slices.get(at).and_then(|slice| slice.z_mm);
        let up = match (z(0), z(nodule.slices.len() - 1)) {
            (Some(first), Some(last)) if last < first => -1.0,
            _ => 1.0,
        };
        let [sx, sy, sz] = self.spacing_mm;
        let [i, j, k] = self.nodule;
        annotated
            .iter()
            .filter(|other| other.id != nodule.id)
            .map(|other| {
                let place = Lps([
                    i * sx + (other.column - own.column) * sx,
                    j * sy + (other.row - own.row) * sy,
                    k * sz + (other.z_mm - own.z_mm) * up,
                ]);
                (place, other.diameter_mm)
            })
            .collect()
    }
}
