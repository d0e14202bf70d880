//! One fissure: a gently curved surface through the sheets near the place where anatomy expects it.
//!
//! First the position and tilt under which most of the surface lies on sheets, then a quadratic surface drawn
//! through those sheets, far ones forgotten step by step (iteratively reweighted least squares). Vessels and noise
//! hold sheets too: the same search at a tilt that no fissure has tells how much of a surface they cover by chance.

use nalgebra::{SMatrix, SVector};

use crate::plates::Plate;

/// The surface is looked at by squares of this side, across by steps of the second.
const CELL_MM: f64 = 8.0;
const STEP_MM: f64 = 1.5;
/// A fissure lies so far from its expected plane, at most.
const REACH_MM: f64 = 36.0;
/// Tilts tried, as slopes along the two directions of the plane.
const SLOPES: [f64; 9] = [-0.48, -0.36, -0.24, -0.12, 0.0, 0.12, 0.24, 0.36, 0.48];
/// Normals of sheets of the fissure lie within this cosine of the expected one.
const LEAST_COSINE: f64 = 0.75;
/// A sheet this strong counts in full.
const FULL_STRENGTH_HU: f64 = 20.0;
/// Widths at which far sheets are forgotten, one per pass.
const WIDTHS_MM: [f64; 6] = [5.0, 4.0, 3.0, 2.5, 2.0, 2.0];
/// Keeps the curvature where no sheets are.
const STIFFNESS: f64 = 40.0;
/// Fewer squares of lung than this are no surface.
const LEAST_CELLS: usize = 40;
/// A surface is a fissure from this share on sheets,
const LEAST_COVERAGE: f64 = 0.25;
/// and from this much more than chance.
const LEAST_RATIO: f64 = 1.6;

/// Where anatomy expects a fissure: a plane through `origin` with two directions and a normal, all perpendicular,
/// LPS mm.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    pub(crate) origin: [f64; 3],
    pub(crate) first: [f64; 3],
    pub(crate) second: [f64; 3],
    /// To the lobe above.
    pub(crate) normal: [f64; 3],
}

impl Frame {
    /// The plane through a point with a normal; the first direction is the patient's left as far as it can be.
    pub(crate) fn new(origin: [f64; 3], normal: [f64; 3]) -> Self {
        let size = dot(normal, normal).sqrt();
        let normal = normal.map(|part| part / size);
        let left = [1.0, 0.0, 0.0];
        let off = dot(left, normal);
        let first = [0, 1, 2].map(|axis| left[axis] - off * normal[axis]);
        let size = dot(first, first).sqrt();
        let first = first.map(|part| part / size);
        let second = [
            normal[1] * first[2] - normal[2] * first[1],
            normal[2] * first[0] - normal[0] * first[2],
            normal[0] * first[1] - normal[1] * first[0],
        ];
        Self {
            origin,
            first,
            second,
            normal,
        }
    }

    /// Along the first and second direction, and above the plane.
    fn local(&self, point: [f64; 3]) -> [f64; 3] {
        let off = [0, 1, 2].map(|axis| point[axis] - self.origin[axis]);
        [dot(off, self.first), dot(off, self.second), dot(off, self.normal)]
    }

    fn point(&self, [p, q, h]: [f64; 3]) -> [f64; 3] {
        [0, 1, 2].map(|axis| {
            self.origin[axis] + p * self.first[axis] + q * self.second[axis] + h * self.normal[axis]
        })
    }

    /// The plane with its tilt to the other side, where no fissure runs.
    fn reversed(&self) -> Self {
        let [x, y, z] = self.normal;
        // A horizontal plane is tilted steeply instead.
        let normal = if y.abs() < 0.3 { [x, 1.0, z] } else { [x, -y, z] };
        Self::new(self.origin, normal)
    }
}

/// A fissure, found or only expected.
#[derive(Debug, Clone)]
pub(crate) struct Fissure {
    frame: Frame,
    /// Height above the plane: 1, p, q, p², pq, q² with p and q in units of [`SCALE_MM`].
    shape: SVector<f64, 6>,
    /// Share of the surface that lies on sheets, 0 to 1.
    pub(crate) coverage: f64,
    /// The same at a tilt that no fissure has.
    pub(crate) by_chance: f64,
}

/// Unit of the polynomial, so that its coefficients are alike.
const SCALE_MM: f64 = 50.0;

impl Fissure {
    /// Searches for a fissure near `frame` in the part of the lung for which `inside` (LPS mm) holds.
    pub(crate) fn search(
        frame: Frame,
        plates: &[Plate],
        inside: &dyn Fn([f64; 3]) -> bool,
        extent_mm: f64,
    ) -> Self {
        let evidence = Evidence::new(frame, plates, inside, extent_mm);
        let start = evidence.best_plane();
        let shape = evidence.refine(start);
        let coverage = evidence.coverage(&shape);
        let reversed = Evidence::new(frame.reversed(), plates, inside, extent_mm);
        let by_chance = reversed.coverage(&reversed.refine(reversed.best_plane()));
        let found = Self {
            frame,
            shape,
            coverage,
            by_chance,
        };
        if found.is_found() {
            found
        } else {
            // Without evidence the expected plane is the better guess.
            Self {
                shape: SVector::zeros(),
                ..found
            }
        }
    }

    /// Whether sheets show it, rather than anatomy alone.
    pub(crate) fn is_found(&self) -> bool {
        self.coverage >= LEAST_COVERAGE && self.coverage >= LEAST_RATIO * self.by_chance
    }

    /// Distance of a point from the surface in mm, positive on the side of the lobe above.
    pub(crate) fn height_mm(&self, point: [f64; 3]) -> f64 {
        let [p, q, h] = self.frame.local(point);
        let [slope_p, slope_q] = slopes(&self.shape, p, q);
        (h - height(&self.shape, p, q)) / (1.0 + slope_p * slope_p + slope_q * slope_q).sqrt()
    }
}

fn basis(p: f64, q: f64) -> SVector<f64, 6> {
    let (p, q) = (p / SCALE_MM, q / SCALE_MM);
    SVector::from([1.0, p, q, p * p, p * q, q * q])
}

fn height(shape: &SVector<f64, 6>, p: f64, q: f64) -> f64 {
    shape.dot(&basis(p, q))
}

fn slopes(shape: &SVector<f64, 6>, p: f64, q: f64) -> [f64; 2] {
    let (p, q) = (p / SCALE_MM, q / SCALE_MM);
    [
        (shape[1] + 2.0 * shape[3] * p + shape[4] * q) / SCALE_MM,
        (shape[2] + shape[4] * p + 2.0 * shape[5] * q) / SCALE_MM,
    ]
}

/// Sheets around an expected plane, by square and height.
struct Evidence {
    /// Squares along each direction, half of them on each side of the origin.
    cells: usize,
    heights: usize,
    /// Strength 0 to 1 of the strongest sheet, `[cell][height]`; negative outside the lung.
    strength: Vec<f32>,
    /// Squares with lung at any height.
    lung_cells: Vec<usize>,
    /// Sheets with a fitting normal: p, q, h, weight.
    points: Vec<[f64; 4]>,
}

impl Evidence {
    fn new(frame: Frame, plates: &[Plate], inside: &dyn Fn([f64; 3]) -> bool, extent_mm: f64) -> Self {
        let cells = 2 * (extent_mm / CELL_MM).ceil() as usize;
        let heights = 2 * (2.0 * REACH_MM / STEP_MM) as usize + 1;
        let mut evidence = Self {
            cells,
            heights,
            strength: vec![-1.0; cells * cells * heights],
            lung_cells: Vec::new(),
            points: Vec::new(),
        };
        for cell in 0..cells * cells {
            let [p, q] = evidence.middle(cell);
            let mut any = false;
            for step in 0..heights {
                if inside(frame.point([p, q, evidence.height_of(step)])) {
                    evidence.strength[cell * heights + step] = 0.0;
                    any = true;
                }
            }
            if any {
                evidence.lung_cells.push(cell);
            }
        }
        for plate in plates {
            if dot(plate.normal, frame.normal).abs() < LEAST_COSINE {
                continue;
            }
            let [p, q, h] = frame.local(plate.at);
            let Some(cell) = evidence.cell(p, q) else { continue };
            let weight = (f64::from(plate.strength_hu) / FULL_STRENGTH_HU).min(1.0);
            evidence.points.push([p, q, h, weight]);
            // One step up and down: a sheet is wider than a step.
            let at = evidence.step_of(h);
            for step in (at - 1)..=(at + 1) {
                let Ok(step) = usize::try_from(step) else { continue };
                if step < heights {
                    let strength = &mut evidence.strength[cell * heights + step];
                    if *strength >= 0.0 {
                        *strength = strength.max(weight as f32);
                    }
                }
            }
        }
        evidence
    }

    /// Position and tilt with the most evidence, as coefficients of the surface.
    fn best_plane(&self) -> SVector<f64, 6> {
        let offsets = (2.0 * REACH_MM / STEP_MM) as i32;
        let mut best = (f64::NEG_INFINITY, SVector::zeros());
        for slope_p in SLOPES {
            for slope_q in SLOPES {
                for offset in 0..=offsets {
                    let offset = f64::from(offset) * STEP_MM - REACH_MM;
                    let shape =
                        SVector::from([offset, slope_p * SCALE_MM, slope_q * SCALE_MM, 0.0, 0.0, 0.0]);
                    // What anatomy expects wins where the evidence does not say.
                    let doubt = (offset / REACH_MM).powi(2) + slope_p * slope_p + slope_q * slope_q;
                    let score = self.mean_strength(&shape) - 0.03 * doubt;
                    if score > best.0 {
                        best = (score, shape);
                    }
                }
            }
        }
        best.1
    }

    fn refine(&self, start: SVector<f64, 6>) -> SVector<f64, 6> {
        let mut shape = start;
        for width in WIDTHS_MM {
            // Curvature is held back, position and tilt are not.
            let stiff = SVector::from([0.0, 0.0, 0.0, STIFFNESS, STIFFNESS, STIFFNESS]);
            let mut normal = SMatrix::<f64, 6, 6>::from_diagonal(&stiff);
            let mut right = SVector::<f64, 6>::zeros();
            for &[p, q, h, weight] in &self.points {
                let off = (h - height(&shape, p, q)) / width;
                if off.abs() > 3.0 {
                    continue;
                }
                let weight = weight / (1.0 + off * off).powi(2);
                let row = basis(p, q);
                normal += weight * row * row.transpose();
                right += weight * h * row;
            }
            // Too few sheets to draw a surface through: the plane stays.
            let Some(solved) = normal.cholesky().map(|factors| factors.solve(&right)) else {
                return shape;
            };
            shape = solved;
        }
        shape
    }

    /// Share of the squares of lung that the surface passes through which hold a sheet there.
    fn coverage(&self, shape: &SVector<f64, 6>) -> f64 {
        self.over_surface(shape, |strength| f64::from(u8::from(strength > 0.0)))
    }

    fn mean_strength(&self, shape: &SVector<f64, 6>) -> f64 {
        self.over_surface(shape, f64::from)
    }

    fn over_surface(&self, shape: &SVector<f64, 6>, value: impl Fn(f32) -> f64) -> f64 {
        let (mut sum, mut n) = (0.0, 0);
        for &cell in &self.lung_cells {
            let [p, q] = self.middle(cell);
            let Ok(step) = usize::try_from(self.step_of(height(shape, p, q))) else {
                continue;
            };
            if step >= self.heights {
                continue;
            }
            let strength = self.strength[cell * self.heights + step];
            if strength >= 0.0 {
                n += 1;
                sum += value(strength);
            }
        }
        if n < LEAST_CELLS { 0.0 } else { sum / n as f64 }
    }

    fn middle(&self, cell: usize) -> [f64; 2] {
        let half = self.cells as f64 / 2.0;
        [cell / self.cells, cell % self.cells].map(|at| (at as f64 + 0.5 - half) * CELL_MM)
    }

    fn cell(&self, p: f64, q: f64) -> Option<usize> {
        let half = self.cells as f64 / 2.0;
        let [p, q] = [p, q].map(|at| (at / CELL_MM + half).floor());
        let within = |at: f64| at >= 0.0 && at < self.cells as f64;
        (within(p) && within(q)).then(|| p as usize * self.cells + q as usize)
    }

    fn step_of(&self, height_mm: f64) -> i64 {
        (height_mm / STEP_MM).round() as i64 + self.heights as i64 / 2
    }

    fn height_of(&self, step: usize) -> f64 {
        (step as f64 - (self.heights / 2) as f64) * STEP_MM
    }
}

pub(crate) fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
