//! Where nodules go, in the reference chest.

use hilum_domain::{Lobe, Lps, NoduleType};
use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

use crate::anatomy::{Anatomy, Lung};
use crate::nodule::{Attachment, PhantomNodule, WantedNodule};
use crate::options::PhantomError;
use crate::vector::{along, dot, minus, unit};
use crate::vessels::Segment;

const TRIES: usize = 20_000;
/// A nodule on pleura or fissure has its centre this many radii inside of it.
const SEATED: f64 = 0.55;
/// Vessels that a nodule can be told to sit on, by radius in mm.
const CARRIERS_MM: std::ops::Range<f64> = 1.0..2.6;

/// Where a nodule is asked for, and how large.
#[derive(Clone, Copy)]
struct Wish {
    lung: Lung,
    lobe: Option<Lobe>,
    radius_mm: f64,
}

/// What is in the chest already.
pub(crate) struct Place<'a> {
    pub(crate) anatomy: &'a Anatomy,
    pub(crate) vessels: &'a [Segment],
    pub(crate) taken: Vec<PhantomNodule>,
}

impl Place<'_> {
    /// One of each kind but fat.
    pub(crate) fn one_of_each(&mut self, rng: &mut ChaCha8Rng) -> Result<(), PhantomError> {
        let kinds = [
            (NoduleType::Solid, 9.0..14.0),
            (NoduleType::PartSolid, 14.0..20.0),
            (NoduleType::GroundGlass, 10.0..16.0),
            (NoduleType::Calcified, 5.0..8.0),
        ];
        for (at, (kind, diameters)) in kinds.into_iter().enumerate() {
            let diameter_mm = (rng.random_range(diameters) * 10.0_f64).round() / 10.0;
            let wish = Wish {
                lung: if at % 2 == 0 { Lung::Right } else { Lung::Left },
                lobe: None,
                radius_mm: diameter_mm / 2.0,
            };
            let center = (0..TRIES)
                .find_map(|_| self.anywhere(wish, rng))
                .ok_or(PhantomError::NoPlace { diameter_mm })?;
            self.taken.push(PhantomNodule::ball(center, diameter_mm, kind));
        }
        Ok(())
    }

    /// A nodule as it was asked for.
    pub(crate) fn put(&mut self, wanted: &WantedNodule, rng: &mut ChaCha8Rng) -> Result<(), PhantomError> {
        let lung = match wanted.lobe {
            Some(Lobe::RightUpper | Lobe::RightMiddle | Lobe::RightLower) => Lung::Right,
            None if rng.random_bool(0.5) => Lung::Right,
            Some(Lobe::LeftUpper | Lobe::LeftLower) | None => Lung::Left,
        };
        let diameter_mm = wanted.diameter_mm;
        let wish = Wish {
            lung,
            lobe: wanted.lobe,
            radius_mm: diameter_mm / 2.0,
        };
        let place = (0..TRIES).find_map(|_| match wanted.attachment {
            Attachment::Free => self.in_parenchyma(wish, rng),
            Attachment::Juxtapleural => self.on_pleura(wish, rng),
            Attachment::Juxtavascular => self.on_vessel(wish, rng),
            Attachment::Perifissural => self.on_fissure(wish, rng),
        });
        let center = place.ok_or(PhantomError::NoPlace { diameter_mm })?;
        self.taken.push(wanted.at(center));
        Ok(())
    }

    /// One try: a place in the lung that touches neither its surface, a vessel worth the name, nor another nodule.
    fn anywhere(&self, wish: Wish, rng: &mut ChaCha8Rng) -> Option<Lps> {
        let point = self.somewhere(wish.lung, rng);
        self.is_free(wish, point).then_some(Lps(point))
    }

    /// The same, away from fissures too.
    fn in_parenchyma(&self, wish: Wish, rng: &mut ChaCha8Rng) -> Option<Lps> {
        let point = self.somewhere(wish.lung, rng);
        (self.is_in_lobe(wish, point) && self.is_free(wish, point)).then_some(Lps(point))
    }

    fn is_free(&self, wish: Wish, point: [f64; 3]) -> bool {
        self.lung_around(wish, point, 3.0)
            && self.clear_of_nodules(wish, point)
            && self.clear_of_vessels(wish, point)
    }

    /// One try: on the pleura of the chest wall, away from diaphragm, mediastinum and fissures.
    fn on_pleura(&self, wish: Wish, rng: &mut ChaCha8Rng) -> Option<Lps> {
        let lung = wish.lung;
        let start = self.in_lung(lung, rng)?;
        let wall = self.wall(lung, start, self.outward(lung, start))?;
        let inward = self.outward(lung, wall).map(|part| -part);
        let point = along(wall, inward, SEATED * wish.radius_mm);
        // What is not lung around it must be chest wall: no diaphragm, no mediastinum.
        let seated = around(point, wish.radius_mm + 3.0)
            .all(|at| self.anatomy.lung_at(at) == Some(lung) || self.anatomy.depth(lung, at) > 1.0);
        let free = seated
            && self.clear_of_bone(wish, point)
            && self.is_in_lobe(wish, point)
            && self.clear_of_nodules(wish, point)
            && self.clear_of_vessels(wish, point);
        free.then_some(rounded(point))
    }

    /// One try: overlapping a vessel by a little, with lung all around else.
    fn on_vessel(&self, wish: Wish, rng: &mut ChaCha8Rng) -> Option<Lps> {
        let radius_mm = wish.radius_mm;
        let carriers: Vec<&Segment> = self
            .vessels
            .iter()
            .filter(|vessel| CARRIERS_MM.contains(&vessel.radius_mm))
            .collect();
        if carriers.is_empty() {
            return None;
        }
        let carrier = carriers[rng.random_range(0..carriers.len())];
        let axis = minus(carrier.to, carrier.from);
        let at = along(carrier.from, axis, rng.random_range(0.3..0.7));
        let turn = [0, 1, 2].map(|_| rng.random_range(-1.0..1.0));
        let across = unit(minus(
            turn,
            axis.map(|part| part * dot(turn, axis) / dot(axis, axis)),
        ));
        let point = along(at, across, carrier.radius_mm + 0.8 * radius_mm);
        let free = self.lung_around(wish, point, 3.0)
            && self.is_in_lobe(wish, point)
            && self.clear_of_nodules(wish, point)
            && self.vessels.iter().all(|vessel| {
                std::ptr::eq(vessel, carrier)
                    || vessel.distance_mm(point) > 0.8 * radius_mm + vessel.radius_mm
            });
        free.then_some(rounded(point))
    }

    /// One try: on a fissure, on one of its sides.
    fn on_fissure(&self, wish: Wish, rng: &mut ChaCha8Rng) -> Option<Lps> {
        let Wish {
            lung,
            lobe,
            radius_mm,
        } = wish;
        let start = self.in_lung(lung, rng)?;
        // Down the slope of the distance to where it is the seat's: on the side that the start lies on.
        let distance = |at: [f64; 3]| self.anatomy.fissure_distance_mm(lung, at);
        let away = unit(gradient(distance, start));
        let point = along(start, away, SEATED * radius_mm - distance(start));
        let seated = (distance(point) - SEATED * radius_mm).abs() < 0.1 * radius_mm;
        let one_fissure = {
            // Where two fissures meet three lobes are near.
            let own = self.anatomy.lobe_in(lung, point);
            let mut others: Vec<Lobe> = around(point, radius_mm + 4.0)
                .map(|at| self.anatomy.lobe_in(lung, at))
                .filter(|lobe| *lobe != own)
                .collect();
            others.sort_unstable();
            others.dedup();
            others.len() == 1 && lobe.is_none_or(|lobe| lobe == own)
        };
        let free = self.lung_around(wish, point, 4.0)
            && seated
            && one_fissure
            && self.clear_of_nodules(wish, point)
            && self.clear_of_vessels(wish, point);
        free.then_some(rounded(point))
    }

    /// A point of the lung; `None` where the dice fell beside it.
    fn in_lung(&self, lung: Lung, rng: &mut ChaCha8Rng) -> Option<[f64; 3]> {
        let point = self.somewhere(lung, rng);
        (self.anatomy.lung_at(point) == Some(lung)).then_some(point)
    }

    /// Whether all is lung up to `margin_mm` beyond a nodule.
    fn lung_around(&self, wish: Wish, point: [f64; 3], margin_mm: f64) -> bool {
        around(point, wish.radius_mm + margin_mm).all(|at| self.anatomy.lung_at(at) == Some(wish.lung))
    }

    fn somewhere(&self, lung: Lung, rng: &mut ChaCha8Rng) -> [f64; 3] {
        let [low, high] = self.anatomy.bounds(lung);
        [0, 1, 2].map(|axis: usize| (rng.random_range(low[axis]..high[axis]) * 10.0).round() / 10.0)
    }

    /// Whether a nodule lies in the lobe that was asked for, away from its fissures.
    fn is_in_lobe(&self, wish: Wish, point: [f64; 3]) -> bool {
        wish.lobe
            .is_none_or(|lobe| self.anatomy.lobe_in(wish.lung, point) == lobe)
            && self.anatomy.fissure_distance_mm(wish.lung, point) > wish.radius_mm + 3.0
    }

    /// Ribs reach into the shape of the lungs: a nodule within one would be none.
    fn clear_of_bone(&self, wish: Wish, point: [f64; 3]) -> bool {
        around(point, 0.5 * wish.radius_mm)
            .filter(|at| self.anatomy.lung_at(*at) == Some(wish.lung))
            .all(|at| self.anatomy.tissue(at).lung == Some(wish.lung))
    }

    fn clear_of_vessels(&self, wish: Wish, point: [f64; 3]) -> bool {
        self.vessels
            .iter()
            .all(|vessel| vessel.distance_mm(point) > wish.radius_mm + 1.0 + vessel.radius_mm)
    }

    fn clear_of_nodules(&self, wish: Wish, point: [f64; 3]) -> bool {
        self.taken.iter().all(|other| {
            other.center_lps_mm.distance_mm(Lps(point)) > wish.radius_mm + other.diameter_mm / 2.0 + 10.0
        })
    }

    /// Direction in which a point's depth in its lung falls fastest: to the chest wall.
    fn outward(&self, lung: Lung, point: [f64; 3]) -> [f64; 3] {
        unit(gradient(|at| self.anatomy.depth(lung, at), point))
    }

    /// Where the lung ends at the chest wall on the way from a point inside; `None` where something else ends it.
    fn wall(&self, lung: Lung, from: [f64; 3], direction: [f64; 3]) -> Option<[f64; 3]> {
        const STEP_MM: f64 = 1.0;
        let inside = |distance: f64| self.anatomy.lung_at(along(from, direction, distance)) == Some(lung);
        let mut low = 0.0;
        while inside(low + STEP_MM) {
            low += STEP_MM;
        }
        let mut high = low + STEP_MM;
        for _ in 0..20 {
            let middle = f64::midpoint(low, high);
            if inside(middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        (self.anatomy.depth(lung, along(from, direction, high)) >= 1.0).then(|| along(from, direction, low))
    }
}

/// The point and its 26 neighbours at a distance along each axis.
fn around(point: [f64; 3], reach: f64) -> impl Iterator<Item = [f64; 3]> {
    let steps = [-1.0, 0.0, 1.0];
    steps.into_iter().flat_map(move |x| {
        steps.into_iter().flat_map(move |y| {
            steps
                .into_iter()
                .map(move |z: f64| along(point, [x, y, z], reach))
        })
    })
}

fn gradient(value: impl Fn([f64; 3]) -> f64, point: [f64; 3]) -> [f64; 3] {
    const STEP_MM: f64 = 0.5;
    [0, 1, 2].map(|axis: usize| {
        let mut direction = [0.0; 3];
        direction[axis] = 1.0;
        value(along(point, direction, STEP_MM)) - value(along(point, direction, -STEP_MM))
    })
}

/// To a tenth of a millimetre, so that truth can be written down.
fn rounded(point: [f64; 3]) -> Lps {
    Lps(point.map(|part| (part * 10.0).round() / 10.0))
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;

    use super::*;

    /// Ribs reach into the shape of the lungs, where the chest wall begins.
    #[test]
    fn no_nodule_of_the_pleura_lies_in_a_rib() {
        let anatomy = Anatomy {
            seed: 3,
            height_mm: 290.0,
            blood_hu: 45.0,
        };
        for seed in 0..100 {
            let mut place = Place {
                anatomy: &anatomy,
                vessels: &[],
                taken: Vec::new(),
            };
            let wanted = WantedNodule {
                attachment: Attachment::Juxtapleural,
                ..WantedNodule::ball(4.0, NoduleType::Solid)
            };
            place.put(&wanted, &mut ChaCha8Rng::seed_from_u64(seed)).unwrap();
            let Lps(center) = place.taken[0].center_lps_mm;
            assert!(anatomy.tissue(center).lung.is_some(), "seed {seed}: {center:?}");
        }
    }
}
