//! Views of a crop: flips and turns for averaging, random ones for training.

use hilum_cohort::TILE_SIDE;
use rand::Rng;

/// How a crop is looked at: an in-plane similarity, a shift along the slices, and a gain and offset per slice.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// From centred output pixels to centred tile pixels.
    matrix: [[f32; 2]; 2],
    /// Shift in tile pixels.
    shift: [f32; 2],
    /// Shift of the slice choice, in steps between chosen slices.
    pub(crate) slice_shift: f64,
    /// Gain on HU + 1000 and offset in HU, per chosen slice; empty means none.
    pub(crate) intensity: Vec<(f32, f32)>,
    /// Factor on the measured diameter.
    pub(crate) diameter_factor: f64,
}

impl Default for View {
    fn default() -> Self {
        Self::flipped(false, false)
    }
}

impl View {
    /// The crop as it is, mirrored along columns, rows or both.
    pub const fn flipped(columns: bool, rows: bool) -> Self {
        let x = if columns { -1.0 } else { 1.0 };
        let y = if rows { -1.0 } else { 1.0 };
        Self {
            matrix: [[x, 0.0], [0.0, y]],
            shift: [0.0; 2],
            slice_shift: 0.0,
            intensity: Vec::new(),
            diameter_factor: 1.0,
        }
    }

    /// The four mirror images whose answers are averaged at inference.
    pub const MIRRORS: [Self; 4] = [
        Self::flipped(false, false),
        Self::flipped(true, false),
        Self::flipped(false, true),
        Self::flipped(true, true),
    ];

    /// Tile position (column, row) of an output pixel.
    pub(crate) fn tile_position(&self, x: usize, y: usize, side: usize) -> [f32; 2] {
        let center = (side / 2) as f32;
        let (x, y) = (x as f32 - center, y as f32 - center);
        let tile_center = (TILE_SIDE / 2) as f32;
        [0, 1].map(|r| self.matrix[r][0] * x + self.matrix[r][1] * y + self.shift[r] + tile_center)
    }
}

/// Strength of the random views of training.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Augmentation {
    /// Largest translation in pixels: a segmentation's centre is not the readers' centre.
    pub shift_px: f32,
    /// Largest zoom in or out, as a fraction: pixel spacing is unknown in training.
    pub zoom: f32,
    /// Standard deviation of the gain of a crop, and half of it again per slice: HU are estimates.
    pub gain: f32,
    /// Standard deviation of the offset per slice in HU.
    pub offset_hu: f32,
    /// Standard deviation of the logarithm of the diameter: a segmentation is not the readers' outline.
    pub log_diameter: f64,
    /// Share of samples whose diameter is withheld, so that the network also works without.
    pub withhold_diameter: f64,
}

impl Default for Augmentation {
    fn default() -> Self {
        Self {
            shift_px: 3.0,
            zoom: 0.15,
            gain: 0.08,
            offset_hu: 20.0,
            log_diameter: 0.08,
            withhold_diameter: 0.2,
        }
    }
}

impl Augmentation {
    /// A random view for a network that takes `slices` slices: any turn, any mirror, and the rest by strength.
    pub fn view(&self, slices: usize, rng: &mut impl Rng) -> View {
        let angle = rng.random_range(0.0..std::f32::consts::TAU);
        let zoom = rng.random_range(1.0 - self.zoom..=1.0 + self.zoom);
        let (sin, cos) = (angle.sin() * zoom, angle.cos() * zoom);
        let mirror = if rng.random::<bool>() { -1.0 } else { 1.0 };
        let mut shift = || rng.random_range(-self.shift_px..=self.shift_px);
        let shift = [shift(), shift()];
        let gain = 1.0 + self.gain * normal(rng);
        let intensity = (0..slices)
            .map(|_| {
                (
                    gain * (1.0 + 0.5 * self.gain * normal(rng)),
                    self.offset_hu * normal(rng),
                )
            })
            .collect();
        View {
            matrix: [[cos * mirror, -sin], [sin * mirror, cos]],
            shift,
            slice_shift: rng.random_range(-0.5..0.5),
            intensity,
            diameter_factor: (self.log_diameter * f64::from(normal(rng))).exp(),
        }
    }

    /// Whether this sample goes without its diameter.
    pub fn withholds_diameter(&self, rng: &mut impl Rng) -> bool {
        rng.random_bool(self.withhold_diameter.clamp(0.0, 1.0))
    }
}

/// A standard normal number, as the sum of twelve uniform ones (Irwin-Hall): tails end at 6, which suits a jitter.
fn normal(rng: &mut impl Rng) -> f32 {
    (0..12).map(|_| rng.random::<f32>()).sum::<f32>() - 6.0
}
