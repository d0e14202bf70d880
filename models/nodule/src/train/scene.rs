//! A place in a CT or a tile as a sample sees it.

use std::f32::consts::TAU;

use ndarray::{Array3, ArrayView3, s};
use rand::Rng;

use super::piece::Piece;
use super::tile::{Aperture, InSitu};
use crate::reformat::Reformat;
use crate::views::{Frame, write_views};

/// Half the side of what a sample can see, with rotation and zoom.
const REACH_MM: f64 = 54.0;
/// Noise is drawn up to this, the less the more often: thin slices and low dose.
const MOST_NOISE_HU: f32 = 140.0;

/// Turn about z, mirror and zoom of a piece.
pub(super) struct Spin {
    sin: f32,
    cos: f32,
    mirror: [f32; 2],
    pub(super) zoom: f32,
}

impl Spin {
    pub(super) fn random(rng: &mut impl Rng) -> Self {
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
    pub(super) centre: [f64; 3],
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

    pub(super) fn cut(reformat: &Reformat<'_>, place: [f64; 3]) -> Self {
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
    pub(super) fn paste(&mut self, piece: &Piece, at: [f64; 3], spin: &Spin) {
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
    pub(super) fn off_centre(&mut self, diameter_mm: f64, rng: &mut impl Rng) {
        self.shift((0.2 * diameter_mm).min(3.0) + 0.5, rng);
    }

    pub(super) fn shift(&mut self, most_mm: f64, rng: &mut impl Rng) {
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
