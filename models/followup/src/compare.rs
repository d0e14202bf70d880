//! Two examinations, nodule by nodule.

use hilum_domain::{ChangeState, NoduleType};

use crate::assign::assign;
use crate::confirm::share_of_tissue;
use crate::growth::{Growth, Measured};
use crate::nodule::{Examination, Nodule};
use crate::outcome::{Comparison, Doubt, Followed, Resolved};
use crate::rediscover::{Sought, look};
use crate::register::{Registration, RegistrationError, register};
use crate::tissue;

/// A nodule may lie off its expected place by so many standard deviations of the registration,
const DEVIATIONS: f64 = 2.5;
/// by this anyway,
const LEAST_MM: f64 = 3.0;
/// and by this share of its diameter, since outlines differ.
const SHARE_OF_DIAMETER: f64 = 0.25;
/// A factor in volume that costs as much as a third of the way to the farthest place.
const SIZE_FACTOR: f64 = 4.0;
const SIZE_COST: f64 = 0.3;
/// Off by more than this share of what is allowed is doubtful.
const FAR: f64 = 0.6;
/// Another pairing that costs so little more is as likely.
const AMBIGUOUS: f64 = 0.4;
/// A registration that may be off by more is doubtful.
const POOR_REGISTRATION_MM: f64 = 5.0;
/// Growth that outlines alone show must show in the tissue of the larger outline too, by at least this change of it.
const LEAST_TISSUE_CHANGE: f64 = 0.12;
/// Volumes that a nodule may have had before, relative to now, to be the one that was not detected then.
const EARLIER: std::ops::Range<f64> = 0.08..2.0;
/// And that it may have now, relative to before.
const LATER: std::ops::Range<f64> = 0.3..6.0;

/// Compares two CTs of one patient. Whose they are is the caller's business.
///
/// # Errors
/// [`RegistrationError`] when the CTs cannot be laid on each other.
pub fn compare(
    current: &Examination<'_>,
    prior: &Examination<'_>,
    interval_days: Option<u32>,
) -> Result<Comparison, RegistrationError> {
    let registration = register((current.volume, current.lungs), (prior.volume, prior.lungs))?;
    let pairing = Pairing {
        current,
        prior,
        registration: &registration,
        interval_days,
    };
    let (current, missed, resolved) = pairing.all();
    Ok(Comparison {
        registration,
        current,
        missed,
        resolved,
    })
}

struct Pairing<'a> {
    current: &'a Examination<'a>,
    prior: &'a Examination<'a>,
    registration: &'a Registration,
    interval_days: Option<u32>,
}

impl Pairing<'_> {
    fn all(&self) -> (Vec<Followed>, Vec<(Nodule, Followed)>, Vec<Resolved>) {
        let costs: Vec<Vec<Option<f64>>> = self
            .current
            .nodules
            .iter()
            .map(|now| {
                self.prior
                    .nodules
                    .iter()
                    .map(|then| self.cost(now, then))
                    .collect()
            })
            .collect();
        let partners = assign(&costs);
        let mut taken = vec![false; self.prior.nodules.len()];
        for &partner in partners.iter().flatten() {
            taken[partner] = true;
        }
        let mut followed: Vec<Option<Followed>> = partners
            .iter()
            .enumerate()
            .map(|(at, partner)| partner.map(|then| self.pair(&costs, at, then)))
            .collect();
        self.merge(&mut followed, &mut taken);
        self.split(&mut followed);
        let current = followed
            .into_iter()
            .zip(self.current.nodules)
            .map(|(followed, now)| followed.unwrap_or_else(|| self.alone(now)))
            .collect();
        let (missed, resolved) = self.left_over(&taken);
        (current, missed, resolved)
    }

    /// What it costs to take two for the same; `None` when they cannot be.
    fn cost(&self, now: &Nodule, then: &Nodule) -> Option<f64> {
        let expected = self.registration.to_prior(now.center);
        let share = expected.distance_mm(then.center) / self.allowed_mm(now, then);
        let is_inside = then.holds(self.prior.volume, expected)
            || now.holds(self.current.volume, self.registration.to_current(then.center));
        if share > 1.0 && !is_inside {
            return None;
        }
        let size = (now.volume_mm3 / then.volume_mm3).ln() / SIZE_FACTOR.ln();
        Some(share.min(1.0).powi(2) + SIZE_COST * size.powi(2).min(3.0) + type_cost(now, then))
    }

    /// How far from its expected place a nodule may lie.
    fn allowed_mm(&self, now: &Nodule, then: &Nodule) -> f64 {
        let error = self
            .registration
            .error_mm(now.center)
            .min(2.0 * POOR_REGISTRATION_MM);
        let diameter = now.mean_diameter_mm.max(then.mean_diameter_mm);
        LEAST_MM + DEVIATIONS * error + SHARE_OF_DIAMETER * diameter
    }

    /// Row `at` and column `then` of the table are the same nodule.
    fn pair(&self, costs: &[Vec<Option<f64>>], at: usize, then: usize) -> Followed {
        let (now, before) = (&self.current.nodules[at], &self.prior.nodules[then]);
        let own = costs[at][then].unwrap_or_default();
        let rivals = costs[at]
            .iter()
            .enumerate()
            .filter(|(column, _)| *column != then)
            .map(|(_, cost)| cost)
            .chain(
                costs
                    .iter()
                    .enumerate()
                    .filter(|(row, _)| *row != at)
                    .map(|(_, row)| &row[then]),
            );
        let mut followed = self.same(now, before);
        followed.prior = vec![then];
        if rivals.flatten().any(|cost| cost - own < AMBIGUOUS) {
            followed.doubts.push(Doubt::Ambiguous);
        }
        followed
    }

    /// Two outlines of one nodule.
    fn same(&self, now: &Nodule, then: &Nodule) -> Followed {
        let outlines = Growth::between(
            then.measured(self.prior.volume),
            now.measured(self.current.volume),
            self.interval_days,
        );
        let ratio = tissue::ratio((now, self.current.volume), (then, self.prior.volume));
        let mut growth = ratio.map_or(outlines, |ratio| outlines.by_tissue(ratio, self.interval_days));
        let distance_mm = self.registration.to_prior(now.center).distance_mm(then.center);
        let error_mm = self.registration.error_mm(now.center);
        let mut doubts = Vec::new();
        if distance_mm > FAR * self.allowed_mm(now, then) {
            doubts.push(Doubt::FarOff { distance_mm });
        }
        if (now.volume_mm3 / then.volume_mm3).ln().abs() > SIZE_FACTOR.ln() {
            doubts.push(Doubt::SizeJump);
        }
        if type_cost(now, then) >= 1.0 {
            doubts.push(Doubt::TypeChanged);
        }
        doubts.extend(poor(error_mm));
        let mut state = growth.state();
        if ratio.is_none() && state != ChangeState::Stable && !self.tissue_changed(now, then) {
            state = ChangeState::Stable;
            growth.doubling_time_days = None;
        }
        if outlines.state() != state {
            doubts.push(Doubt::OutlinesDiffer);
        }
        Followed {
            state,
            prior: Vec::new(),
            found_in_prior: None,
            growth: Some(growth),
            distance_mm: Some(distance_mm),
            registration_error_mm: error_mm,
            doubts,
        }
    }

    /// Whether the region of the larger outline holds less tissue where the nodule is said to be smaller. Where that
    /// cannot be told either, the outlines have the last word.
    fn tissue_changed(&self, now: &Nodule, then: &Nodule) -> bool {
        let share = if now.volume_mm3 > then.volume_mm3 {
            share_of_tissue((now, self.current.volume), self.prior.volume, then.center)
        } else {
            share_of_tissue((then, self.prior.volume), self.current.volume, now.center)
        };
        share.is_none_or(|share| share <= 1.0 - LEAST_TISSUE_CHANGE)
    }

    /// Nodules of the prior CT without a partner whose place lies in an outline that has one: they merged.
    fn merge(&self, followed: &mut [Option<Followed>], taken: &mut [bool]) {
        for (at, then) in self.prior.nodules.iter().enumerate() {
            if taken[at] {
                continue;
            }
            let place = self.registration.to_current(then.center);
            let into = self
                .current
                .nodules
                .iter()
                .position(|now| now.holds(self.current.volume, place));
            let Some((now, Some(followed))) =
                into.map(|into| (&self.current.nodules[into], &mut followed[into]))
            else {
                continue;
            };
            taken[at] = true;
            self.join(followed, now, at);
        }
    }

    /// Nodule `at` of the prior CT is part of `now` too.
    fn join(&self, followed: &mut Followed, now: &Nodule, at: usize) {
        followed.prior.push(at);
        followed.state = ChangeState::Merged;
        let parts: Vec<Measured> = followed
            .prior
            .iter()
            .map(|&part| self.prior.nodules[part].measured(self.prior.volume))
            .collect();
        let whole = now.measured(self.current.volume);
        followed.growth = Some(Growth::between(Measured::sum(&parts), whole, self.interval_days));
    }

    /// Nodules of the current CT without a partner whose place lies in an outline of the prior CT that has one: it
    /// split.
    fn split(&self, followed: &mut [Option<Followed>]) {
        for at in 0..followed.len() {
            if followed[at].is_some() {
                continue;
            }
            let now = &self.current.nodules[at];
            let place = self.registration.to_prior(now.center);
            let from = self
                .prior
                .nodules
                .iter()
                .position(|then| then.holds(self.prior.volume, place));
            let Some(from) = from else { continue };
            let mut parts: Vec<usize> = (0..followed.len())
                .filter(|&part| {
                    followed[part]
                        .as_ref()
                        .is_some_and(|followed| followed.prior == [from])
                })
                .collect();
            if parts.is_empty() {
                continue;
            }
            parts.push(at);
            let volumes: Vec<Measured> = parts
                .iter()
                .map(|&part| self.current.nodules[part].measured(self.current.volume))
                .collect();
            let before = self.prior.nodules[from].measured(self.prior.volume);
            let growth = Growth::between(before, Measured::sum(&volumes), self.interval_days);
            for part in parts {
                followed[part] = Some(Followed {
                    state: ChangeState::Split,
                    prior: vec![from],
                    growth: Some(growth),
                    ..self.same(&self.current.nodules[part], &self.prior.nodules[from])
                });
            }
        }
    }

    /// A nodule without a partner: looked for in the prior CT before it is called new.
    fn alone(&self, now: &Nodule) -> Followed {
        let expected = self.registration.to_prior(now.center);
        let error_mm = self.registration.error_mm(now.center);
        let sought = Sought {
            nodule: now,
            expected,
            within_mm: self.allowed_mm(now, now),
            volume: EARLIER,
        };
        if let Some(then) = look(self.prior, &sought) {
            let mut followed = self.same(now, &then);
            followed.doubts.push(Doubt::FoundByLooking);
            followed.found_in_prior = Some(then);
            return followed;
        }
        let mut doubts: Vec<Doubt> = poor(error_mm).collect();
        if self.prior.volume.voxel_at(expected).is_none() {
            doubts.push(Doubt::NotCovered);
        }
        Followed {
            state: ChangeState::New,
            prior: Vec::new(),
            found_in_prior: None,
            growth: None,
            distance_mm: None,
            registration_error_mm: error_mm,
            doubts,
        }
    }

    /// Nodules of the prior CT without a partner: looked for in the current one before they are called resolved.
    fn left_over(&self, taken: &[bool]) -> (Vec<(Nodule, Followed)>, Vec<Resolved>) {
        let (mut missed, mut resolved) = (Vec::<(Nodule, Followed)>::new(), Vec::new());
        for (at, then) in self.prior.nodules.iter().enumerate() {
            if taken[at] {
                continue;
            }
            let expected = self.registration.to_current(then.center);
            let outlined = missed
                .iter_mut()
                .find(|(now, _)| now.holds(self.current.volume, expected));
            if let Some((now, followed)) = outlined {
                self.join(followed, now, at);
                continue;
            }
            let sought = Sought {
                nodule: then,
                expected,
                within_mm: self.allowed_mm(then, then),
                volume: LATER,
            };
            if let Some(now) = look(self.current, &sought) {
                let mut followed = self.same(&now, then);
                followed.prior = vec![at];
                followed.doubts.push(Doubt::FoundByLooking);
                missed.push((now, followed));
                continue;
            }
            let mut doubts: Vec<Doubt> = poor(self.registration.error_mm(expected)).collect();
            if self.current.volume.voxel_at(expected).is_none() {
                doubts.push(Doubt::NotCovered);
            }
            resolved.push(Resolved {
                prior: at,
                expected,
                doubts,
            });
        }
        (missed, resolved)
    }
}

fn poor(error_mm: f64) -> impl Iterator<Item = Doubt> {
    (error_mm > POOR_REGISTRATION_MM)
        .then_some(Doubt::PoorRegistration { error_mm })
        .into_iter()
}

/// Solid parts come and go; calcium and fat stay, and never were ground glass.
fn type_cost(now: &Nodule, then: &Nodule) -> f64 {
    use NoduleType::{Calcified, Fat, GroundGlass, PartSolid, Solid};
    match (now.nodule_type, then.nodule_type) {
        (a, b) if a == b => 0.0,
        (Solid | PartSolid | GroundGlass, Solid | PartSolid | GroundGlass)
        | (Solid, Calcified)
        | (Calcified, Solid) => 0.2,
        (Fat, Solid) | (Solid, Fat) => 0.4,
        _ => 1.0,
    }
}
