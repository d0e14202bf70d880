//! A CT that samples are drawn from: nodules pasted into it, its own, and places that only look like nodules.

use std::f32::consts::TAU;

use hilum_volume::Volume;
use rand::Rng;
use rand::seq::IndexedRandom;

use super::KnownNodule;
use super::known::near_any;
use super::piece::Piece;
use super::scene::{Scene, Spin};
use crate::detector::look;
use crate::distance::squared_distance;
use crate::network::Network;
use crate::reformat::Reformat;
use crate::views::UPRIGHT;
use crate::{Candidate, LungMask, NoduleError, find_candidates};

/// Share of positives near the border of the lungs, and what near means.
const AT_BORDER: (f64, f32) = (0.35, 6.0);
/// Share of samples with a pasted nodule beside the middle, so that a paste in view tells nothing.
const DISTRACTED: f64 = 0.35;
/// Share of a pasted nodule that must lie inside the closed lungs.
const INSIDE: f64 = 0.7;

/// A CT that samples are drawn from.
pub(super) struct Host<'a> {
    pub(super) volume: &'a Volume,
    pub(super) lungs: &'a LungMask,
    /// Everything annotated in it: no background.
    pub(super) known: Vec<KnownNodule>,
    /// Its own nodules that are positives.
    pub(super) own: Vec<KnownNodule>,
    reformat: Reformat<'a>,
    /// What [`find_candidates`] finds.
    pub(super) candidates: Vec<Candidate>,
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
        let candidates = find_candidates(volume, lungs);
        let background = |candidate: &&Candidate| !near_any(&known, candidate.center);
        let negatives = candidates.iter().filter(background).copied().collect();
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
            candidates,
            negatives,
            anywhere,
            border,
        }
    }

    /// What a network says about some places, seen upright.
    pub(super) fn answers(&self, network: &Network, places: &[Candidate]) -> Result<Vec<f64>, NoduleError> {
        look(&[network], self.volume, &self.reformat, places, &UPRIGHT)
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
