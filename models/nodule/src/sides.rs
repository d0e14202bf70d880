//! Right and left lung of a closed lung mask, and positions relative to the lung.

use hilum_domain::Lps;
use hilum_volume::Volume;

use crate::LungMask;

/// Width of the sagittal slabs between which the sides are told apart.
const SLAB_MM: f64 = 2.0;
/// Outermost voxels that may be a spur, on each end of each axis.
const SPUR: f64 = 0.002;

/// A lung by its side of the patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The patient's right.
    Right,
    /// The patient's left.
    Left,
}

/// The sagittal plane between the lungs and the box around each.
#[derive(Debug, Clone)]
pub(crate) struct Sides {
    /// LPS x of the plane.
    split_x: f64,
    /// Lowest and highest LPS corner of each lung; `None` for a lung that is not there.
    right: Option<[[f64; 3]; 2]>,
    left: Option<[[f64; 3]; 2]>,
}

impl Sides {
    /// The plane runs where the closed lungs are thinnest, in the middle third of their width.
    pub(crate) fn of(volume: &Volume, lungs: &LungMask) -> Option<Self> {
        let mut points: Vec<[f64; 3]> = lungs
            .closed()
            .indexed_iter()
            .filter(|(_, inside)| **inside)
            .map(|((k, j, i), _)| {
                let voxel = lungs.to_voxel([i as f64, j as f64, k as f64]);
                volume.affine().to_lps(voxel).0
            })
            .collect();
        let split_x = split(&points)?;
        points.sort_unstable_by(|a, b| a[0].total_cmp(&b[0]));
        let (right, left) = points.split_at(points.partition_point(|point| point[0] < split_x));
        Some(Self {
            split_x,
            right: bounds(right),
            left: bounds(left),
        })
    }

    pub(crate) fn side(&self, Lps([x, ..]): Lps) -> Side {
        if x < self.split_x { Side::Right } else { Side::Left }
    }

    pub(crate) const fn bounds(&self, side: Side) -> Option<[[f64; 3]; 2]> {
        match side {
            Side::Right => self.right,
            Side::Left => self.left,
        }
    }
}

fn split(points: &[[f64; 3]]) -> Option<f64> {
    let low = points.iter().map(|point| point[0]).min_by(f64::total_cmp)?;
    let high = points.iter().map(|point| point[0]).max_by(f64::total_cmp)?;
    let slabs = ((high - low) / SLAB_MM).ceil() as usize + 1;
    let mut counts = vec![0_usize; slabs];
    for point in points {
        counts[((point[0] - low) / SLAB_MM) as usize] += 1;
    }
    let middle = slabs / 2;
    // Of equally thin slabs (the mediastinum is empty) the one in the middle.
    let thinnest =
        (slabs / 3..slabs - slabs / 3).min_by_key(|&slab| (counts[slab], slab.abs_diff(middle)))?;
    Some(low + (thinnest as f64 + 0.5) * SLAB_MM)
}

fn bounds(points: &[[f64; 3]]) -> Option<[[f64; 3]; 2]> {
    if points.is_empty() {
        return None;
    }
    let mut corners = [[0.0; 3]; 2];
    for axis in 0..3 {
        let mut along: Vec<f64> = points.iter().map(|point| point[axis]).collect();
        along.sort_unstable_by(f64::total_cmp);
        let spur = (SPUR * along.len() as f64) as usize;
        corners[0][axis] = along[spur];
        corners[1][axis] = along[along.len() - 1 - spur];
    }
    Some(corners)
}
