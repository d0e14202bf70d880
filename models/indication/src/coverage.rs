//! Whether the scan reaches beyond the lungs at both ends.

use ndarray::Axis;

use crate::LungView;

/// Cross-section of the lungs on the outermost slabs, as a share of their largest cross-section.
///
/// 0 at both ends when the scan begins above the apices and ends below the costophrenic recesses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LungCuts {
    /// On the slab nearest to the head.
    pub apex: f64,
    /// On the slab nearest to the feet.
    pub base: f64,
}

/// Measures both ends on the aerated lung; 0 where there is no lung at all.
pub fn lung_cuts(lungs: &LungView<'_>) -> LungCuts {
    let areas: Vec<usize> = lungs
        .aerated
        .axis_iter(Axis(0))
        .map(|slab| slab.iter().filter(|inside| **inside).count())
        .collect();
    let largest = areas.iter().copied().max().unwrap_or(0).max(1) as f64;
    let share = |area: Option<&usize>| area.map_or(0.0, |&area| area as f64 / largest);
    let [first, last] = [share(areas.first()), share(areas.last())];
    if lungs.head_is_last {
        LungCuts {
            apex: last,
            base: first,
        }
    } else {
        LungCuts {
            apex: first,
            base: last,
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array3, s};

    use super::*;

    #[test]
    fn ends_are_told_apart() {
        let mut lung = Array3::from_elem((4, 4, 4), false);
        lung.slice_mut(s![1..3, .., ..]).fill(true);
        lung.slice_mut(s![3, 0..2, ..]).fill(true);
        let view = |head_is_last| LungView {
            aerated: lung.view(),
            spacing_mm: [2.0; 3],
            head_is_last,
        };
        assert_eq!(lung_cuts(&view(true)), LungCuts { apex: 0.5, base: 0.0 });
        assert_eq!(lung_cuts(&view(false)), LungCuts { apex: 0.0, base: 0.5 });
    }
}
