//! The body of a nodule: a ball with bulges and spikes, what it is made of, where it ends.

use hilum_domain::{Lobe, Lps, NoduleType, Sha256};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::nodule::PhantomNodule;
use crate::space::Space;
use crate::vector::{along, dot, length, minus, unit};

/// Directions over which the volume of a body is integrated.
const DIRECTIONS: usize = 4000;
/// Share of a part-solid nodule's diameter that is solid.
const CORE: f64 = 0.5;
/// Bulges of a lobulated nodule.
const BULGES: usize = 7;
/// Width of a bulge: one minus the cosine at which it has fallen to 1/e.
const BULGE_WIDTH: f64 = 0.14;
/// Spikes at full strength.
const MOST_SPIKES: f64 = 16.0;

/// One nodule in the scanner's frame.
#[derive(Debug, Clone)]
pub(crate) struct Body {
    pub(crate) nodule: PhantomNodule,
    /// The same over time.
    pub(crate) identity: usize,
    /// Volume relative to the prior CT; `None` without one, or when the nodule is new.
    pub(crate) growth: Option<f64>,
    centre: [f64; 3],
    /// Radius before bulges.
    radius_mm: f64,
    bulges: Vec<Bulge>,
    spikes: Vec<Spike>,
    /// It ends where this lobe ends.
    pub(crate) confined_to: Option<Lobe>,
}

#[derive(Debug, Clone, Copy)]
struct Bulge {
    direction: [f64; 3],
    height: f64,
}

/// A cone from the surface outwards, relative to the centre.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spike {
    from: [f64; 3],
    to: [f64; 3],
    radii_mm: [f64; 2],
}

impl Body {
    /// The body of a nodule; bulges and spikes are drawn from patient and identity, so that they are the same in
    /// every CT of the patient.
    pub(crate) fn new(nodule: PhantomNodule, identity: usize, seed: u64, space: &Space) -> Self {
        let digest = Sha256::of(format!("hilum phantom body {seed} {identity}").as_bytes());
        let seed = u64::from_str_radix(&digest.as_str()[..16], 16).unwrap_or(seed);
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let Lps(centre) = nodule.center_lps_mm;
        let bulges = if nodule.lobulation > 0.0 {
            bulges(nodule.lobulation, &mut rng)
        } else {
            Vec::new()
        };
        let mut body = Self {
            nodule,
            identity,
            growth: None,
            centre,
            radius_mm: nodule.diameter_mm / 2.0,
            bulges,
            spikes: Vec::new(),
            confined_to: nodule
                .attachment
                .is_cut()
                .then(|| space.lobe_at(centre))
                .flatten(),
        };
        if !body.bulges.is_empty() {
            // Bulges add volume: the ball below them shrinks until the whole has the volume that was asked for.
            let cube = mean_over_sphere(|direction| body.swelling(direction).powi(3));
            body.radius_mm /= cube.cbrt();
        }
        body.spikes = body.grow_spikes(&mut rng);
        body
    }

    /// Centre of the ball.
    pub(crate) const fn centre(&self) -> [f64; 3] {
        self.centre
    }

    /// No part of the body or its spikes is farther from the centre.
    pub(crate) fn reach_mm(&self) -> f64 {
        let spikes = self
            .spikes
            .iter()
            .map(|spike| length(spike.to) + spike.radii_mm[1]);
        let bulges = self.bulges.iter().map(|bulge| bulge.height).sum::<f64>();
        spikes.fold(self.radius_mm * (1.0 + bulges), f64::max)
    }

    /// Distance of the surface from the centre in a direction of length 1, pleura and fissures not considered.
    pub(crate) fn radius_towards(&self, direction: [f64; 3]) -> f64 {
        if self.bulges.is_empty() {
            return self.radius_mm;
        }
        self.radius_mm * self.swelling(direction)
    }

    fn swelling(&self, direction: [f64; 3]) -> f64 {
        self.bulges.iter().fold(1.0, |sum, bulge| {
            let off = 1.0 - dot(direction, bulge.direction);
            sum + bulge.height * (-off / BULGE_WIDTH).exp()
        })
    }

    /// Whether a point lies in the body, spikes left out.
    pub(crate) fn holds(&self, space: &Space, point: [f64; 3]) -> bool {
        let off = minus(point, self.centre);
        let distance = length(off);
        distance <= self.radius_towards(unit(off)) && self.may_hold(space, point)
    }

    /// Whether pleura and fissures leave this point to the nodule.
    fn may_hold(&self, space: &Space, point: [f64; 3]) -> bool {
        self.confined_to
            .is_none_or(|lobe| space.lobe_at(point) == Some(lobe))
    }

    /// HU at a point, given what would be there without the nodule; edges are blurred over `edge_mm`.
    pub(crate) fn blend(&self, space: &Space, point: [f64; 3], edge_mm: f64, background_hu: f64) -> f64 {
        let distance_mm = Lps(point).distance_mm(Lps(self.centre));
        if distance_mm > self.reach_mm() + edge_mm || !self.may_hold(space, point) {
            return background_hu;
        }
        let radius = if self.bulges.is_empty() {
            self.radius_mm
        } else {
            self.radius_towards(unit(minus(point, self.centre)))
        };
        let inside = |radius: f64| ((radius - distance_mm) / edge_mm + 0.5).clamp(0.0, 1.0);
        let mix = |from: f64, to: f64, part: f64| from + (to - from) * part;
        let spiked = self
            .spikes
            .iter()
            .map(|spike| spike.part(minus(point, self.centre), edge_mm))
            .fold(inside(radius), f64::max);
        match self.nodule.kind {
            NoduleType::Solid => mix(background_hu, 35.0, spiked),
            NoduleType::Calcified => mix(background_hu, 420.0, spiked),
            NoduleType::Fat => mix(background_hu, -80.0, spiked),
            NoduleType::GroundGlass => mix(background_hu, -590.0, spiked),
            NoduleType::PartSolid => {
                let shell = mix(background_hu, -560.0, spiked);
                mix(shell, 30.0, inside(radius * CORE))
            }
        }
    }

    /// Volume in mm3 and centre of mass of the body without its spikes.
    ///
    /// A body that pleura or fissure cut is star-shaped about its centre as long as they bend less than it does.
    pub(crate) fn volume_and_centre(&self, space: &Space, scale: f64) -> (f64, [f64; 3]) {
        if self.bulges.is_empty() && self.confined_to.is_none() {
            let radius = self.radius_mm * scale;
            return (4.0 / 3.0 * std::f64::consts::PI * radius.powi(3), self.centre);
        }
        let (mut cubes, mut moments) = (0.0, [0.0; 3]);
        for direction in directions() {
            let reach = self.reach_towards(space, direction, scale);
            cubes += reach.powi(3);
            for axis in 0..3 {
                moments[axis] += direction[axis] * reach.powi(4);
            }
        }
        let solid_angle = 4.0 * std::f64::consts::PI / DIRECTIONS as f64;
        let volume = cubes * solid_angle / 3.0;
        let centre = [0, 1, 2].map(|axis: usize| self.centre[axis] + 0.75 * moments[axis] / cubes);
        (volume, centre)
    }

    /// Volume of the solid core in mm3; `None` when the nodule has no other part.
    pub(crate) fn core_volume_mm3(&self, space: &Space) -> Option<f64> {
        (self.nodule.kind == NoduleType::PartSolid).then(|| self.volume_and_centre(space, CORE).0)
    }

    /// Volume of the spikes in mm3.
    pub(crate) fn spike_volume_mm3(&self) -> f64 {
        // Not `sum`: that of nothing is minus zero.
        self.spikes
            .iter()
            .fold(0.0, |sum, spike| sum + spike.volume_mm3())
    }

    /// Distance from the centre to where the body ends in a direction, all radii scaled.
    fn reach_towards(&self, space: &Space, direction: [f64; 3], scale: f64) -> f64 {
        let radius = self.radius_towards(direction) * scale;
        let open = |distance: f64| self.may_hold(space, along(self.centre, direction, distance));
        if self.confined_to.is_none() || open(radius) {
            return radius;
        }
        let (mut inside, mut outside) = (0.0, radius);
        for _ in 0..24 {
            let middle = f64::midpoint(inside, outside);
            if open(middle) {
                inside = middle;
            } else {
                outside = middle;
            }
        }
        inside
    }

    /// The point of pleura or fissure that a confined nodule grows from: the nearest to its centre.
    pub(crate) fn base(&self, space: &Space) -> Option<[f64; 3]> {
        self.confined_to?;
        directions()
            .map(|direction| (self.reach_towards(space, direction, 1.0), direction))
            .filter(|(reach, direction)| *reach < self.radius_towards(*direction))
            .min_by(|(a, _), (b, _)| a.total_cmp(b))
            .map(|(reach, direction)| along(self.centre, direction, reach))
    }

    fn grow_spikes(&self, rng: &mut ChaCha8Rng) -> Vec<Spike> {
        let strength = self.nodule.spiculation;
        let count = (MOST_SPIKES * strength).round() as usize;
        (0..count)
            .map(|_| {
                let direction = random_direction(rng);
                let surface = self.radius_towards(direction);
                let beyond = self.radius_mm * (0.3 + 0.5 * strength) * rng.random_range(0.7..1.3);
                let width = (0.10 * self.radius_mm).max(0.5);
                Spike {
                    from: along([0.0; 3], direction, surface - width),
                    to: along([0.0; 3], direction, surface + beyond),
                    radii_mm: [width, 0.4 * width],
                }
            })
            .collect()
    }
}

impl Spike {
    /// How much of a point, relative to the centre, belongs to the spike.
    fn part(&self, point: [f64; 3], edge_mm: f64) -> f64 {
        let axis = minus(self.to, self.from);
        let off = minus(point, self.from);
        let at = (dot(off, axis) / dot(axis, axis)).clamp(0.0, 1.0);
        let radius = self.radii_mm[0] + (self.radii_mm[1] - self.radii_mm[0]) * at;
        let distance = length(minus(off, axis.map(|part| part * at)));
        ((radius - distance) / edge_mm + 0.5).clamp(0.0, 1.0)
    }

    /// A frustum.
    fn volume_mm3(&self) -> f64 {
        let [a, b] = self.radii_mm;
        let height = length(minus(self.to, self.from));
        std::f64::consts::PI * height / 3.0 * (a * a + a * b + b * b)
    }
}

fn bulges(strength: f64, rng: &mut ChaCha8Rng) -> Vec<Bulge> {
    (0..BULGES)
        .map(|_| Bulge {
            direction: random_direction(rng),
            height: strength * rng.random_range(0.15..0.40),
        })
        .collect()
}

fn random_direction(rng: &mut ChaCha8Rng) -> [f64; 3] {
    let z: f64 = rng.random_range(-1.0..1.0);
    let turn = rng.random_range(0.0..std::f64::consts::TAU);
    let flat = (1.0 - z * z).sqrt();
    [flat * turn.cos(), flat * turn.sin(), z]
}

fn mean_over_sphere(value: impl Fn([f64; 3]) -> f64) -> f64 {
    directions().map(value).sum::<f64>() / DIRECTIONS as f64
}

/// Directions evenly over the sphere, each for the same solid angle (a Fibonacci lattice).
fn directions() -> impl Iterator<Item = [f64; 3]> {
    let golden_angle = std::f64::consts::PI * (3.0 - 5.0_f64.sqrt());
    (0..DIRECTIONS).map(move |at| {
        let z = 1.0 - (2.0 * at as f64 + 1.0) / DIRECTIONS as f64;
        let flat = (1.0 - z * z).sqrt();
        let turn = golden_angle * at as f64;
        [flat * turn.cos(), flat * turn.sin(), z]
    })
}
