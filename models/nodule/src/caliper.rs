//! Long and short axis of a planar contour.

use hilum_domain::Lps;

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

/// The longest distance between two points of the rings, and the longest chord perpendicular to it. The rings lie
/// in one plane. `None` without two different points.
pub(crate) fn axes(rings: &[Vec<Lps>]) -> Option<Axes> {
    let points: Vec<Lps> = rings.iter().flatten().copied().collect();
    let mut long = [*points.first()?; 2];
    let mut longest = 0.0;
    for (at, &a) in points.iter().enumerate() {
        for &b in &points[at + 1..] {
            let length = a.distance_mm(b);
            if length > longest {
                longest = length;
                long = [a, b];
            }
        }
    }
    if longest == 0.0 {
        return None;
    }
    let along = scaled(minus(long[1], long[0]), 1.0 / longest);
    let mut short = [long[0]; 2];
    let mut widest = 0.0;
    // The widest chord starts in a corner of the contour.
    for &corner in &points {
        let Some(chord) = chord(rings, along, dot(minus(corner, long[0]), along), long[0]) else {
            continue;
        };
        let length = chord[0].distance_mm(chord[1]);
        if length > widest {
            widest = length;
            short = chord;
        }
    }
    Some(Axes { long, short })
}

/// The outermost crossings of the rings with the line perpendicular to `along` at `position` from `origin`.
fn chord(rings: &[Vec<Lps>], along: [f64; 3], position: f64, origin: Lps) -> Option<[Lps; 2]> {
    let mut ends: Option<[Lps; 2]> = None;
    for ring in rings {
        for (&a, &b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
            let (from, to) = (
                dot(minus(a, origin), along) - position,
                dot(minus(b, origin), along) - position,
            );
            if from.min(to) > 1e-9 || from.max(to) < -1e-9 {
                continue;
            }
            // A segment along the chord gives both its ends.
            let crossings = if (from - to).abs() < 1e-9 {
                [a, b]
            } else {
                let share = from / (from - to);
                let step = scaled(minus(b, a), share);
                [Lps([a.0[0] + step[0], a.0[1] + step[1], a.0[2] + step[2]]); 2]
            };
            for point in crossings {
                ends = Some(ends.map_or([point; 2], |[low, high]| wider(low, high, point)));
            }
        }
    }
    ends
}

/// Of three points on a line the two farthest apart.
fn wider(a: Lps, b: Lps, c: Lps) -> [Lps; 2] {
    let (ab, ac, bc) = (a.distance_mm(b), a.distance_mm(c), b.distance_mm(c));
    if ab >= ac && ab >= bc {
        [a, b]
    } else if ac >= bc {
        [a, c]
    } else {
        [b, c]
    }
}

fn minus(a: Lps, b: Lps) -> [f64; 3] {
    [0, 1, 2].map(|axis| a.0[axis] - b.0[axis])
}

fn scaled(a: [f64; 3], by: f64) -> [f64; 3] {
    a.map(|value| value * by)
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rectangle() {
        let ring = [[0.0, 0.0], [4.0, 0.0], [4.0, 3.0], [0.0, 3.0]].map(|[x, y]| Lps([x, y, 7.0]));
        let axes = axes(&[ring.to_vec()]).unwrap();
        assert!((axes.long_mm() - 5.0).abs() < 1e-9);
        // Perpendicular to the diagonal through a corner: 2 * 12/5 * ... = 3.75 by similar triangles.
        assert!((axes.short_mm() - 3.75).abs() < 1e-9, "{}", axes.short_mm());
    }

    #[test]
    fn no_extent_no_axes() {
        assert!(axes(&[vec![Lps([1.0, 2.0, 3.0])]]).is_none());
        assert!(axes(&[]).is_none());
    }
}
