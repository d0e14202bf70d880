//! The chest without vessels, nodules and noise: one HU for each point.
//!
//! Coordinates are LPS mm with the origin between the lungs; z runs from 0 at the bottom of the scan to its height.

use crate::noise::texture;

/// Half axes of the body's cross-section in millimetres, left-right and front-back.
const BODY: [f64; 2] = [165.0, 112.0];
const AIR_HU: f64 = -1000.0;
const FAT_HU: f64 = -95.0;
const MUSCLE_HU: f64 = 52.0;
const LUNG_HU: f64 = -865.0;
/// Fat and muscle of the chest wall begin here, as a share of the body's ellipse.
const SUBCUTANEOUS: f64 = 0.90;

/// A chest of one height.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Anatomy {
    pub(crate) seed: u64,
    /// Length of the scan in millimetres.
    pub(crate) height_mm: f64,
    /// Heart and aorta, denser with contrast medium.
    pub(crate) blood_hu: f64,
}

/// What is at a point.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tissue {
    pub(crate) hu: f64,
    /// The lung that holds the point.
    pub(crate) lung: Option<Lung>,
}

/// One of the two lungs, by its side of the patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lung {
    Right,
    Left,
}

impl Anatomy {
    /// What is at a point.
    pub(crate) fn tissue(&self, point: [f64; 3]) -> Tissue {
        let lung = |lung, hu| Tissue { hu, lung: Some(lung) };
        let other = |hu| Tissue { hu, lung: None };
        let [x, y, _] = point;
        let radius = ellipse(x, y, BODY);
        if radius > 1.0 {
            return other(table(x, y));
        }
        if let Some(hu) = self.airway(point) {
            return other(hu);
        }
        if let Some(hu) = self.bone(point, radius) {
            return other(hu);
        }
        if let Some(side) = self.lung_at(point) {
            let gravity = 0.35 * y; // the dependent lung is denser
            return lung(side, LUNG_HU + gravity + 28.0 * texture(self.seed, point, 5.0));
        }
        let soft = 6.0 * texture(self.seed, point, 9.0);
        if radius > SUBCUTANEOUS {
            return other(FAT_HU + soft);
        }
        if self.heart(point) < 1.0 || self.aorta(point) < 1.0 {
            return other(self.blood_hu + soft);
        }
        // Fat of the mediastinum between its organs.
        if x.abs() < 35.0 && y < 40.0 && radius < 0.70 && self.above_diaphragm(point) {
            return other(FAT_HU + soft);
        }
        other(MUSCLE_HU + soft)
    }

    /// The lung that holds a point.
    pub(crate) fn lung_at(&self, point: [f64; 3]) -> Option<Lung> {
        [Lung::Right, Lung::Left]
            .into_iter()
            .find(|lung| self.depth(*lung, point) < 1.0)
            .filter(|_| {
                self.above_diaphragm(point)
                    && self.heart(point) > 1.0
                    && self.aorta(point) > 1.05
                    && spine(point) > 22.0
                    && self.airway(point).is_none()
            })
    }

    /// Where vessels enter a lung.
    pub(crate) fn hilum(&self, lung: Lung) -> [f64; 3] {
        let x = match lung {
            Lung::Right => -34.0,
            Lung::Left => 36.0,
        };
        [x, 4.0, 0.55 * self.height_mm]
    }

    /// A box around a lung: lowest and highest corner.
    pub(crate) fn bounds(&self, lung: Lung) -> [[f64; 3]; 2] {
        let (centre, half) = self.lung_shape(lung);
        [
            [0, 1, 2].map(|axis: usize| centre[axis] - half[axis]),
            [0, 1, 2].map(|axis: usize| centre[axis] + half[axis]),
        ]
    }

    fn lung_shape(&self, lung: Lung) -> ([f64; 3], [f64; 3]) {
        let middle = 0.47 * self.height_mm;
        match lung {
            Lung::Right => ([-76.0, 2.0, middle], [58.0, 82.0, 0.47 * self.height_mm]),
            Lung::Left => ([78.0, 4.0, middle], [54.0, 80.0, 0.46 * self.height_mm]),
        }
    }

    /// Below 1 inside: nearly a box in z, so that lungs are long, an ellipse across.
    pub(crate) fn depth(&self, lung: Lung, point: [f64; 3]) -> f64 {
        let (centre, half) = self.lung_shape(lung);
        let [u, v, w] = [0, 1, 2].map(|axis: usize| ((point[axis] - centre[axis]) / half[axis]).abs());
        u * u + v * v + w.powi(4)
    }

    fn above_diaphragm(&self, [x, y, z]: [f64; 3]) -> bool {
        let side = if x < 0.0 { -76.0 } else { 78.0 };
        let off = ((x - side) / 60.0).powi(2) + ((y + 5.0) / 85.0).powi(2);
        let dome = 0.17 * self.height_mm * (1.0 - off).max(0.0) + 0.03 * self.height_mm;
        z > dome
    }

    fn heart(&self, [x, y, z]: [f64; 3]) -> f64 {
        let centre = [22.0, -28.0, 0.27 * self.height_mm];
        let half = [52.0, 42.0, 0.22 * self.height_mm];
        ((x - centre[0]) / half[0]).powi(2)
            + ((y - centre[1]) / half[1]).powi(2)
            + ((z - centre[2]) / half[2]).powi(2)
    }

    /// Descending aorta, beside the spine.
    fn aorta(&self, [x, y, z]: [f64; 3]) -> f64 {
        if z > 0.70 * self.height_mm {
            return f64::INFINITY;
        }
        (x - 24.0).hypot(y - 46.0) / 12.0
    }

    /// Trachea and main bronchi: air in a thin wall.
    fn airway(&self, [x, y, z]: [f64; 3]) -> Option<f64> {
        let carina = 0.62 * self.height_mm;
        let (distance, radius) = if z >= carina {
            (x.hypot(y - 12.0), 9.0)
        } else {
            let drop = carina - z;
            // The right main bronchus is steeper than the left.
            let (right, left) = (-0.65 * drop, 0.95 * drop);
            let right = ((x - right).abs() * 0.84).hypot(y - 12.0);
            let left = ((x - left).abs() * 0.73).hypot(y - 12.0);
            if drop > 34.0 {
                return None;
            }
            (right.min(left), 6.0)
        };
        if distance < radius {
            Some(AIR_HU + 15.0)
        } else {
            (distance < radius + 1.8).then_some(20.0)
        }
    }

    fn bone(&self, point: [f64; 3], radius: f64) -> Option<f64> {
        let [x, y, z] = point;
        let distance = spine(point);
        let in_disc = z.rem_euclid(27.0) < 5.0;
        if distance < 19.0 {
            return Some(match distance > 16.5 {
                _ if in_disc => 85.0,
                true => 480.0,
                false => 190.0 + 60.0 * texture(self.seed, point, 4.0),
            });
        }
        let canal = x.hypot(y - 88.0);
        if canal < 13.0 {
            return Some(if canal < 9.0 { 25.0 } else { 520.0 });
        }
        // Sternum.
        if x.abs() < 16.0 && (-99.0..-89.0).contains(&y) && z > 0.30 * self.height_mm {
            return Some(260.0);
        }
        // Ribs run round the chest and slope down to the front.
        let across = (radius - 0.845) * 110.0;
        let along = (z - 0.38 * y).rem_euclid(28.0) - 14.0;
        let rib = across.hypot(along * 0.75);
        if rib < 5.0 && x.abs() > 18.0 {
            return Some(if rib > 3.2 { 560.0 } else { 220.0 });
        }
        None
    }
}

/// Distance from the axis of the vertebral bodies.
fn spine([x, y, _]: [f64; 3]) -> f64 {
    x.hypot((y - 62.0) * 1.15)
}

/// Air, and the table under the patient.
fn table(x: f64, y: f64) -> f64 {
    let under = 122.0 - 0.0008 * x * x;
    if (under..under + 4.0).contains(&y) && x.abs() < 170.0 {
        -250.0
    } else {
        AIR_HU
    }
}

/// 1 on the ellipse, below 1 inside.
fn ellipse(x: f64, y: f64, half: [f64; 2]) -> f64 {
    (x / half[0]).hypot(y / half[1])
}
