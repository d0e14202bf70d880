//! Arithmetic of points and directions.

pub(crate) fn unit(v: [f64; 3]) -> [f64; 3] {
    let length = length(v).max(1e-9);
    v.map(|x| x / length)
}

pub(crate) fn length(v: [f64; 3]) -> f64 {
    dot(v, v).sqrt()
}

pub(crate) fn minus(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

pub(crate) fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// The point at `distance` from `from` in a direction.
pub(crate) fn along(from: [f64; 3], direction: [f64; 3], distance: f64) -> [f64; 3] {
    [0, 1, 2].map(|axis: usize| from[axis] + direction[axis] * distance)
}
