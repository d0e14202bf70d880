//! The trachea and main bronchi, followed slice by slice from the head down.

use ndarray::{Array3, s};

use crate::components::{Components, components};

/// Cross-section of a trachea, or of its two branches, in mm².
const AREA_MM2: std::ops::Range<f64> = 40.0..900.0;
/// Air in the trachea, with the partial volume of its wall; lung of that size is denser.
const MEAN_BELOW_HU: f64 = -800.0;
/// The trachea starts near the middle of the aerated volume.
const FROM_MIDDLE_MM: f64 = 30.0;

/// Voxels of the trachea, closed against its wall by nothing: exactly its air.
///
/// `aerated` and `hu` are `[slice][row][column]`, spacing is (column, row, slice). Each slice's separate pieces
/// are compared with the previous slice: a piece that overlaps the airway and has kept the size of an airway
/// belongs to it; one that has merged into a lung does not.
pub(crate) fn trachea(
    aerated: &Array3<bool>,
    hu: &Array3<i16>,
    [sx, sy, _]: [f64; 3],
    head_is_last: bool,
) -> Array3<bool> {
    let (slices, _, columns) = aerated.dim();
    let mut airway = Array3::from_elem(aerated.dim(), false);
    let middle = middle_column(aerated).unwrap_or(columns as f64 / 2.0);
    let order: Box<dyn Iterator<Item = usize>> = if head_is_last {
        Box::new((0..slices).rev())
    } else {
        Box::new(0..slices)
    };
    let mut previous: Option<usize> = None;
    for k in order {
        let slice = aerated.slice(s![k..=k, .., ..]).to_owned();
        let found = components(&slice);
        let pieces = pieces(&found, hu, k);
        let mut any = false;
        for (at, piece) in pieces.iter().enumerate() {
            let area = piece.size as f64 * sx * sy;
            if !AREA_MM2.contains(&area) || piece.mean_hu > MEAN_BELOW_HU {
                continue;
            }
            let label = at as u32 + 1;
            let belongs = match previous {
                // Nothing yet: the first such piece near the middle starts the airway.
                None => (piece.middle_column - middle).abs() * sx < FROM_MIDDLE_MM,
                Some(above) => found
                    .labels
                    .indexed_iter()
                    .any(|((_, j, i), &l)| l == label && airway[[above, j, i]]),
            };
            if belongs {
                any = true;
                for ((_, j, i), _) in found.labels.indexed_iter().filter(|(_, l)| **l == label) {
                    airway[[k, j, i]] = true;
                }
            }
        }
        if any {
            previous = Some(k);
        } else if previous.is_some() {
            break;
        }
    }
    airway
}

struct Piece {
    size: usize,
    mean_hu: f64,
    middle_column: f64,
}

fn pieces(found: &Components, hu: &Array3<i16>, k: usize) -> Vec<Piece> {
    let mut sums = vec![(0_i64, 0_usize); found.sizes.len()];
    for ((_, j, i), &label) in found.labels.indexed_iter() {
        if label > 0 {
            let sum = &mut sums[label as usize - 1];
            sum.0 += i64::from(hu[[k, j, i]]);
            sum.1 += i;
        }
    }
    found
        .sizes
        .iter()
        .zip(sums)
        .map(|(&size, (hu, columns))| Piece {
            size,
            mean_hu: hu as f64 / size as f64,
            middle_column: columns as f64 / size as f64,
        })
        .collect()
}

/// Half way between the outermost aerated columns.
fn middle_column(aerated: &Array3<bool>) -> Option<f64> {
    let columns = |(_, inside): &((usize, usize, usize), &bool)| **inside;
    let inside = || aerated.indexed_iter().filter(columns).map(|((_, _, i), _)| i);
    Some((inside().min()? + inside().max()?) as f64 / 2.0)
}
