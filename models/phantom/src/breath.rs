//! Where the chest is in the scanner: another position on the table, another breath.

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

/// How a CT's chest differs from the reference chest. The default does not differ.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Breath {
    /// The whole chest lies here instead of at the origin, LPS mm.
    pub shift_mm: [f64; 3],
    /// Turned on the table about the body's axis, degrees.
    pub roll_degrees: f64,
    /// How much deeper the diaphragm stands, mm; the apex stays.
    pub diaphragm_mm: f64,
    /// How much wider the chest is, as a share.
    pub widening: f64,
    /// Amplitude of a slow wave of the tissue in every direction, mm.
    pub wave_mm: f64,
    /// Phases of that wave, in turns.
    pub wave_phases: [f64; 3],
}

/// Wave lengths in mm; different, so that the directions do not move together.
const WAVES_MM: [f64; 3] = [170.0, 190.0, 210.0];

impl Breath {
    /// A breath and a position as they differ between two visits of one patient: up to 10 mm of shift, 3 degrees,
    /// 14 mm of diaphragm, 2 % of width, 1.5 mm of wave.
    pub fn drawn(seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut within = |most: f64| rng.random_range(-most..most);
        Self {
            shift_mm: [within(10.0), within(10.0), within(10.0)],
            roll_degrees: within(3.0),
            diaphragm_mm: within(14.0),
            widening: within(0.02),
            wave_mm: 1.5,
            wave_phases: [within(0.5), within(0.5), within(0.5)],
        }
    }
}

/// A [`Breath`] in a chest of one height: maps between scanner and reference chest, both LPS mm.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pose {
    breath: Breath,
    height_mm: f64,
    cos: f64,
    sin: f64,
    is_reference: bool,
}

impl Pose {
    pub(crate) fn new(breath: Breath, height_mm: f64) -> Self {
        let (sin, cos) = breath.roll_degrees.to_radians().sin_cos();
        Self {
            breath,
            height_mm,
            cos,
            sin,
            is_reference: breath == Breath::default(),
        }
    }

    /// The place in the reference chest of what is at `point` in the scanner.
    pub(crate) fn to_reference(self, point: [f64; 3]) -> [f64; 3] {
        if self.is_reference {
            return point;
        }
        let [x, y, z] = [0, 1, 2].map(|axis: usize| point[axis] - self.breath.shift_mm[axis]);
        let upright = [self.cos * x + self.sin * y, self.cos * y - self.sin * x, z];
        let moved = self.displacement(upright);
        [0, 1, 2].map(|axis: usize| upright[axis] + moved[axis])
    }

    /// The place in the scanner of a point of the reference chest.
    pub(crate) fn to_scanner(self, point: [f64; 3]) -> [f64; 3] {
        if self.is_reference {
            return point;
        }
        // The displacement changes by less than a fifth of a millimetre per millimetre, so that each round takes
        // four fifths of the error away.
        let mut upright = point;
        for _ in 0..25 {
            let moved = self.displacement(upright);
            upright = [0, 1, 2].map(|axis: usize| point[axis] - moved[axis]);
        }
        let [x, y, z] = upright;
        let turned = [self.cos * x - self.sin * y, self.cos * y + self.sin * x, z];
        [0, 1, 2].map(|axis: usize| turned[axis] + self.breath.shift_mm[axis])
    }

    fn displacement(self, [x, y, z]: [f64; 3]) -> [f64; 3] {
        let Breath {
            diaphragm_mm,
            widening,
            wave_mm,
            wave_phases,
            ..
        } = self.breath;
        let below_apex = (1.0 - z / self.height_mm).clamp(0.0, 1.0);
        let wave = |axis: usize, along: f64| {
            wave_mm * (std::f64::consts::TAU * (along / WAVES_MM[axis] + wave_phases[axis])).sin()
        };
        [
            wave(0, y) - widening * x,
            wave(1, z) - widening * y,
            wave(2, x) + diaphragm_mm * below_apex * below_apex,
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for seed in 0..50 {
            let pose = Pose::new(Breath::drawn(seed), 297.5);
            for point in [[-80.0, 20.0, 40.0], [78.0, -60.0, 150.0], [0.0, 50.0, 280.0]] {
                let back = pose.to_scanner(pose.to_reference(point));
                for axis in 0..3 {
                    assert!((back[axis] - point[axis]).abs() < 1e-6, "{seed}: {back:?}");
                }
            }
        }
        let still = Pose::new(Breath::default(), 300.0);
        // Bit for bit: a phantom without a breath is the reference itself.
        let point = [1.0, 2.0, 3.0];
        assert_eq!(
            still.to_reference(point).map(f64::to_bits),
            point.map(f64::to_bits)
        );
    }
}
