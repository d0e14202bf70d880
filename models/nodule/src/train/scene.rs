//! Training samples from a CT: nodules pasted into it, and places that only look like nodules.

use std::f32::consts::TAU;

use hilum_volume::Volume;
use ndarray::{Array3, ArrayView3, s};
use rand::Rng;
use rand::seq::IndexedRandom;

use super::KnownNodule;
use super::known::near_any;
use super::piece::Piece;
use super::tile::{Aperture, InSitu};
use crate::candidates::strongest;
use crate::distance::squared_distance;
use crate::reformat::Reformat;
use crate::views::{Frame, write_views};
use crate::{Candidate, LungMask};

/// Candidates per CT that negatives are drawn from.
const MOST_NEGATIVES: usize = 1200;
/// Half the side of what a sample can see, with rotation and zoom.
const REACH_MM: f64 = 54.0;
/// Share of positives near the border of the lungs, and what near means.
const AT_BORDER: (f64, f32) = (0.35, 6.0);
/// Share of samples with a pasted nodule beside the middle, so that a paste in view tells nothing.
const DISTRACTED: f64 = 0.35;
/// Share of a pasted nodule that must lie inside the closed lungs.
const INSIDE: f64 = 0.7;
/// Noise is drawn up to this, the less the more often: thin slices and low dose.
const MOST_NOISE_HU: f32 = 140.0;

/// A CT that samples are drawn from.
pub(super) struct Host<'a> {
    pub(super) volume: &'a Volume,
    pub(super) lungs: &'a LungMask,
    /// Everything annotated in it: no background.
    pub(super) known: Vec<KnownNodule>,
    /// Its own nodules that are positives.
    pub(super) own: Vec<KnownNodule>,
    reformat: Reformat<'a>,
    /// Candidates away from annotated nodules.
    pub(super) negatives: Vec<Candidate>,
    /// Aerated voxels of the volume (column, row, slice), and those near the lungs' border.
    anywhere: Vec<[f64; 3]>,
    border: Vec<[f64; 3]>,
}

impl<'a> Host<'a> {
    pub(super) fn new(
        volume: &'a Volume,
        lungs: &'a LungMask,
        known: Vec<KnownNodule>,
        own: Vec<KnownNodule>,
    ) -> Self {
        let mut negatives = strongest(volume, lungs, MOST_NEGATIVES);
        negatives.retain(|candidate| !near_any(&known, candidate.center));
        let [sx, sy, sz] = lungs.spacing_mm();
        let depth = squared_distance(&lungs.closed().mapv(|inside| !inside), [sz, sy, sx]);
        let (mut anywhere, mut border) = (Vec::new(), Vec::new());
        for ((k, j, i), _) in lungs.aerated().indexed_iter().filter(|(_, inside)| **inside) {
            let voxel = lungs.to_voxel([i, j, k].map(|at| at as f64));
            if near_any(&known, volume.affine().to_lps(voxel)) {
                continue;
            }
            anywhere.push(voxel);
            if depth[[k, j, i]].sqrt() < AT_BORDER.1 {
                border.push(voxel);
            }
        }
        Self {
            volume,
            lungs,
            known,
            own,
            reformat: Reformat::new(volume),
            negatives,
            anywhere,
            border,
        }
    }

    /// A nodule of the cohort somewhere in these lungs.
    pub(super) fn pasted(&self, piece: &Piece, rng: &mut impl Rng) -> Scene {
        let spin = Spin::random(rng);
        let mut place = self.place(rng);
        for _ in 0..20 {
            if self.share_inside(piece, place, &spin) >= INSIDE {
                break;
            }
            place = self.place(rng);
        }
        let mut scene = Scene::cut(&self.reformat, self.reformat.of_voxel(place));
        scene.paste(piece, scene.centre, &spin);
        scene.off_centre(piece.diameter_mm, rng);
        scene
    }

    /// A nodule that this CT has.
    pub(super) fn own(&self, nodule: &KnownNodule, rng: &mut impl Rng) -> Scene {
        let voxel = self.volume.affine().to_voxel(nodule.center);
        let mut scene = Scene::cut(&self.reformat, self.reformat.of_voxel(voxel));
        scene.off_centre(nodule.diameter_mm, rng);
        scene
    }

    /// A candidate that is no nodule.
    pub(super) fn negative(&self, at: usize, beside: &Piece, rng: &mut impl Rng) -> Scene {
        let voxel = self.volume.affine().to_voxel(self.negatives[at].center);
        let mut scene = Scene::cut(&self.reformat, self.reformat.of_voxel(voxel));
        let spacing = self.reformat.spacing_mm;
        if rng.random_bool(DISTRACTED) {
            let angle = rng.random_range(0.0..TAU);
            let away = f64::from(rng.random_range(16.0..26.0_f32)) + beside.diameter_mm / 2.0;
            let (dy, dx) = (f64::from(angle.sin()) * away, f64::from(angle.cos()) * away);
            let dz = rng.random_range(-8.0..8.0);
            let beside_at = [0, 1, 2].map(|axis| scene.centre[axis] + [dx, dy, dz][axis] / spacing[axis]);
            scene.paste(beside, beside_at, &Spin::random(rng));
        }
        scene.shift(1.0, rng);
        scene
    }

    fn place(&self, rng: &mut impl Rng) -> [f64; 3] {
        let list = if rng.random_bool(AT_BORDER.0) && !self.border.is_empty() {
            &self.border
        } else {
            &self.anywhere
        };
        list.choose(rng).copied().unwrap_or_default()
    }

    /// Share of a ball of the piece's size inside the closed lungs.
    fn share_inside(&self, piece: &Piece, place: [f64; 3], spin: &Spin) -> f64 {
        let spacing = self.volume.spacing_mm();
        let radius = piece.diameter_mm / 2.0 * f64::from(spin.zoom);
        let (mut inside, mut n) = (0, 0);
        for step in 0..125 {
            let offset = [step % 5, step / 5 % 5, step / 25].map(|p| (f64::from(p) - 2.0) / 2.0);
            if offset.iter().map(|o| o * o).sum::<f64>() > 1.0 {
                continue;
            }
            n += 1;
            let voxel = [0, 1, 2].map(|axis| place[axis] + offset[axis] * radius / spacing[axis]);
            inside += usize::from(self.lungs.holds(voxel));
        }
        inside as f64 / f64::from(n)
    }
}

/// Turn about z, mirror and zoom of a piece.
struct Spin {
    sin: f32,
    cos: f32,
    mirror: [f32; 2],
    zoom: f32,
}

impl Spin {
    fn random(rng: &mut impl Rng) -> Self {
        let (sin, cos) = rng.random_range(0.0..TAU).sin_cos();
        Self {
            sin,
            cos,
            mirror: [sign(rng), sign(rng)],
            zoom: rng.random_range(0.8..1.2),
        }
    }

    /// Offset in the piece for an offset in the host, mm.
    fn back(&self, [x, y, z]: [f32; 3]) -> [f32; 3] {
        let turned = [self.cos * x + self.sin * y, self.cos * y - self.sin * x];
        [turned[0] * self.mirror[0], turned[1], z * self.mirror[1]].map(|mm| mm / self.zoom)
    }
}

/// A copy of a CT's surroundings of one place.
pub(super) struct Scene {
    hu: Array3<i16>,
    spacing_mm: [f64; 3],
    /// The place (column, row, slice).
    centre: [f64; 3],
}

impl Scene {
    /// The nodule of a tile.
    pub(super) fn of_tile(tile: &InSitu, rng: &mut impl Rng) -> Self {
        let mut scene = Self::in_tile(tile, tile.nodule);
        scene.off_centre(tile.diameter_mm, rng);
        scene
    }

    /// A place beside the nodule of a tile.
    pub(super) fn beside(tile: &InSitu, at: usize, rng: &mut impl Rng) -> Self {
        let mut scene = Self::in_tile(tile, tile.beside[at]);
        scene.shift(1.0, rng);
        scene
    }

    fn in_tile(tile: &InSitu, centre: [f64; 3]) -> Self {
        Self {
            hu: tile.hu.clone(),
            spacing_mm: tile.spacing_mm,
            centre,
        }
    }

    fn cut(reformat: &Reformat<'_>, place: [f64; 3]) -> Self {
        let hu: ArrayView3<'_, i16> = reformat.hu();
        let (nk, nj, ni) = hu.dim();
        let [i, j, k] = [(0, ni), (1, nj), (2, nk)].map(|(axis, size)| {
            let reach = REACH_MM / reformat.spacing_mm[axis];
            let first = (place[axis] - reach).clamp(0.0, size as f64 - 1.0) as usize;
            first..((place[axis] + reach).clamp(0.0, size as f64 - 1.0) as usize + 1)
        });
        let centre = [
            place[0] - i.start as f64,
            place[1] - j.start as f64,
            place[2] - k.start as f64,
        ];
        Self {
            hu: hu.slice(s![k, j, i]).to_owned(),
            spacing_mm: reformat.spacing_mm,
            centre,
        }
    }

    /// What is denser than the nodule stays: vessels run into it, the wall covers it.
    fn paste(&mut self, piece: &Piece, at: [f64; 3], spin: &Spin) {
        let [rx, ry, rz] = piece.reach_mm().map(|mm| f64::from(mm * spin.zoom));
        let (nk, nj, ni) = self.hu.dim();
        let flat = rx.hypot(ry);
        let [i, j, k] = [(0, ni, flat), (1, nj, flat), (2, nk, rz)].map(|(axis, size, reach)| {
            let reach = reach / self.spacing_mm[axis];
            let first = (at[axis] - reach).max(0.0) as usize;
            first..((at[axis] + reach).max(0.0) as usize + 2).min(size)
        });
        let gap = self.spacing_mm[2] as f32;
        for k in k {
            for j in j.clone() {
                for i in i.clone() {
                    let offset =
                        [0, 1, 2].map(|axis| ([i, j, k][axis] as f64 - at[axis]) * self.spacing_mm[axis]);
                    let (hu, weight) = piece.at(spin.back(offset.map(|mm| mm as f32)), gap);
                    let host = f32::from(self.hu[[k, j, i]]);
                    if weight > 0.0 && hu > host {
                        self.hu[[k, j, i]] = (host + weight * (hu - host)) as i16;
                    }
                }
            }
        }
    }

    /// Candidates sit a little off the centre of a nodule.
    fn off_centre(&mut self, diameter_mm: f64, rng: &mut impl Rng) {
        self.shift((0.2 * diameter_mm).min(3.0) + 0.5, rng);
    }

    fn shift(&mut self, most_mm: f64, rng: &mut impl Rng) {
        for axis in 0..3 {
            self.centre[axis] += rng.random_range(-most_mm..most_mm) / self.spacing_mm[axis];
        }
    }

    /// Forgets what lies farther from the centre than an aperture; its last voxels go on there.
    pub(super) fn narrow(&mut self, aperture: Aperture) {
        let (nk, nj, ni) = self.hu.dim();
        let [i, j, k] = [(0, ni), (1, nj), (2, nk)].map(|(axis, size)| {
            let [down, up] = aperture[axis].map(|mm| mm / self.spacing_mm[axis]);
            let last = size as f64 - 1.0;
            let first = (self.centre[axis] - down).round().clamp(0.0, last) as usize;
            let last = (self.centre[axis] + up).round().clamp(first as f64, last) as usize;
            first..last + 1
        });
        for (axis, start) in [i.start, j.start, k.start].into_iter().enumerate() {
            self.centre[axis] -= start as f64;
        }
        self.hu = self.hu.slice(s![k, j, i]).to_owned();
    }

    /// Views with a random turn, mirror, tilt, zoom, shift and scale of HU, and noise.
    pub(super) fn write(&self, rng: &mut impl Rng, out: &mut Vec<f32>) {
        let frame = random_frame(rng);
        let shift = rng.random_range(-30.0..30.0_f32);
        let scale = rng.random_range(0.92..1.08_f32);
        let noise = MOST_NOISE_HU * rng.random::<f32>().powi(3);
        let adjust = |hu: f32| (hu + 850.0) * scale - 850.0 + shift + noise * (rng.random::<f32>() - 0.5);
        write_views(self.hu.view(), self.spacing_mm, self.centre, &frame, adjust, out);
    }
}

fn random_frame(rng: &mut impl Rng) -> Frame {
    let zoom = rng.random_range(0.87..1.15_f32);
    let (sin, cos) = rng.random_range(0.0..TAU).sin_cos();
    let (tilt_sin, tilt_cos) = rng.random_range(-0.25..0.25_f32).sin_cos();
    let (mirror, side) = (sign(rng), sign(rng));
    // About z, then a tilt about the new x.
    let x = [cos, sin, 0.0];
    let y = [-sin * tilt_cos, cos * tilt_cos, tilt_sin];
    let z = [sin * tilt_sin, -cos * tilt_sin, tilt_cos];
    [
        x.map(|v| v * zoom * side),
        y.map(|v| v * zoom),
        z.map(|v| v * zoom * mirror),
    ]
}

fn sign(rng: &mut impl Rng) -> f32 {
    if rng.random_bool(0.5) { 1.0 } else { -1.0 }
}
