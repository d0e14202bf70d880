//! One axis of a separable resampling: which voxels a new voxel is made of.

use std::ops::Range;

use serde::Serialize;

/// How a value between voxel centres is had, along each axis in turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kernel {
    /// Between the two nearest voxel centres (trilinear over three axes). On a coarser grid this passes voxels
    /// over, and their noise stays.
    Linear,
    /// Linear on a finer grid. On a coarser one a triangle that reaches one new spacing to both sides, so that
    /// every voxel counts and nothing finer than the new grid is folded into it.
    AntialiasedLinear,
}

/// For each output voxel of one axis the input voxels and their weights. The weights of a voxel sum to 1.
///
/// Beyond the outermost voxel centres the weights of what is there are scaled up, which for a linear kernel repeats
/// the outermost voxel.
pub(crate) struct Axis {
    input: usize,
    taps: usize,
    first: Vec<usize>,
    weights: Vec<f32>,
    inside: Range<usize>,
}

impl Axis {
    /// `output` voxels: the first at coordinate `start` of the input, where voxel `i` has its centre at `i`, the
    /// others `step` apart. Output centres further out than half an input voxel are outside.
    pub(crate) fn new(kernel: Kernel, input: usize, output: usize, start: f64, step: f64) -> Self {
        let reach = match kernel {
            Kernel::Linear => 1.0,
            Kernel::AntialiasedLinear => step.max(1.0),
        };
        let taps = input.min((2.0 * reach).ceil() as usize);
        let mut axis = Self {
            input,
            taps,
            first: Vec::with_capacity(output),
            weights: Vec::with_capacity(output * taps),
            inside: 0..0,
        };
        let within = -0.5..=input as f64 - 0.5;
        for index in 0..output {
            let center = start + step * index as f64;
            if within.contains(&center) {
                let begin = if axis.inside.is_empty() {
                    index
                } else {
                    axis.inside.start
                };
                axis.inside = begin..index + 1;
            }
            let lowest = ((center - reach).floor() + 1.0).clamp(0.0, (input - taps) as f64) as usize;
            let weight = |tap| (1.0 - ((lowest + tap) as f64 - center).abs() / reach).max(0.0);
            let sum: f64 = (0..taps).map(weight).sum();
            axis.first.push(lowest);
            axis.weights
                .extend((0..taps).map(|tap| (weight(tap) / sum.max(f64::MIN_POSITIVE)) as f32));
        }
        axis
    }

    /// Voxels before.
    pub(crate) const fn input(&self) -> usize {
        self.input
    }

    /// Voxels after.
    pub(crate) fn output(&self) -> usize {
        self.first.len()
    }

    /// Whether this output voxel lies inside the input.
    pub(crate) fn is_inside(&self, output: usize) -> bool {
        self.inside.contains(&output)
    }

    /// Input voxels of one output voxel, each with its weight, none of them zero.
    pub(crate) fn sources(&self, output: usize) -> impl Iterator<Item = (usize, f32)> + '_ {
        let weights = &self.weights[output * self.taps..(output + 1) * self.taps];
        (self.first[output]..)
            .zip(weights.iter().copied())
            .filter(|(_, weight)| *weight != 0.0)
    }

    /// Resamples one line, `input` long, into `out`.
    pub(crate) fn line<T: Sample>(&self, line: &[f32], outside: T, out: &mut [T]) {
        match self.taps {
            1 => self.line_of::<1, T>(line, out),
            2 => self.line_of::<2, T>(line, out),
            3 => self.line_of::<3, T>(line, out),
            4 => self.line_of::<4, T>(line, out),
            taps => {
                for ((place, first), weights) in out
                    .iter_mut()
                    .zip(&self.first)
                    .zip(self.weights.chunks_exact(taps))
                {
                    let values = line[*first..].iter().zip(weights);
                    *place = T::of(values.map(|(value, weight)| value * weight).sum());
                }
            }
        }
        out[..self.inside.start].fill(outside);
        out[self.inside.end..].fill(outside);
    }

    fn line_of<const TAPS: usize, T: Sample>(&self, line: &[f32], out: &mut [T]) {
        let (weights, _) = self.weights.as_chunks::<TAPS>();
        for ((place, first), weights) in out.iter_mut().zip(&self.first).zip(weights) {
            let Some(values) = line[*first..].first_chunk::<TAPS>() else {
                continue;
            };
            let mut sum = 0.0;
            for tap in 0..TAPS {
                sum += values[tap] * weights[tap];
            }
            *place = T::of(sum);
        }
    }
}

/// A voxel value that is resampled in 32-bit floats.
pub(crate) trait Sample: Copy + Send + Sync {
    /// As a float.
    fn value(self) -> f32;
    /// Back, a whole number by rounding, halves upwards.
    fn of(value: f32) -> Self;
}

impl Sample for i16 {
    fn value(self) -> f32 {
        self.into()
    }

    fn of(value: f32) -> Self {
        // Truncation of what is positive rounds down; `f32::round` is a call into the C library.
        const UP: f32 = 32_768.5;
        ((value + UP) as i32 - 32_768) as Self
    }
}

impl Sample for f32 {
    fn value(self) -> f32 {
        self
    }

    fn of(value: f32) -> Self {
        value
    }
}

/// Makes one output plane from weighted input planes (`[row][column]`, all of one size).
///
/// Planes and rows are summed first, along contiguous memory, columns last. `line` is memory to work in. What lies
/// outside the input becomes `outside`.
pub(crate) fn fill_plane<T: Sample>(
    planes: &[(&[T], f32)],
    rows: &Axis,
    columns: &Axis,
    outside: T,
    line: &mut Vec<f32>,
    out: &mut [T],
) {
    let width = columns.input();
    line.resize(width, 0.0);
    for (row, out) in out.chunks_exact_mut(columns.output()).enumerate() {
        if !rows.is_inside(row) {
            out.fill(outside);
            continue;
        }
        let mut is_first = true;
        for (plane, plane_weight) in planes {
            for (source, row_weight) in rows.sources(row) {
                let weight = plane_weight * row_weight;
                let values = &plane[source * width..(source + 1) * width];
                let pairs = line.iter_mut().zip(values);
                if is_first {
                    pairs.for_each(|(sum, value)| *sum = weight * value.value());
                } else {
                    pairs.for_each(|(sum, value)| *sum += weight * value.value());
                }
                is_first = false;
            }
        }
        columns.line(line, outside, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn resample(kernel: Kernel, line: &[f32], output: usize, start: f64, step: f64) -> Vec<f32> {
        let mut out = vec![0.0; output];
        Axis::new(kernel, line.len(), output, start, step).line(line, -1.0, &mut out);
        out
    }

    #[test]
    fn lines_by_hand() {
        // Name, kernel, line, first centre, step, wanted.
        type Row<'a> = (&'a str, Kernel, &'a [f32], f64, f64, &'a [f32]);
        let rows: [Row<'_>; 7] = [
            (
                "itself",
                Kernel::Linear,
                &[1.0, 5.0, 2.0],
                0.0,
                1.0,
                &[1.0, 5.0, 2.0],
            ),
            (
                "twice as fine: quarters, edges repeated",
                Kernel::Linear,
                &[0.0, 4.0],
                -0.25,
                0.5,
                &[0.0, 1.0, 3.0, 4.0],
            ),
            (
                "finer is the same with antialiasing",
                Kernel::AntialiasedLinear,
                &[0.0, 4.0],
                -0.25,
                0.5,
                &[0.0, 1.0, 3.0, 4.0],
            ),
            (
                "half as fine: means of two",
                Kernel::Linear,
                &[0.0, 4.0, 8.0, 0.0],
                0.5,
                2.0,
                &[2.0, 4.0],
            ),
            (
                // Triangle of reach 2 around 0.5 over 0, 1, 2: weights 3/4, 3/4, 1/4, scaled to sum 1.
                "half as fine with antialiasing",
                Kernel::AntialiasedLinear,
                &[0.0, 7.0, 14.0, 0.0],
                0.5,
                2.0,
                &[5.0, 7.0],
            ),
            (
                "shifted, with an outside",
                Kernel::Linear,
                &[2.0, 4.0, 8.0],
                -1.5,
                1.0,
                &[-1.0, 2.0, 3.0, 6.0, 8.0, -1.0],
            ),
            ("one voxel", Kernel::Linear, &[3.0], -0.25, 0.5, &[3.0, 3.0]),
        ];
        for (name, kernel, line, start, step, wanted) in rows {
            let got = resample(kernel, line, wanted.len(), start, step);
            for (got, wanted) in got.iter().zip(wanted) {
                assert!((got - wanted).abs() < 1e-5, "{name}: {got} for {wanted}");
            }
        }
    }

    #[test]
    fn whole_numbers_round_to_the_nearest() {
        for (value, wanted) in [
            (0.4, 0),
            (0.5, 1),
            (-0.5, 0),
            (-0.6, -1),
            (-1024.0, -1024),
            (3070.9, 3071),
            (32_767.0, 32_767),
            (-32_768.0, -32_768),
        ] {
            assert_eq!(<i16 as Sample>::of(value), wanted, "{value}");
        }
    }

    proptest! {
        #[test]
        fn weights_sum_to_one_and_constants_stay(
            input in 1usize..40, output in 1usize..60, step in 0.05f64..8.0, antialiased in any::<bool>()
        ) {
            let kernel = if antialiased { Kernel::AntialiasedLinear } else { Kernel::Linear };
            let start = 0.5 * step - 0.5;
            let axis = Axis::new(kernel, input, output, start, step);
            for index in (0..output).filter(|index| axis.is_inside(*index)) {
                let sum: f32 = axis.sources(index).map(|(source, weight)| {
                    assert!(source < input && weight > 0.0);
                    weight
                }).sum();
                prop_assert!((sum - 1.0).abs() < 1e-5);
            }
        }
    }
}
