//! Motion between slices: a heuristic.

use ndarray::{ArrayView2, Axis};

use crate::LungView;

/// Slabs with less lung than this share of the largest are left out: at the tips outlines change from slab to slab.
const LEAST_SHARE: f64 = 0.2;
/// Of the slabs' displacements, the one that this share of slabs does not exceed is the score.
const QUANTILE: f64 = 0.9;
/// Fewer slabs say nothing.
const LEAST_SLABS: usize = 8;

/// How far the outline of the lungs on a slab stands off from both its neighbours, in mm.
///
/// Anatomy changes steadily from slab to slab; a patient who breathes or moves makes single slabs jump. Counted is
/// what is aerated on a slab and on neither neighbour, or on both neighbours and not on it. For an outline
/// shifted by d that area is about 2/pi times d times its length, and counting pixel edges overstates the length by
/// 4/pi, so d is twice the area over the edges. The score is the 90th percentile over slabs.
///
/// It is a heuristic, made on phantoms: it does not see motion along the patient, motion within a slice (double
/// contours), or what a helical reconstruction smooths over several slices. `None` for fewer than eight slabs of lung.
pub fn motion_mm(lungs: &LungView<'_>) -> Option<f64> {
    let [sx, sy, _] = lungs.spacing_mm;
    let slabs: Vec<ArrayView2<'_, bool>> = lungs.aerated.axis_iter(Axis(0)).collect();
    let areas: Vec<usize> = slabs
        .iter()
        .map(|slab| slab.iter().filter(|inside| **inside).count())
        .collect();
    let largest = areas.iter().copied().max()? as f64;
    let mut displacements: Vec<f64> = (1..slabs.len().saturating_sub(1))
        .filter(|&k| (k - 1..=k + 1).all(|k| areas[k] as f64 > LEAST_SHARE * largest))
        .map(|k| {
            let jumped = jumped([slabs[k - 1], slabs[k], slabs[k + 1]]) as f64 * sx * sy;
            2.0 * jumped / edges_mm(slabs[k], [sx, sy])
        })
        .collect();
    if displacements.len() < LEAST_SLABS {
        return None;
    }
    displacements.sort_by(f64::total_cmp);
    let at = (QUANTILE * (displacements.len() - 1) as f64).round() as usize;
    Some(displacements[at])
}

/// Pixels of the middle slab that differ from both neighbours.
fn jumped([below, middle, above]: [ArrayView2<'_, bool>; 3]) -> usize {
    let mut count = 0;
    ndarray::Zip::from(below)
        .and(middle)
        .and(above)
        .for_each(|below, middle, above| {
            count += usize::from(below != middle && above != middle);
        });
    count
}

/// Length of the outline along pixel edges.
fn edges_mm(slab: ArrayView2<'_, bool>, [sx, sy]: [f64; 2]) -> f64 {
    let changes = |axis: Axis| -> usize {
        slab.lanes(axis)
            .into_iter()
            .map(|lane| {
                lane.iter()
                    .zip(lane.iter().skip(1))
                    .filter(|(a, b)| a != b)
                    .count()
            })
            .sum()
    };
    // A change from row to row is an edge along the columns, sx long; and the other way round.
    changes(Axis(0)) as f64 * sx + changes(Axis(1)) as f64 * sy
}

#[cfg(test)]
mod tests {
    use ndarray::Array3;

    use super::*;

    /// A cylinder that widens slowly, every third slab shifted along x.
    fn lungs(shift_mm: f64) -> Array3<bool> {
        Array3::from_shape_fn((24, 100, 100), |(k, j, i)| {
            let shift = if k % 3 == 1 { shift_mm } else { 0.0 };
            let [x, y] = [2.0 * i as f64 - 100.0 - shift, 2.0 * j as f64 - 100.0];
            x.hypot(y) < 60.0 + 0.5 * k as f64
        })
    }

    #[test]
    fn a_shift_is_measured_and_growth_is_not() {
        for (shift_mm, want) in [(0.0, 0.0), (4.0, 4.0), (8.0, 8.0)] {
            let mask = lungs(shift_mm);
            let view = LungView {
                aerated: mask.view(),
                spacing_mm: [2.0, 2.0, 2.5],
                head_is_last: true,
            };
            let found = motion_mm(&view).unwrap();
            assert!((found - want).abs() < 0.15 * want + 0.1, "{found} of {want}");
        }
    }
}
