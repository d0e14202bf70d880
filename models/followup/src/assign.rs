//! Which nodule is which: the assignment of least total cost.

use pathfinding::kuhn_munkres::kuhn_munkres_min;
use pathfinding::matrix::Matrix;

/// What a nodule without a partner costs. A pair that costs more is not made.
const ALONE: f64 = 1.6;
/// Costs are whole numbers to the solver.
const PER_UNIT: f64 = 10_000.0;
/// Dearer than any number of nodules alone.
const NEVER: i64 = 1_000_000_000;

/// The partner of each row, by column; `None` in the table where two cannot be one. Rows may stay without.
pub(crate) fn assign(costs: &[Vec<Option<f64>>]) -> Vec<Option<usize>> {
    let rows = costs.len();
    let columns = costs.first().map_or(0, Vec::len);
    if rows == 0 || columns == 0 {
        return vec![None; rows];
    }
    // Each row may take a column of its own that stands for "alone".
    let weights = Matrix::from_fn(rows, columns + rows, |(row, column)| {
        if let Some(cost) = costs[row].get(column) {
            cost.map_or(NEVER, |cost| (cost * PER_UNIT).round() as i64)
        } else if column - columns == row {
            (ALONE * PER_UNIT) as i64
        } else {
            NEVER
        }
    });
    let (_, taken) = kuhn_munkres_min(&weights);
    taken
        .into_iter()
        .enumerate()
        .map(|(row, column)| (column < columns && costs[row][column].is_some()).then_some(column))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cheapest_whole_not_the_cheapest_first() {
        // Taking (0, 0) for 0.1 would leave row 1 with 1.5.
        let costs = vec![vec![Some(0.1), Some(0.2)], vec![Some(0.15), Some(1.5)]];
        assert_eq!(assign(&costs), [Some(1), Some(0)]);
    }

    #[test]
    fn too_dear_or_impossible_stays_alone() {
        assert_eq!(assign(&[vec![Some(1.7)]]), [None]);
        assert_eq!(
            assign(&[vec![None, Some(0.5)], vec![None, None]]),
            [Some(1), None]
        );
        assert_eq!(assign(&[vec![Some(0.5)], vec![Some(0.4)]]), [None, Some(0)]);
        assert!(assign(&[]).is_empty());
        assert_eq!(assign(&[vec![], vec![]]), [None, None]);
    }
}
