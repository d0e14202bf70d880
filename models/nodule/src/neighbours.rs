//! What lies beside a nodule: other nodules and vessels, by the distance between surfaces.

use hilum_domain::{Lps, VoxelIndex};
use hilum_volume::Volume;
use ndarray::Array3;

use crate::components::components;
use crate::distance::{erode, squared_distance};
use crate::local_box::LocalBox;
use crate::{LungMask, Segmentation};

/// Neighbours farther away are none.
const REACH_MM: f64 = 20.0;
/// Denser than this within the lung is vessel or nodule; half way between lung and blood.
const VESSEL_ABOVE_HU: f32 = -400.0;
/// The wall reaches this far into the closed lungs.
const WALL_MM: f64 = 3.0;
/// A vessel leads this far away from the nodule; what stays nearer is its rim.
const LEAST_LENGTH_MM: f32 = 6.0;
/// Smaller pieces are noise, in mm³.
const LEAST_VESSEL_MM3: f64 = 20.0;
/// Around other nodules so much is their rim.
const RIM_MM: f64 = 1.5;

/// Something beside a nodule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neighbour {
    /// What it is.
    pub kind: NeighbourKind,
    /// Between the surfaces, 0 when they touch.
    pub distance_mm: f64,
    /// The point of the neighbour that is nearest to the nodule.
    pub nearest_lps: Lps,
}

/// Kinds of neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NeighbourKind {
    /// Another nodule, by its place in the list that was given.
    Nodule(usize),
    /// The nearest vessel.
    Vessel,
}

/// Neighbours of nodule `of` within 20 mm, nearest first: every other nodule and the nearest vessel.
pub fn neighbours(volume: &Volume, lungs: &LungMask, nodules: &[&Segmentation], of: usize) -> Vec<Neighbour> {
    let Some(&nodule) = nodules.get(of) else {
        return Vec::new();
    };
    let others = || nodules.iter().enumerate().filter(move |&(at, _)| at != of);
    let mut found: Vec<Neighbour> = others()
        .filter_map(|(at, other)| {
            let (distance_mm, nearest_lps) = between(volume, nodule, other)?;
            Some(Neighbour {
                kind: NeighbourKind::Nodule(at),
                distance_mm,
                nearest_lps,
            })
        })
        .filter(|neighbour| neighbour.distance_mm <= REACH_MM)
        .collect();
    let others: Vec<&Segmentation> = others().map(|(_, &other)| other).collect();
    found.extend(nearest_vessel(volume, lungs, nodule, &others));
    found.sort_by(|a, b| a.distance_mm.total_cmp(&b.distance_mm));
    found
}

/// Distance between the surfaces of two nodules and the nearest voxel of the second; `None` when their boxes are
/// farther apart than [`REACH_MM`].
fn between(volume: &Volume, from: &Segmentation, to: &Segmentation) -> Option<(f64, Lps)> {
    let spacing = volume.spacing_mm();
    let bounds = |segmentation: &Segmentation| {
        let (nk, nj, ni) = segmentation.mask().dim();
        let low = segmentation.origin().0;
        [low, [low[0] + ni, low[1] + nj, low[2] + nk]]
    };
    let ([low, high], [other_low, other_high]) = (bounds(from), bounds(to));
    let gap = (0..3).map(|axis| {
        let voxels = other_low[axis]
            .saturating_sub(high[axis])
            .max(low[axis].saturating_sub(other_high[axis]));
        (voxels as f64 * spacing[axis]).powi(2)
    });
    if gap.sum::<f64>().sqrt() > REACH_MM {
        return None;
    }
    let rim: Vec<Lps> = surface(from).map(|at| center(volume, at)).collect();
    let nearest = surface(to)
        .map(|at| center(volume, at))
        .map(|point| {
            let distance = rim
                .iter()
                .map(|other| other.distance_mm(point))
                .fold(f64::INFINITY, f64::min);
            (distance, point)
        })
        .min_by(|(a, _), (b, _)| a.total_cmp(b))?;
    // From centre to centre of voxels that touch is one voxel.
    let voxel = spacing.iter().sum::<f64>() / 3.0;
    Some(((nearest.0 - voxel).max(0.0), nearest.1))
}

/// Voxels with a neighbour outside.
fn surface(segmentation: &Segmentation) -> impl Iterator<Item = VoxelIndex> + '_ {
    segmentation.indices().filter(|VoxelIndex([i, j, k])| {
        let inside = |at: Option<[usize; 3]>| at.is_some_and(|at| segmentation.contains(VoxelIndex(at)));
        let all = inside(Some([i + 1, *j, *k]))
            && inside(Some([*i, j + 1, *k]))
            && inside(Some([*i, *j, k + 1]))
            && inside(i.checked_sub(1).map(|i| [i, *j, *k]))
            && inside(j.checked_sub(1).map(|j| [*i, j, *k]))
            && inside(k.checked_sub(1).map(|k| [*i, *j, k]));
        !all
    })
}

fn center(volume: &Volume, VoxelIndex(at): VoxelIndex) -> Lps {
    volume.affine().to_lps(at.map(|at| at as f64))
}

/// The nearest dense thing in the lung that leads away from the nodule and is not the wall or another nodule.
fn nearest_vessel(
    volume: &Volume,
    lungs: &LungMask,
    nodule: &Segmentation,
    others: &[&Segmentation],
) -> Option<Neighbour> {
    let local = LocalBox::around(volume, nodule.center(volume));
    let spacing = [local.spacing_mm; 3];
    let holds = |segmentation: &Segmentation| local.mask(volume, segmentation);
    let from_nodule = squared_distance(&holds(nodule), spacing).mapv(f32::sqrt);
    let mut vessels = local.hu.mapv(|hu| hu > VESSEL_ABOVE_HU);
    let mut keep =
        |allowed: &Array3<bool>| vessels.zip_mut_with(allowed, |vessel, &allowed| *vessel &= allowed);
    keep(&erode(&local.inside(volume, lungs), spacing, WALL_MM));
    keep(&from_nodule.mapv(|distance| distance > 0.0));
    for other in others {
        let rim = (RIM_MM * RIM_MM) as f32;
        keep(&squared_distance(&holds(other), spacing).mapv(|square| square > rim));
    }
    let found = components(&vessels);
    let mut reach = vec![(f32::INFINITY, (0, 0, 0), 0.0_f32); found.sizes.len()];
    for (at, &label) in found.labels.indexed_iter().filter(|(_, label)| **label > 0) {
        let piece = &mut reach[label as usize - 1];
        let distance = from_nodule[at];
        if distance < piece.0 {
            (piece.0, piece.1) = (distance, at);
        }
        piece.2 = piece.2.max(distance);
    }
    let least_voxels = LEAST_VESSEL_MM3 / local.spacing_mm.powi(3);
    let (distance, (z, y, x), _) = reach
        .into_iter()
        .zip(found.sizes)
        .filter(|((near, _, far), size)| {
            *far - *near >= LEAST_LENGTH_MM && *size as f64 >= least_voxels && f64::from(*near) <= REACH_MM
        })
        .map(|(piece, _)| piece)
        .min_by(|a, b| a.0.total_cmp(&b.0))?;
    Some(Neighbour {
        kind: NeighbourKind::Vessel,
        // Voxels that touch are one step apart.
        distance_mm: (f64::from(distance) - local.spacing_mm).max(0.0),
        nearest_lps: volume.affine().to_lps(local.voxel([x, y, z])),
    })
}

impl LocalBox {
    /// A nodule on the cube.
    fn mask(&self, volume: &Volume, segmentation: &Segmentation) -> Array3<bool> {
        let [nk, nj, ni] = volume.shape_kji();
        Array3::from_shape_fn(self.hu.dim(), |(z, y, x)| {
            let voxel = self.voxel([x, y, z]).map(f64::round);
            let within = voxel
                .iter()
                .zip([ni, nj, nk])
                .all(|(&at, size)| at >= 0.0 && at < size as f64);
            within && segmentation.contains(VoxelIndex(voxel.map(|at| at as usize)))
        })
    }
}
