//! Connected components and flood fill, faces touching (6-neighbourhood).

use ndarray::Array3;

/// Components of a mask: label 0 is outside, component `n` has label `n`.
pub(crate) struct Components {
    pub(crate) labels: Array3<u32>,
    /// Voxels of component 1, 2, 3 ...
    pub(crate) sizes: Vec<usize>,
}

/// Labels the components of a mask.
pub(crate) fn components(mask: &Array3<bool>) -> Components {
    let mut labels = Array3::zeros(mask.dim());
    let mut sizes = Vec::new();
    let mut stack = Vec::new();
    for (start, &inside) in mask.indexed_iter() {
        if !inside || labels[start] != 0 {
            continue;
        }
        let label = sizes.len() as u32 + 1;
        labels[start] = label;
        stack.push(start);
        let mut size = 0;
        while let Some(at) = stack.pop() {
            size += 1;
            for next in neighbours(at, mask.dim()) {
                if mask[next] && labels[next] == 0 {
                    labels[next] = label;
                    stack.push(next);
                }
            }
        }
        sizes.push(size);
    }
    Components { labels, sizes }
}

/// The part of a mask that is connected to one of the seeds; seeds outside the mask are ignored.
pub(crate) fn flood(
    mask: &Array3<bool>,
    seeds: impl IntoIterator<Item = (usize, usize, usize)>,
) -> Array3<bool> {
    let mut reached = Array3::from_elem(mask.dim(), false);
    let mut stack: Vec<_> = seeds.into_iter().filter(|&seed| mask[seed]).collect();
    for &seed in &stack {
        reached[seed] = true;
    }
    while let Some(at) = stack.pop() {
        for next in neighbours(at, mask.dim()) {
            if mask[next] && !reached[next] {
                reached[next] = true;
                stack.push(next);
            }
        }
    }
    reached
}

/// Fills what is enclosed within each slice (first axis).
pub(crate) fn fill_slices(mask: &mut Array3<bool>) {
    let (slices, rows, columns) = mask.dim();
    for k in 0..slices {
        let outside = mask.slice(ndarray::s![k..=k, .., ..]).mapv(|inside| !inside);
        let rim = (0..rows)
            .flat_map(|j| [(0, j, 0), (0, j, columns - 1)])
            .chain((0..columns).flat_map(|i| [(0, 0, i), (0, rows - 1, i)]));
        let reached = flood(&outside, rim);
        mask.slice_mut(ndarray::s![k..=k, .., ..])
            .zip_mut_with(&reached, |inside, &outside| *inside = !outside);
    }
}

fn neighbours(
    (k, j, i): (usize, usize, usize),
    (nk, nj, ni): (usize, usize, usize),
) -> impl Iterator<Item = (usize, usize, usize)> {
    // A step below 0 wraps to a huge index and fails the bound like a step beyond the end.
    [
        (k.wrapping_sub(1), j, i),
        (k + 1, j, i),
        (k, j.wrapping_sub(1), i),
        (k, j + 1, i),
        (k, j, i.wrapping_sub(1)),
        (k, j, i + 1),
    ]
    .into_iter()
    .filter(move |&(k, j, i)| k < nk && j < nj && i < ni)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_do_not_connect() {
        let mut mask = Array3::from_elem((3, 3, 3), false);
        mask[[0, 0, 0]] = true;
        mask[[0, 1, 1]] = true;
        mask[[1, 1, 1]] = true;
        let found = components(&mask);
        assert_eq!(found.sizes, [1, 2]);
        assert_ne!(found.labels[[0, 0, 0]], found.labels[[1, 1, 1]]);
    }

    #[test]
    fn holes_are_filled_by_slice() {
        let mut mask = Array3::from_elem((1, 5, 5), false);
        for (j, i) in (1..4).flat_map(|j| (1..4).map(move |i| (j, i))) {
            mask[[0, j, i]] = (j, i) != (2, 2);
        }
        fill_slices(&mut mask);
        assert!(mask[[0, 2, 2]] && !mask[[0, 0, 0]]);
    }
}
