//! Branching pulmonary vessels.

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

use crate::anatomy::{Anatomy, Lung};
use crate::breath::Pose;
use crate::vector::{dot, minus, unit};

/// Thinnest branch that is drawn, in millimetres of radius.
const THINNEST_MM: f64 = 0.5;

/// A straight piece of vessel with round ends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Segment {
    pub(crate) from: [f64; 3],
    pub(crate) to: [f64; 3],
    pub(crate) radius_mm: f64,
}

impl Segment {
    /// The same piece where it lies in the scanner.
    pub(crate) fn posed(self, pose: &Pose) -> Self {
        Self {
            from: pose.to_scanner(self.from),
            to: pose.to_scanner(self.to),
            ..self
        }
    }

    /// Distance of a point from the axis.
    pub(crate) fn distance_mm(&self, point: [f64; 3]) -> f64 {
        let axis = minus(self.to, self.from);
        let off = minus(point, self.from);
        let along = (dot(off, axis) / dot(axis, axis).max(1e-9)).clamp(0.0, 1.0);
        let rest = [0, 1, 2].map(|i: usize| off[i] - along * axis[i]);
        dot(rest, rest).sqrt()
    }

    /// Lowest and highest coordinate along an axis, the radius included.
    pub(crate) fn extent(&self, axis: usize) -> [f64; 2] {
        let (a, b) = (self.from[axis], self.to[axis]);
        let margin = self.radius_mm + 1.0;
        [a.min(b) - margin, a.max(b) + margin]
    }
}

/// Where the next segment starts, and how.
struct Tip {
    from: [f64; 3],
    direction: [f64; 3],
    radius_mm: f64,
    is_stem: bool,
}

/// Both vessel trees, thickest first. Branches end where they would leave the lung.
pub(crate) fn grow(anatomy: &Anatomy, rng: &mut ChaCha8Rng) -> Vec<Segment> {
    let mut segments = Vec::new();
    for lung in [Lung::Right, Lung::Left] {
        let hilum = anatomy.hilum(lung);
        let outward = if lung == Lung::Right { -1.0 } else { 1.0 };
        // Up, sideways, back, front, down: one stem for each part of the lung.
        let stems = [
            [0.5 * outward, 0.1, 1.0],
            [1.0 * outward, -0.3, 0.5],
            [0.7 * outward, 0.6, 0.2],
            [0.8 * outward, -0.6, -0.3],
            [0.5 * outward, 0.4, -1.0],
            [0.9 * outward, 0.3, -0.7],
        ];
        let mut tips: Vec<Tip> = stems
            .into_iter()
            .map(|direction| Tip {
                from: hilum,
                direction: unit(direction),
                radius_mm: 4.2,
                is_stem: true,
            })
            .collect();
        while let Some(tip) = tips.pop() {
            let Tip {
                from,
                direction,
                radius_mm,
                is_stem,
            } = tip;
            let length = radius_mm * rng.random_range(4.5..8.0) + 4.0;
            let to = [0, 1, 2].map(|i: usize| from[i] + direction[i] * length);
            // A stem starts outside, in the mediastinum.
            let leaves = !is_stem && anatomy.lung_at(to) != Some(lung);
            if leaves || radius_mm < THINNEST_MM {
                continue;
            }
            segments.push(Segment { from, to, radius_mm });
            // Murray's law for two equal branches: each keeps 2^(-1/3) of the radius.
            for side in [-1.0, 1.0] {
                let turn = [0, 1, 2].map(|_| rng.random_range(-0.75..0.75));
                let lean = unit([direction[1], -direction[0], 0.3]);
                let next = [0, 1, 2].map(|i: usize| direction[i] + 0.45 * side * lean[i] + 0.6 * turn[i]);
                tips.push(Tip {
                    from: to,
                    direction: unit(next),
                    radius_mm: radius_mm * rng.random_range(0.70..0.84),
                    is_stem: false,
                });
            }
        }
    }
    segments.sort_by(|a, b| b.radius_mm.total_cmp(&a.radius_mm));
    segments
}
