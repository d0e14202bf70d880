//! What the network sees of a place: three planes at two scales, each as a thin slab and a maximum projection.
//!
//! A vessel across one plane is a dot there and a rod in the others (multi-view networks: Setio et al., IEEE
//! Trans Med Imaging 35(5), 2016).

use ndarray::ArrayView3;

use crate::interpolate::sample;

/// Pixels along a side of a view.
pub(crate) const SIDE: usize = 32;
/// Millimetres per pixel of the near and the far scale: 32 and 64 mm wide.
pub(crate) const SCALES_MM: [f32; 2] = [1.0, 2.0];
/// Planes: axial, coronal, sagittal.
pub(crate) const PLANES: usize = 3;
/// Channels: mean of three slices, maximum of nine.
pub(crate) const CHANNELS: usize = 2;
/// Values of one sample: `[scale][plane][channel][SIDE][SIDE]`.
pub(crate) const SAMPLE: usize = SCALES_MM.len() * PLANES * CHANNELS * SIDE * SIDE;

/// Slices on each side of the middle that are averaged, and that are projected.
const MEAN_REACH: usize = 1;
const MAX_REACH: usize = 4;
/// Window of the network, HU.
const WINDOW_HU: [f32; 2] = [-1000.0, 300.0];

/// How the views lie in the volume: rows are their axes x, y, z in the array's frame (column, row, slice), scaled.
pub(crate) type Frame = [[f32; 3]; 3];

/// Views along the array's own axes.
pub(crate) const UPRIGHT: Frame = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

/// Other views of the same place: mirrored, turned by a quarter, both.
pub(crate) const TURNED: [Frame; 3] = [
    [[-1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, -1.0]],
    [[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]],
    [[0.0, -1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, -1.0]],
];

/// Writes one sample. `centre` is a fractional index (column, row, slice) of `hu`, spacing in the same order;
/// `adjust` changes HU before the window (noise and shifts in training).
pub(crate) fn write_views(
    hu: ArrayView3<'_, i16>,
    spacing_mm: [f64; 3],
    centre: [f64; 3],
    frame: &Frame,
    mut adjust: impl FnMut(f32) -> f32,
    out: &mut Vec<f32>,
) {
    let per_mm = spacing_mm.map(|spacing| 1.0 / spacing as f32);
    let middle = (SIDE as f32 - 1.0) / 2.0;
    let mut cube = vec![0.0; SIDE * SIDE * SIDE];
    for scale in SCALES_MM {
        let mut at = 0;
        for z in 0..SIDE {
            for y in 0..SIDE {
                for x in 0..SIDE {
                    let offset = [x, y, z].map(|p| (p as f32 - middle) * scale);
                    let index = [0, 1, 2].map(|axis| {
                        let mm = frame[0][axis] * offset[0]
                            + frame[1][axis] * offset[1]
                            + frame[2][axis] * offset[2];
                        centre[axis] as f32 + mm * per_mm[axis]
                    });
                    let value = adjust(sample(hu, index)).clamp(WINDOW_HU[0], WINDOW_HU[1]);
                    cube[at] = 2.0 * (value - WINDOW_HU[0]) / (WINDOW_HU[1] - WINDOW_HU[0]) - 1.0;
                    at += 1;
                }
            }
        }
        for strides in [
            [SIDE * SIDE, SIDE, 1],
            [SIDE, SIDE * SIDE, 1],
            [1, SIDE * SIDE, SIDE],
        ] {
            project(&cube, strides, out);
        }
    }
}

/// Both channels of one plane; strides are those of depth, row and column.
fn project(cube: &[f32], [depth, row, column]: [usize; 3], out: &mut Vec<f32>) {
    let slab = |reach: usize| SIDE / 2 - reach..SIDE / 2 + reach + 1;
    for (reach, mean) in [(MEAN_REACH, true), (MAX_REACH, false)] {
        for r in 0..SIDE {
            for c in 0..SIDE {
                let values = slab(reach).map(|d| cube[d * depth + r * row + c * column]);
                out.push(if mean {
                    values.sum::<f32>() / (2 * reach + 1) as f32
                } else {
                    values.fold(f32::NEG_INFINITY, f32::max)
                });
            }
        }
    }
}
