//! Long and short axis of a planar outline, as a reader draws them with a caliper.
//!
//! Both are taken in the same slice, the short axis perpendicular to the long one (Bankier et al., Recommendations
//! for Measuring Pulmonary Nodules at CT, Radiology 285(2), 2017). A line that leaves the nodule would measure the
//! gap as well, so both lines stay within the outline; a cavity is part of the nodule.

use hilum_domain::Lps;

/// A line across the outline is looked at this often.
const SAMPLE_MM: f64 = 0.3;
/// Every so many looks first, because most lines that leave an outline leave it for long.
const COARSE: usize = 8;
/// A perpendicular through a corner is taken so far beside it, where it has clean crossings.
const BESIDE_MM: f64 = 1e-7;

/// Two perpendicular diameters by their ends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Axes {
    pub(crate) long: [Lps; 2],
    pub(crate) short: [Lps; 2],
}

impl Axes {
    pub(crate) fn long_mm(&self) -> f64 {
        self.long[0].distance_mm(self.long[1])
    }

    pub(crate) fn short_mm(&self) -> f64 {
        self.short[0].distance_mm(self.short[1])
    }

    pub(crate) fn mean_mm(&self) -> f64 {
        f64::midpoint(self.long_mm(), self.short_mm())
    }
}

/// The longest line between two points of an outline that stays within it, and the longest perpendicular line that
/// does. Of several outlines in the slice the one with the largest mean diameter counts.
///
/// The rings lie in one plane. A line may leave the outline by `tolerance_mm` (half a pixel), because the outline
/// of a straight edge is itself uneven by that. `None` without an outline that encloses anything.
pub(crate) fn axes(rings: &[Vec<Lps>], tolerance_mm: f64) -> Option<Axes> {
    let plane = Plane::of(rings)?;
    let flat: Vec<Vec<Point>> = rings
        .iter()
        .map(|ring| ring.iter().map(|&point| plane.project(point)).collect())
        .collect();
    let is_hole = |at: usize| {
        let around = flat.iter().enumerate().filter(|&(other, _)| other != at);
        around.filter(|(_, ring)| encloses(ring, flat[at][0])).count() % 2 == 1
    };
    (0..flat.len())
        .filter(|&at| !flat[at].is_empty() && !is_hole(at))
        .filter_map(|at| {
            let long = longest_within(&flat[at], tolerance_mm)?;
            let short = longest_perpendicular(&flat[at], long);
            Some(Axes {
                long: long.map(|point| plane.lift(point)),
                short: short.map(|point| plane.lift(point)),
            })
        })
        .max_by(|a, b| a.mean_mm().total_cmp(&b.mean_mm()))
}

/// The longest distance between two points of the rings: no mean diameter of theirs is larger.
pub(crate) fn span_mm(rings: &[Vec<Lps>]) -> f64 {
    let points: Vec<Lps> = rings.iter().flatten().copied().collect();
    let mut longest = 0.0_f64;
    for (at, &a) in points.iter().enumerate() {
        for &b in &points[at + 1..] {
            longest = longest.max(a.distance_mm(b));
        }
    }
    longest
}

/// Millimetres along the two directions of a [`Plane`].
type Point = [f64; 2];

fn longest_within(ring: &[Point], tolerance_mm: f64) -> Option<[Point; 2]> {
    let pairs = || {
        let with_later = |at: usize| ring[at + 1..].iter().map(move |&b| [ring[at], b]);
        (0..ring.len()).flat_map(with_later)
    };
    let longest = pairs().max_by(|a, b| length(*a).total_cmp(&length(*b)))?;
    if length(longest) == 0.0 {
        return None;
    }
    // Nearly every nodule is convex along its longest line; only the others pay for sorting all pairs.
    if stays_within(ring, longest, tolerance_mm) {
        return Some(longest);
    }
    let mut pairs: Vec<_> = pairs().collect();
    pairs.sort_by(|a, b| length(*b).total_cmp(&length(*a)));
    pairs
        .into_iter()
        .find(|&pair| stays_within(ring, pair, tolerance_mm))
}

fn stays_within(ring: &[Point], line: [Point; 2], tolerance_mm: f64) -> bool {
    let [a, b] = line;
    let steps = (length(line) / SAMPLE_MM).ceil().max(2.0) as usize;
    let is_within = |step: usize| {
        let share = step as f64 / steps as f64;
        let at = [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])];
        encloses(ring, at) || distance_to(ring, at) <= tolerance_mm
    };
    (COARSE..steps).step_by(COARSE).all(is_within) && (1..steps).all(is_within)
}

fn longest_perpendicular(ring: &[Point], long: [Point; 2]) -> [Point; 2] {
    let [from, to] = long;
    let along = [(to[0] - from[0]) / length(long), (to[1] - from[1]) / length(long)];
    // Positions along the long axis and across it.
    let turned: Vec<Point> = ring
        .iter()
        .map(|&[x, y]| {
            let off = [x - from[0], y - from[1]];
            [
                off[0] * along[0] + off[1] * along[1],
                off[1] * along[0] - off[0] * along[1],
            ]
        })
        .collect();
    // The widest line passes beside a corner of the outline.
    let positions = turned
        .iter()
        .flat_map(|&[position, _]| [position - BESIDE_MM, position + BESIDE_MM]);
    let widest = positions
        .flat_map(|position| {
            let mut crossings = crossings(&turned, position);
            crossings.sort_by(f64::total_cmp);
            let within: Vec<_> = crossings.chunks_exact(2).map(|ends| [ends[0], ends[1]]).collect();
            within.into_iter().map(move |ends| (position, ends))
        })
        .max_by(|(_, a), (_, b)| (a[1] - a[0]).total_cmp(&(b[1] - b[0])));
    widest.map_or([from; 2], |(position, ends)| {
        ends.map(|across| {
            [
                from[0] + position * along[0] - across * along[1],
                from[1] + position * along[1] + across * along[0],
            ]
        })
    })
}

/// Where a ring crosses a position along the first coordinate, by the second one.
fn crossings(ring: &[Point], position: f64) -> Vec<f64> {
    edges(ring)
        .filter(|(a, b)| (a[0] < position) != (b[0] < position))
        .map(|(a, b)| a[1] + (position - a[0]) / (b[0] - a[0]) * (b[1] - a[1]))
        .collect()
}

/// By the number of crossings on one side.
fn encloses(ring: &[Point], [x, y]: Point) -> bool {
    let above = crossings(ring, x).into_iter().filter(|&crossing| crossing > y);
    above.count() % 2 == 1
}

fn distance_to(ring: &[Point], at: Point) -> f64 {
    edges(ring)
        .map(|(a, b)| {
            let (step, off) = ([b[0] - a[0], b[1] - a[1]], [at[0] - a[0], at[1] - a[1]]);
            let square = step[0] * step[0] + step[1] * step[1];
            let share = ((off[0] * step[0] + off[1] * step[1]) / square.max(1e-12)).clamp(0.0, 1.0);
            (off[0] - share * step[0]).hypot(off[1] - share * step[1])
        })
        .fold(f64::INFINITY, f64::min)
}

fn edges(ring: &[Point]) -> impl Iterator<Item = (Point, Point)> + '_ {
    ring.iter().copied().zip(ring.iter().copied().cycle().skip(1))
}

fn length([a, b]: [Point; 2]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// The plane of the rings: a point in it and two perpendicular directions of length 1.
struct Plane {
    origin: Lps,
    u: [f64; 3],
    v: [f64; 3],
}

impl Plane {
    /// `None` when no ring encloses an area.
    fn of(rings: &[Vec<Lps>]) -> Option<Self> {
        let normals = rings
            .iter()
            .filter_map(|ring| Some((ring.first()?, area_vector(ring)?)));
        let (&origin, normal) = normals.max_by(|(_, a), (_, b)| dot(*a, *a).total_cmp(&dot(*b, *b)))?;
        let size = dot(normal, normal).sqrt();
        if size < 1e-9 {
            return None;
        }
        let normal = normal.map(|part| part / size);
        // Any direction that is not the normal gives a first axis of the plane.
        let least = (0..3).min_by(|&a, &b| normal[a].abs().total_cmp(&normal[b].abs()))?;
        let mut other = [0.0; 3];
        other[least] = 1.0;
        let u = cross(normal, other);
        let size = dot(u, u).sqrt();
        let u = u.map(|part| part / size);
        Some(Self {
            origin,
            u,
            v: cross(normal, u),
        })
    }

    fn project(&self, point: Lps) -> Point {
        let off = minus(point, self.origin);
        [dot(off, self.u), dot(off, self.v)]
    }

    fn lift(&self, [u, v]: Point) -> Lps {
        Lps([0, 1, 2].map(|axis| self.origin.0[axis] + u * self.u[axis] + v * self.v[axis]))
    }
}

/// Twice the enclosed area along the normal (Newell).
fn area_vector(ring: &[Lps]) -> Option<[f64; 3]> {
    let &first = ring.first()?;
    let pairs = ring.iter().zip(ring.iter().skip(1));
    Some(pairs.fold([0.0; 3], |sum, (&a, &b)| {
        let part = cross(minus(a, first), minus(b, first));
        [0, 1, 2].map(|axis| sum[axis] + part[axis])
    }))
}

fn minus(a: Lps, b: Lps) -> [f64; 3] {
    [0, 1, 2].map(|axis| a.0[axis] - b.0[axis])
}

fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A polygon in an oblique plane, with points every 0.05 mm.
    fn ring(corners: &[[f64; 2]]) -> Vec<Lps> {
        edges(corners)
            .flat_map(|(a, b)| {
                let steps = (length([a, b]) / 0.05).ceil() as usize;
                (0..steps).map(move |step| {
                    let share = step as f64 / steps as f64;
                    let [x, y] = [0, 1].map(|axis: usize| a[axis] + share * (b[axis] - a[axis]));
                    Lps([0.6 * x + 3.0, y - 11.0, 0.8 * x + 7.0])
                })
            })
            .collect()
    }

    fn circle(center: [f64; 2], radius: f64) -> Vec<[f64; 2]> {
        (0..90)
            .map(|step| {
                let angle = f64::from(step).to_radians() * 4.0;
                [center[0] + radius * angle.cos(), center[1] + radius * angle.sin()]
            })
            .collect()
    }

    fn check(what: &str, rings: &[Vec<Lps>], long_mm: f64, short_mm: f64) {
        let axes = axes(rings, 0.05).unwrap();
        assert!(
            (axes.long_mm() - long_mm).abs() < 0.1,
            "{what}: long {}",
            axes.long_mm()
        );
        assert!(
            (axes.short_mm() - short_mm).abs() < 0.1,
            "{what}: short {}",
            axes.short_mm()
        );
        let [long, short] = [axes.long, axes.short].map(|[a, b]| minus(b, a));
        assert!(dot(long, short).abs() < 1e-6, "{what}: not perpendicular");
    }

    #[test]
    fn lines_stay_within_the_outline() {
        let rectangle = [[0.0, 0.0], [4.0, 0.0], [4.0, 3.0], [0.0, 3.0]];
        // Perpendicular to the diagonal through a corner, by similar triangles.
        check("rectangle", &[ring(&rectangle)], 5.0, 3.75);

        // Two arms 3 wide and 10 high on a base of 3: from the top of one arm past the inner corner to the base.
        // The diagonal of the whole, 14.1, would cross the slot.
        let u = [
            [0.0, 0.0],
            [10.0, 0.0],
            [10.0, 10.0],
            [7.0, 10.0],
            [7.0, 3.0],
            [3.0, 3.0],
            [3.0, 10.0],
            [0.0, 10.0],
        ];
        // Its perpendicular runs from the corner of the base past the other inner corner to the other arm.
        let long = f64::hypot(10.0, 30.0 / 7.0);
        let found = axes(&[ring(&u)], 0.05).unwrap();
        assert!((found.long_mm() - long).abs() < 0.1, "long {}", found.long_mm());
        // Turning by the tolerance already costs a little there.
        assert!(
            (long - 0.5..long + 0.1).contains(&found.short_mm()),
            "short {}",
            found.short_mm()
        );
    }

    #[test]
    fn a_cavity_belongs_to_the_nodule_and_a_satellite_does_not() {
        let around = ring(&circle([0.0, 0.0], 8.0));
        let cavity = ring(&circle([1.0, 0.0], 4.0));
        check("cavity", &[cavity, around.clone()], 16.0, 16.0);
        let satellite = ring(&circle([12.0, 0.0], 2.0));
        check("satellite", &[satellite, around], 16.0, 16.0);
    }

    #[test]
    fn no_extent_no_axes() {
        assert!(axes(&[vec![Lps([1.0, 2.0, 3.0])]], 0.1).is_none());
        assert!(axes(&[], 0.1).is_none());
    }
}
