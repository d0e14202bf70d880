//! From a seed through the slices until the nodule ends.
//!
//! On a CT nobody says where a nodule begins and ends along z: the network is shown slice after slice, away from
//! the seed in both directions, until a slice holds nothing that is connected to the seed.

use std::collections::VecDeque;

use hilum_domain::VoxelIndex;
use ndarray::{Array3, ArrayView3, s};

use crate::components::flood;
use crate::interpolate::sample_f32;
use crate::segmenter::network::Maps;
use crate::segmenter::sight::{CENTRE, Frame, PIXELS, SIDE, write_sample};
use crate::{NoduleError, Segmentation};

/// Slices on each side of the seed's that are looked at in any case, and slices per further look.
const AHEAD: usize = 2;
/// A nodule that reaches the sides of the view is looked at again with pixels so many times as large: the whole
/// training tile, 56 mm at 0.7 mm.
pub(crate) const COARSE: f64 = 5.0 / 3.0;
/// The view is moved, once, onto a nodule whose centre lies farther than this from its own, pixels.
const OFF_CENTRE: f64 = 6.0;
/// More than half of the readers.
const MAJORITY: f32 = 0.5;
/// Shares of readers that make the inner and the outer outline.
const INNER: f32 = 0.75;
const OUTER: f32 = 0.25;

/// Answers for samples (see [`crate::segmenter::sight`]).
pub(crate) type Judge<'a> = &'a dyn Fn(&[f32]) -> Result<Maps, NoduleError>;

/// Where the walk goes.
pub(crate) struct Ground<'a> {
    /// HU, `[slice][row][column]`.
    pub(crate) hu: ArrayView3<'a, i16>,
    /// Columns and rows per pixel of the view.
    pub(crate) pixel: [f64; 2],
    /// Slices per step: thin slices are not all looked at.
    pub(crate) stride: usize,
    /// A nodule of more steps has no end.
    pub(crate) most_steps: usize,
    /// The nodule begins within this distance of the seed (column, row, slice).
    pub(crate) reach: [f64; 3],
}

/// Why there is no outline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoBody {
    /// No pixel that most readers would include near the seed.
    Nothing,
    /// It does not end within the view.
    Endless,
}

/// A nodule on the view's grid, `[step][row][column]`.
pub(crate) struct Body {
    frame: Frame,
    /// Slice of the first step.
    first: usize,
    stride: usize,
    majority: Array3<f32>,
    share: Array3<f32>,
    mask: Array3<bool>,
}

/// Outlines what is at `seed` (fractional column, row, slice of the ground).
pub(crate) fn walk<'a>(
    judge: Judge<'a>,
    ground: &'a Ground<'a>,
    seed: [f64; 3],
) -> Result<Result<Body, NoBody>, NoduleError> {
    let mut outcome = Err(NoBody::Nothing);
    for zoom in [1.0, COARSE] {
        let step = ground.pixel.map(|pixel| pixel * zoom);
        let frame = Frame::upright([seed[0], seed[1]], step);
        outcome = Walk::start(judge, ground, frame, seed)?.finish()?;
        if !matches!(outcome, Err(NoBody::Endless)) {
            break;
        }
    }
    Ok(outcome)
}

struct Walk<'a> {
    judge: Judge<'a>,
    ground: &'a Ground<'a>,
    frame: Frame,
    seed: [f64; 3],
    first: usize,
    /// Both maps of each step.
    planes: VecDeque<[Vec<f32>; 2]>,
}

impl<'a> Walk<'a> {
    /// The seed's slice and those around it; moves the view when the nodule lies at its side.
    fn start(
        judge: Judge<'a>,
        ground: &'a Ground<'a>,
        frame: Frame,
        seed: [f64; 3],
    ) -> Result<Self, NoduleError> {
        let last = ground.hu.dim().0 - 1;
        let middle = (seed[2].round().max(0.0) as usize).min(last);
        let begin = |frame| -> Result<Self, NoduleError> {
            let mut walk = Self {
                judge,
                ground,
                frame,
                seed,
                first: middle,
                planes: VecDeque::new(),
            };
            walk.look(&[middle])?;
            walk.lower()?;
            walk.upper()?;
            Ok(walk)
        };
        let walk = begin(frame)?;
        match walk.body().and_then(|mask| centre(&mask)) {
            Some([x, y]) if (x - CENTRE as f64).hypot(y - CENTRE as f64) > OFF_CENTRE => {
                let centre = frame.of_pixel(x, y);
                let step = [frame.axes[0][0], frame.axes[1][1]];
                begin(Frame::upright(centre, step))
            }
            _ => Ok(walk),
        }
    }

    fn finish(mut self) -> Result<Result<Body, NoBody>, NoduleError> {
        loop {
            let Some(mask) = self.body() else {
                return Ok(Err(NoBody::Nothing));
            };
            if reaches_side(&mask) {
                return Ok(Err(NoBody::Endless));
            }
            let holds = |step: usize| mask.slice(s![step, .., ..]).iter().any(|&inside| inside);
            let (low, high) = (holds(0), holds(mask.dim().0 - 1));
            let grown = (low && self.lower()?) | (high && self.upper()?);
            if !grown {
                let [majority, share] = [0, 1].map(|map| self.stacked(map));
                return Ok(Ok(Body {
                    frame: self.frame,
                    first: self.first,
                    stride: self.ground.stride,
                    majority,
                    share,
                    mask,
                }));
            }
            if self.planes.len() > self.ground.most_steps {
                return Ok(Err(NoBody::Endless));
            }
        }
    }

    /// Looks at slices before the first; `false` where there are none.
    fn lower(&mut self) -> Result<bool, NoduleError> {
        let stride = self.ground.stride;
        let slices: Vec<usize> = (1..=AHEAD)
            .filter_map(|step| self.first.checked_sub(step * stride))
            .collect();
        self.look(&slices)
    }

    /// Looks at slices behind the last; `false` where there are none.
    fn upper(&mut self) -> Result<bool, NoduleError> {
        let stride = self.ground.stride;
        let last = self.first + (self.planes.len() - 1) * stride;
        let slices: Vec<usize> = (1..=AHEAD)
            .map(|step| last + step * stride)
            .filter(|&k| k < self.ground.hu.dim().0)
            .collect();
        self.look(&slices)
    }

    /// Looks at slices that go on from the planes, nearest first.
    fn look(&mut self, slices: &[usize]) -> Result<bool, NoduleError> {
        let last = self.ground.hu.dim().0 - 1;
        let mut samples = Vec::new();
        for &k in slices {
            let beside = [k.saturating_sub(1), k, (k + 1).min(last)];
            write_sample(
                self.ground.hu.view(),
                beside,
                &self.frame,
                |_, hu| hu,
                &mut samples,
            );
        }
        if samples.is_empty() {
            return Ok(false);
        }
        let maps = (self.judge)(&samples)?;
        let planes = maps
            .majority
            .chunks(PIXELS)
            .zip(maps.share.chunks(PIXELS))
            .map(|(majority, share)| [majority.to_vec(), share.to_vec()]);
        for (plane, &k) in planes.zip(slices) {
            if k < self.first {
                self.planes.push_front(plane);
                self.first = k;
            } else {
                self.planes.push_back(plane);
            }
        }
        Ok(true)
    }

    fn stacked(&self, map: usize) -> Array3<f32> {
        let planes: Vec<&Vec<f32>> = self.planes.iter().map(|plane| &plane[map]).collect();
        Array3::from_shape_fn((planes.len(), SIDE, SIDE), |(step, y, x)| {
            planes[step][y * SIDE + x]
        })
    }

    /// What most readers would include and is connected to the place nearest to the seed.
    fn body(&self) -> Option<Array3<bool>> {
        let mask = self.stacked(0).mapv(|p| p >= MAJORITY);
        let away = |(step, y, x): (usize, usize, usize)| {
            let [i, j] = self.frame.of_pixel(x as f64, y as f64);
            let k = (self.first + step * self.ground.stride) as f64;
            let at = [i, j, k];
            (0..3)
                .map(|axis| ((at[axis] - self.seed[axis]) / self.ground.reach[axis]).powi(2))
                .sum::<f64>()
        };
        let (nearest, distance) = mask
            .indexed_iter()
            .filter(|(_, inside)| **inside)
            .map(|(at, _)| (at, away(at)))
            .min_by(|a, b| a.1.total_cmp(&b.1))?;
        (distance <= 1.0).then(|| flood(&mask, [nearest]))
    }
}

impl Body {
    /// The mask on the ground's own grid of so many slices, rows, columns; `None` when no voxel centre lies in it.
    pub(crate) fn to_segmentation(&self, [nk, nj, ni]: [usize; 3]) -> Option<Segmentation> {
        // Beside the body other nodules are cut off; its own faces stay, so that the level between can be found.
        let near = faces(&self.mask);
        let mut field = self.majority.clone();
        field.zip_mut_with(&near, |p, &near| *p = if near { *p } else { 0.0 });
        let range = |axis: usize, size: usize| {
            let (centre, step) = (self.frame.centre[axis], self.frame.axes[axis][axis]);
            let first = (centre - CENTRE as f64 * step).ceil().max(0.0) as usize;
            let last = (centre + (SIDE - 1 - CENTRE) as f64 * step).floor().max(0.0) as usize;
            first..(last + 1).min(size)
        };
        let (columns, rows) = (range(0, ni), range(1, nj));
        let last = self.first + (self.mask.dim().0 - 1) * self.stride;
        let slices = (self.first + 1).saturating_sub(self.stride)..(last + self.stride).min(nk);
        let mask = Array3::from_shape_fn((slices.len(), rows.len(), columns.len()), |(k, j, i)| {
            let pixel = |axis: usize, at: usize| {
                (at as f64 - self.frame.centre[axis]) / self.frame.axes[axis][axis] + CENTRE as f64
            };
            let step = ((slices.start + k) as f64 - self.first as f64) / self.stride as f64;
            let at = [pixel(0, columns.start + i), pixel(1, rows.start + j), step];
            sample_f32(field.view(), at.map(|at| at as f32)) >= MAJORITY
        });
        Segmentation::cropped(&mask, VoxelIndex([columns.start, rows.start, slices.start]))
    }

    /// Volumes of the inner and the outer outline as shares of the outline's own: at most 1, and at least 1.
    pub(crate) fn margin(&self) -> [f64; 2] {
        let count = |mask: &Array3<bool>| mask.iter().filter(|inside| **inside).count() as f64;
        let mut inner = self.mask.clone();
        inner.zip_mut_with(&self.share, |inside, &share| *inside &= share >= INNER);
        let mut outer = self.share.mapv(|share| share >= OUTER);
        outer.zip_mut_with(&self.mask, |outside, &inside| *outside |= inside);
        let seeds = self.mask.indexed_iter().filter(|(_, inside)| **inside);
        let outer = flood(&outer, seeds.map(|(at, _)| at));
        let middle = count(&self.mask);
        [count(&inner) / middle, count(&outer) / middle]
    }
}

/// Mean column and row of a mask.
fn centre(mask: &Array3<bool>) -> Option<[f64; 2]> {
    let (mut sum, mut n) = ([0.0; 2], 0.0);
    for ((_, y, x), _) in mask.indexed_iter().filter(|(_, inside)| **inside) {
        sum[0] += x as f64;
        sum[1] += y as f64;
        n += 1.0;
    }
    (n > 0.0).then(|| sum.map(|sum| sum / n))
}

fn reaches_side(mask: &Array3<bool>) -> bool {
    let on_side = |at: usize| at == 0 || at + 1 == SIDE;
    mask.indexed_iter()
        .any(|((_, y, x), &inside)| inside && (on_side(x) || on_side(y)))
}

/// A mask with the voxels that share a face with it.
fn faces(mask: &Array3<bool>) -> Array3<bool> {
    let (steps, rows, columns) = mask.dim();
    let at = |step: isize, y: isize, x: isize| {
        let within = |at: isize, size: usize| at >= 0 && (at as usize) < size;
        within(step, steps)
            && within(y, rows)
            && within(x, columns)
            && mask[[step as usize, y as usize, x as usize]]
    };
    Array3::from_shape_fn(mask.dim(), |(step, y, x)| {
        let (step, y, x) = (step as isize, y as isize, x as isize);
        at(step, y, x)
            || at(step - 1, y, x)
            || at(step + 1, y, x)
            || at(step, y - 1, x)
            || at(step, y + 1, x)
            || at(step, y, x - 1)
            || at(step, y, x + 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segmenter::sight::INPUT;

    /// Stands in for a network: what is denser than about -300 HU in the middle slice is nodule.
    #[expect(clippy::unnecessary_wraps, reason = "stands in for a network, which may fail")]
    fn dense(samples: &[f32]) -> Result<Maps, NoduleError> {
        let middle = samples
            .chunks(INPUT)
            .flat_map(|sample| &sample[PIXELS..2 * PIXELS]);
        let majority: Vec<f32> = middle.map(|value| f32::from(u8::from(*value > 0.0))).collect();
        let share = majority.iter().map(|p| p * 0.6).collect();
        Ok(Maps { majority, share })
    }

    /// Balls (column, row, slice, radius in voxels) at 0 HU in lung.
    fn balls(balls: &[[f64; 4]]) -> Array3<i16> {
        Array3::from_shape_fn((40, 120, 120), |(k, j, i)| {
            let inside = balls.iter().any(|[x, y, z, radius]| {
                let square = (i as f64 - x).powi(2) + (j as f64 - y).powi(2) + (k as f64 - z).powi(2);
                square <= radius * radius
            });
            if inside { 0 } else { -850 }
        })
    }

    fn outlined(hu: &Array3<i16>, stride: usize, seed: [f64; 3]) -> Result<Body, NoBody> {
        let ground = Ground {
            hu: hu.view(),
            pixel: [1.0; 2],
            stride,
            most_steps: 40,
            reach: [5.0; 3],
        };
        walk(&dense, &ground, seed).unwrap()
    }

    fn voxels(hu: &Array3<i16>, body: &Body) -> usize {
        let (nk, nj, ni) = hu.dim();
        body.to_segmentation([nk, nj, ni]).unwrap().voxels()
    }

    /// The walk ends where the ball ends, whatever slice and side of it the seed is on; another ball beside it is not
    /// included, and one that does not fit into the view is seen with larger pixels.
    #[test]
    fn walks_finishs_of_a_ball() {
        let one = [60.0, 61.0, 20.0, 6.0];
        let beside = [75.0, 61.0, 20.0, 5.0];
        let large = [60.0, 60.0, 20.0, 26.0];
        for (what, hu, seed, alone, tolerance) in [
            ("centre", balls(&[one]), [60.0, 61.0, 20.0], one, 0.0),
            ("edge and end", balls(&[one]), [64.0, 59.0, 24.0], one, 0.0),
            (
                "another beside",
                balls(&[one, beside]),
                [60.0, 61.0, 20.0],
                one,
                0.0,
            ),
            (
                "larger than the view",
                balls(&[large]),
                [68.0, 60.0, 14.0],
                large,
                0.06,
            ),
        ] {
            let body = outlined(&hu, 1, seed).unwrap_or_else(|why| panic!("{what}: {why:?}"));
            let want = balls(&[alone]).iter().filter(|hu| **hu == 0).count() as f64;
            let got = voxels(&hu, &body) as f64;
            assert!(
                (got / want - 1.0).abs() <= tolerance,
                "{what}: {got} voxels, not {want}"
            );
        }
    }

    #[test]
    fn slices_between_steps_are_filled() {
        let hu = balls(&[[60.0, 60.0, 20.0, 8.0]]);
        let every = voxels(&hu, &outlined(&hu, 1, [60.0, 60.0, 20.0]).unwrap()) as f64;
        let second = voxels(&hu, &outlined(&hu, 2, [60.0, 60.0, 20.0]).unwrap()) as f64;
        assert!((second / every - 1.0).abs() < 0.1, "{second} of {every}");
    }

    #[test]
    fn what_is_no_nodule() {
        let seed = [60.0, 60.0, 20.0];
        let nothing = outlined(&balls(&[]), 1, seed);
        assert_eq!(nothing.err(), Some(NoBody::Nothing));
        let far = outlined(&balls(&[[75.0, 60.0, 20.0, 4.0]]), 1, seed);
        assert_eq!(far.err(), Some(NoBody::Nothing));
        let wall = Array3::from_shape_fn((40, 120, 120), |(_, j, _)| if j > 58 { 40 } else { -850 });
        assert_eq!(outlined(&wall, 1, seed).err(), Some(NoBody::Endless));
    }

    /// All of the readers' shares are 0.6 here: nothing reaches three quarters, and one quarter reaches as far as the
    /// majority.
    #[test]
    fn margin_lies_on_both_sides_of_the_outline() {
        let hu = balls(&[[60.0, 60.0, 20.0, 6.0]]);
        let body = outlined(&hu, 1, [60.0, 60.0, 20.0]).unwrap();
        let [inner, outer] = body.margin();
        assert!(
            inner.abs() < 1e-9 && (outer - 1.0).abs() < 1e-9,
            "{inner} {outer}"
        );
    }
}
