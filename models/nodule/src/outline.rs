//! Contours within one slice.

use std::collections::BTreeMap;

use ndarray::ArrayView2;

use crate::Segmentation;

/// Closed contours of the nodule in slice `k` of the volume, each a ring of (column, row) positions in voxels of
/// the volume, half way between the last voxel inside and the first outside. Empty where the nodule is not.
///
/// The first point is not repeated. Holes come as rings of their own, in the other direction.
pub fn outline(segmentation: &Segmentation, k: usize) -> Vec<Vec<[f64; 2]>> {
    let [i, j, _] = segmentation.origin().0;
    segmentation.slice(k).map_or_else(Vec::new, |slice| {
        let soft = slice.mapv(|inside| if inside { 1.0 } else { 0.0 });
        rings(soft.view(), [i, j])
    })
}

/// Closed contours of a field `[row][column]` at the level of one half, in (column, row) positions of the grid in
/// which its first value lies at `origin` (column, row). Beyond the field there is 0.
///
/// Marching squares, corners touching kept apart. Points are doubled positions between voxels until the end, so that
/// they are whole numbers and can be looked up.
pub(crate) fn rings(field: ArrayView2<'_, f32>, origin: [usize; 2]) -> Vec<Vec<[f64; 2]>> {
    let (rows, columns) = field.dim();
    let value = |j: isize, i: isize| {
        let within = j >= 0 && i >= 0 && j < rows as isize && i < columns as isize;
        if within {
            f64::from(field[[j as usize, i as usize]])
        } else {
            0.0
        }
    };
    let inside = |j: isize, i: isize| value(j, i) >= 0.5;
    // Where between two voxels the level is passed, by linear interpolation.
    let passed = |[x, y]: [isize; 2]| {
        let (i, j) = (x.div_euclid(2), y.div_euclid(2));
        let (along_i, along_j) = (x.rem_euclid(2), y.rem_euclid(2));
        let (low, high) = (value(j, i), value(j + along_j, i + along_i));
        let share = (0.5 - low) / (high - low);
        [
            i as f64 + along_i as f64 * share + origin[0] as f64,
            j as f64 + along_j as f64 * share + origin[1] as f64,
        ]
    };
    // Each segment keeps the inside on its right: from -> to.
    let mut next: BTreeMap<[isize; 2], [isize; 2]> = BTreeMap::new();
    for j in -1..rows as isize {
        for i in -1..columns as isize {
            let (top, right, bottom, left) = (
                [2 * i + 1, 2 * j],
                [2 * i + 2, 2 * j + 1],
                [2 * i + 1, 2 * j + 2],
                [2 * i, 2 * j + 1],
            );
            let corners = [
                inside(j, i),
                inside(j, i + 1),
                inside(j + 1, i + 1),
                inside(j + 1, i),
            ];
            let segments: &[([isize; 2], [isize; 2])] = match corners {
                [true, false, false, false] => &[(top, left)],
                [false, true, false, false] => &[(right, top)],
                [false, false, true, false] => &[(bottom, right)],
                [false, false, false, true] => &[(left, bottom)],
                [true, true, false, false] => &[(right, left)],
                [false, true, true, false] => &[(bottom, top)],
                [false, false, true, true] => &[(left, right)],
                [true, false, false, true] => &[(top, bottom)],
                [true, false, true, false] => &[(top, left), (bottom, right)],
                [false, true, false, true] => &[(right, top), (left, bottom)],
                [false, true, true, true] => &[(left, top)],
                [true, false, true, true] => &[(top, right)],
                [true, true, false, true] => &[(right, bottom)],
                [true, true, true, false] => &[(bottom, left)],
                [true, true, true, true] | [false, false, false, false] => &[],
            };
            next.extend(segments.iter().copied());
        }
    }
    let mut rings = Vec::new();
    while let Some((start, mut at)) = next.pop_first() {
        let mut ring = vec![start];
        while at != start {
            ring.push(at);
            // Every point that a segment ends in starts another; the map is used up ring by ring.
            let Some(to) = next.remove(&at) else { break };
            at = to;
        }
        rings.push(ring.into_iter().map(passed).collect());
    }
    rings
}

#[cfg(test)]
mod tests {
    use super::*;
    use hilum_domain::VoxelIndex;
    use ndarray::Array3;

    fn area(ring: &[[f64; 2]]) -> f64 {
        let next = ring.iter().cycle().skip(1);
        ring.iter()
            .zip(next)
            .map(|(a, b)| a[0] * b[1] - a[1] * b[0])
            .sum::<f64>()
            / 2.0
    }

    #[test]
    fn one_voxel_is_a_diamond_at_its_place() {
        let one = Segmentation::new(&Array3::from_elem((1, 1, 1), true), VoxelIndex([7, 5, 3])).unwrap();
        let rings = outline(&one, 3);
        assert_eq!(rings.len(), 1);
        assert_eq!(rings[0].len(), 4);
        assert!(rings[0].contains(&[7.5, 5.0]) && rings[0].contains(&[7.0, 4.5]));
        assert!(outline(&one, 2).is_empty() && outline(&one, 4).is_empty());
    }

    #[test]
    fn a_hole_turns_the_other_way_and_corners_stay_apart() {
        let mut mask = Array3::from_elem((1, 5, 5), true);
        mask[[0, 2, 2]] = false;
        let holed = Segmentation::new(&mask, VoxelIndex([0, 0, 0])).unwrap();
        let mut areas: Vec<f64> = outline(&holed, 0).iter().map(|ring| area(ring)).collect();
        areas.sort_by(f64::total_cmp);
        assert_eq!(areas.len(), 2);
        assert!(areas[0] * areas[1] < 0.0, "{areas:?}");

        let mut mask = Array3::from_elem((1, 2, 2), false);
        mask[[0, 0, 0]] = true;
        mask[[0, 1, 1]] = true;
        let corners = Segmentation::new(&mask, VoxelIndex([0, 0, 0])).unwrap();
        assert_eq!(outline(&corners, 0).len(), 2);
    }
}
