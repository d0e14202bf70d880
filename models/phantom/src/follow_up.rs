//! The same patient some time later.

use time::Duration;

use crate::body::Body;
use crate::breath::Breath;
use crate::chest::{ChestPhantom, in_reference, in_scanner, place_more, space};
use crate::nodule::{PhantomNodule, WantedNodule};
use crate::options::{PhantomError, PhantomOptions, check_shape};
use crate::space::Space;

/// A second CT of a patient: another date, position, breath and noise; nodules grown, shrunk, gone and new.
#[derive(Debug, Clone, PartialEq)]
pub struct FollowUp {
    /// Days after the first CT.
    pub interval_days: u32,
    /// Volume of each nodule relative to the first CT, in its order; 0 for gone. Those not listed stay as they are.
    pub volume_factors: Vec<f64>,
    /// Nodules that were not there before.
    pub new: Vec<WantedNodule>,
    /// Position and breath; drawn from the patient's seed and the interval when `None`.
    pub breath: Option<Breath>,
    /// Seed of the noise; drawn likewise when `None`.
    pub noise_seed: Option<u64>,
    /// How the second CT is taken (size, slices, kernel ...); as the first when `None`. Date, age, breath and noise
    /// seed follow from the members above.
    pub options: Option<PhantomOptions>,
}

impl FollowUp {
    /// Nothing changed but date, position, breath and noise.
    pub const fn unchanged(interval_days: u32) -> Self {
        Self {
            interval_days,
            volume_factors: Vec::new(),
            new: Vec::new(),
            breath: None,
            noise_seed: None,
            options: None,
        }
    }
}

impl ChestPhantom {
    /// The second CT. Nodules keep shape and place; one on pleura or fissure grows from where it sits.
    pub fn follow_up(&self, change: &FollowUp) -> Result<Self, PhantomError> {
        let options = self.second_options(change)?;
        let seed = self.truth.seed;
        let space = space(seed, self.space.anatomy.height_mm, &options);
        let mut bodies = Vec::new();
        let mut vanished = Vec::new();
        for (at, body) in self.bodies.iter().enumerate() {
            let factor = change.volume_factors.get(at).copied().unwrap_or(1.0);
            check_factor(factor)?;
            if factor == 0.0 {
                vanished.push(body.identity);
                continue;
            }
            bodies.push(self.grown(body, factor, &space)?);
        }
        let taken = bodies
            .iter()
            .map(|body: &Body| in_reference(&body.nodule, &space.pose))
            .collect();
        let first_new = self
            .bodies
            .iter()
            .map(|body| body.identity + 1)
            .max()
            .unwrap_or(0);
        let new = place_more(
            taken,
            &change.new,
            &space.anatomy,
            &self.vessels,
            mixed(seed, change.interval_days, 3),
        )?;
        bodies.extend(
            new.iter()
                .enumerate()
                .map(|(at, nodule)| Body::new(in_scanner(nodule, &space.pose), first_new + at, seed, &space)),
        );
        let mut second = Self::assemble(seed, options, space, self.vessels.clone(), bodies)?;
        second.truth.interval_days = Some(change.interval_days);
        second.truth.vanished = vanished;
        Ok(second)
    }

    fn second_options(&self, change: &FollowUp) -> Result<PhantomOptions, PhantomError> {
        let first = &self.options;
        if let Some(own) = &change.options
            && (own.nodules.is_some() || !own.wanted.is_empty())
        {
            return Err(PhantomError::FollowUpNodules);
        }
        let interval = Duration::days(i64::from(change.interval_days));
        let study_date = first
            .study_date
            .checked_add(interval)
            .ok_or(PhantomError::Interval {
                first: first.study_date,
                interval_days: change.interval_days,
            })?;
        let years = study_date.year() - first.study_date.year();
        let draw = |what| mixed(self.truth.seed, change.interval_days, what);
        let options = PhantomOptions {
            study_date,
            age_years: (i32::from(first.age_years) + years).clamp(0, 120) as u8,
            breath: change.breath.unwrap_or_else(|| Breath::drawn(draw(1))),
            noise_seed: Some(change.noise_seed.unwrap_or_else(|| draw(2))),
            nodules: None,
            wanted: Vec::new(),
            ..change.options.clone().unwrap_or_else(|| first.clone())
        };
        options.check()?;
        for new in &change.new {
            check_shape(new.diameter_mm, new.spiculation, new.lobulation)?;
        }
        Ok(options)
    }

    /// A body of this CT as it is in another one.
    fn grown(&self, body: &Body, factor: f64, space: &Space) -> Result<Body, PhantomError> {
        let stretch = factor.cbrt();
        let centre = body.centre();
        // What sits on pleura or fissure grows away from it.
        let grown_from = body.base(&self.space).unwrap_or(centre);
        let moved =
            [0, 1, 2].map(|axis: usize| grown_from[axis] + (centre[axis] - grown_from[axis]) * stretch);
        let diameter_mm = body.nodule.diameter_mm * stretch;
        check_shape(diameter_mm, body.nodule.spiculation, body.nodule.lobulation)?;
        let nodule = PhantomNodule {
            center_lps_mm: hilum_domain::Lps(space.pose.to_scanner(self.space.pose.to_reference(moved))),
            diameter_mm,
            ..body.nodule
        };
        let mut grown = Body::new(nodule, body.identity, self.truth.seed, space);
        // The second breath bends pleura and fissure a little differently: what was cut is counted, not assumed.
        grown.growth = Some(if body.confined_to.is_some() {
            let before = body.volume_and_centre(&self.space, 1.0).0;
            grown.volume_and_centre(space, 1.0).0 / before
        } else {
            factor
        });
        Ok(grown)
    }
}

fn check_factor(value: f64) -> Result<(), PhantomError> {
    if (0.0..=100.0).contains(&value) {
        return Ok(());
    }
    Err(PhantomError::Option {
        option: "volume_factors",
        value,
        allowed: "0 to 100",
    })
}

/// A seed of its own for each use.
fn mixed(seed: u64, interval_days: u32, what: u64) -> u64 {
    seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)
        .wrapping_add(u64::from(interval_days) << 8)
        .wrapping_add(what)
}
