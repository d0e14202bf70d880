//! Notches of a planar ring: where its convex hull is not filled.

/// Areas in the square of the ring's own unit.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Pockets {
    /// The convex hull.
    pub(crate) hull: f64,
    /// Notches that are deep enough.
    pub(crate) notched: f64,
}

/// Notches of a ring deeper than `least_depth`, in the unit of the ring.
pub(crate) fn pockets(ring: &[[f64; 2]], least_depth: f64) -> Pockets {
    let mut corners = hull(ring);
    if corners.len() < 3 {
        return Pockets::default();
    }
    corners.sort_unstable();
    let hull: Vec<[f64; 2]> = corners.iter().map(|&at| ring[at]).collect();
    let next = corners.iter().cycle().skip(1);
    let notched = corners
        .iter()
        .zip(next)
        .map(|(&from, &to)| {
            let end = if to > from { to } else { to + ring.len() };
            let pocket: Vec<[f64; 2]> = (from..=end).map(|at| ring[at % ring.len()]).collect();
            let depth = pocket
                .iter()
                .map(|&at| off_line(ring[from], ring[to], at))
                .fold(0.0, f64::max);
            if depth > least_depth { area(&pocket) } else { 0.0 }
        })
        .sum();
    Pockets {
        hull: area(&hull),
        notched,
    }
}

/// Indices of the corners of the convex hull (Andrew's monotone chain), in no particular order.
fn hull(ring: &[[f64; 2]]) -> Vec<usize> {
    let mut sorted: Vec<usize> = (0..ring.len()).collect();
    sorted.sort_by(|&a, &b| {
        ring[a][0]
            .total_cmp(&ring[b][0])
            .then(ring[a][1].total_cmp(&ring[b][1]))
    });
    let half = |order: &mut dyn Iterator<Item = usize>| {
        let mut chain: Vec<usize> = Vec::new();
        for at in order {
            while let [.., before, last] = chain[..] {
                if turn(ring[before], ring[last], ring[at]) > 0.0 {
                    break;
                }
                chain.pop();
            }
            chain.push(at);
        }
        chain
    };
    let mut corners = half(&mut sorted.iter().copied());
    corners.extend(half(&mut sorted.iter().rev().copied()));
    corners.sort_unstable();
    corners.dedup();
    corners
}

/// Twice the area of the triangle, positive for a left turn.
fn turn(a: [f64; 2], b: [f64; 2], c: [f64; 2]) -> f64 {
    (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
}

fn off_line(from: [f64; 2], to: [f64; 2], at: [f64; 2]) -> f64 {
    let length = (to[0] - from[0]).hypot(to[1] - from[1]);
    if length == 0.0 {
        0.0
    } else {
        turn(from, to, at).abs() / length
    }
}

fn area(polygon: &[[f64; 2]]) -> f64 {
    let next = polygon.iter().cycle().skip(1);
    let twice: f64 = polygon
        .iter()
        .zip(next)
        .map(|(a, b)| a[0] * b[1] - a[1] * b[0])
        .sum();
    twice.abs() / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_l_has_one_notch() {
        let l = [
            [0.0, 0.0],
            [4.0, 0.0],
            [4.0, 2.0],
            [2.0, 2.0],
            [2.0, 4.0],
            [0.0, 4.0],
        ];
        for start in 0..l.len() {
            let mut ring = l.to_vec();
            ring.rotate_left(start);
            let found = pockets(&ring, 0.5);
            assert!(
                (found.hull - 14.0).abs() < 1e-9 && (found.notched - 2.0).abs() < 1e-9,
                "{found:?}"
            );
            // The notch is sqrt(2) deep.
            assert!(pockets(&ring, 1.5).notched.abs() < 1e-9);
        }
    }

    #[test]
    fn a_line_has_no_hull() {
        assert!(pockets(&[[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]], 0.1).hull.abs() < 1e-9);
        assert!(pockets(&[], 0.1).hull.abs() < 1e-9);
    }
}
