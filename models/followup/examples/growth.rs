//! Growth on SYNTHETIC pairs: `cargo run -p hilum-followup --example growth -- PART FIRST COUNT`
//!
//! `unchanged`: COUNT patients from seed FIRST on, each seen twice with another breath, position and noise, nothing
//! grown. `grown`: all nodules 30 % larger in the second CT. One CSV line a nodule on standard output, so that a run
//! can be cut into pieces; the last line counts.
//!
//! Outlines start 1.5 mm beside the true centres, as a detector's would: detection has its own curve.
#![expect(clippy::print_stdout, reason = "an example prints what it measured")]

use std::{error::Error, rc::Rc};

use hilum_domain::{ChangeState, Lps, NoduleType};
use hilum_followup::{Comparison, Examination, Nodule, Outliner, compare};
use hilum_nodule::{LungMask, NoduleError, Segmenter, measure, segment_lungs};
use hilum_phantom::{Attachment, ChestPhantom, FollowUp, Kernel, NoduleTruth, PhantomOptions, WantedNodule};
use hilum_volume::Volume;

const INTERVAL_DAYS: u32 = 120;
const GROWTH: f64 = 1.3;
/// How far beside its centre an outline is started, mm.
const BESIDE_MM: f64 = 1.5;

struct Ct {
    phantom: ChestPhantom,
    volume: Volume,
    lungs: LungMask,
    segmenter: Rc<Segmenter>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [part, first, count] = &arguments[..] else {
        return Err("want: unchanged|grown FIRST COUNT".into());
    };
    let factor = match part.as_str() {
        "unchanged" => 1.0,
        "grown" => GROWTH,
        other => return Err(format!("{other:?} is neither unchanged nor grown").into()),
    };
    let (first, count): (u64, u64) = (first.parse()?, count.parse()?);
    println!(
        "seed,nodule,type,attachment,diameter_mm,prior_true_mm3,prior_mm3,current_true_mm3,current_mm3,percent,error_percent,vdt_true_days,vdt_days,state,compared_by,doubts"
    );
    let weights = hilum_weights::load("segmenter")?;
    let segmenter = Rc::new(Segmenter::from_safetensors(weights.bytes)?);
    let mut tally = Tally::default();
    for seed in first..first + count {
        pair(seed, factor, &segmenter, &mut tally)?;
    }
    println!("{}", tally.line(part));
    Ok(())
}

/// One patient, twice.
fn pair(seed: u64, factor: f64, segmenter: &Rc<Segmenter>, tally: &mut Tally) -> Result<(), Box<dyn Error>> {
    let options = options(seed, factor);
    let nodules = options.wanted.len();
    let prior = ChestPhantom::new(seed, &options)?;
    let current = prior.follow_up(&FollowUp {
        volume_factors: vec![factor; nodules],
        ..FollowUp::unchanged(INTERVAL_DAYS)
    })?;
    let (prior, current) = (Ct::new(prior, segmenter)?, Ct::new(current, segmenter)?);
    let (mut then, mut now, mut outlined) = (Vec::new(), Vec::new(), Vec::new());
    for at in 0..nodules {
        match (prior.nodule(at), current.nodule(at)) {
            (Ok(before), Ok(after)) => {
                then.push(before);
                now.push(after);
                outlined.push(at);
            }
            // What cannot be outlined has no growth: counted, not compared.
            (Err(why), _) | (_, Err(why)) => {
                eprintln!("seed {seed} nodule {at}: {why}");
                tally.not_outlined += 1;
            }
        }
    }
    let comparison = compare(
        &current.examination(&now),
        &prior.examination(&then),
        Some(INTERVAL_DAYS),
    )?;
    for (row, &at) in outlined.iter().enumerate() {
        report((seed, at), [&prior, &current], (&comparison, row), tally);
    }
    Ok(())
}

/// A line for nodule `at` of the patient, which is the `row`-th of those compared.
fn report(
    (seed, at): (u64, usize),
    [prior, current]: [&Ct; 2],
    (comparison, row): (&Comparison, usize),
    tally: &mut Tally,
) {
    let [before, after] = [prior, current].map(|ct| ct.truth(at));
    let followed = &comparison.current[row];
    tally.count(followed.state, followed.prior == [row]);
    let Some(growth) = followed.growth else { return };
    let true_days = hilum_domain::growth::volume_doubling_time_days(
        before.volume_mm3,
        after.volume_mm3,
        f64::from(INTERVAL_DAYS),
    );
    if let (Some(days), Some(true_days)) = (growth.doubling_time_days, true_days)
        && after.volume_mm3 > 1.2 * before.volume_mm3
    {
        tally.errors.push(days / true_days - 1.0);
    }
    let number = |days: Option<f64>| days.map_or_else(String::new, |days| format!("{days:.1}"));
    println!(
        "{seed},{at},{:?},{:?},{:.1},{:.1},{:.1},{:.1},{:.1},{:.2},{:.2},{},{},{},{},{}",
        before.kind,
        before.attachment,
        before.diameter_mm,
        before.volume_mm3,
        growth.prior_volume_mm3,
        after.volume_mm3,
        growth.current_volume_mm3,
        growth.percent,
        growth.error_percent,
        number(true_days),
        number(growth.doubling_time_days),
        format!("{:?}", followed.state).to_lowercase(),
        format!("{:?}", growth.compared_by).to_lowercase(),
        followed.doubts.len(),
    );
}

/// Five nodules of 6 to 20 mm; types, attachments, sizes and kernels change from seed to seed. Unchanged pairs are
/// coarse, to have many of them; grown pairs have the thin slices that volumetry is done on.
fn options(seed: u64, factor: f64) -> PhantomOptions {
    let kinds = [
        (NoduleType::Solid, Attachment::Free),
        (NoduleType::Solid, Attachment::Juxtavascular),
        (NoduleType::Solid, Attachment::Juxtapleural),
        (NoduleType::PartSolid, Attachment::Free),
        (NoduleType::GroundGlass, Attachment::Free),
    ];
    let diameters = [6.0, 8.0, 10.0, 13.0, 16.0, 20.0, 7.0];
    let wanted = kinds
        .into_iter()
        .enumerate()
        .map(|(at, (kind, attachment))| {
            let diameter_mm: f64 = diameters[(seed as usize + at) % diameters.len()];
            // The solid core of a part-solid nodule has half its diameter.
            let least = if kind == NoduleType::Solid { 6.0 } else { 10.0 };
            WantedNodule {
                attachment,
                lobulation: 0.2 * (seed % 4) as f64,
                ..WantedNodule::ball(diameter_mm.max(least), kind)
            }
        })
        .collect();
    let kernels = [Kernel::Soft, Kernel::Standard, Kernel::Sharp];
    let (size, slice_spacing_mm, slices) = if factor > 1.0 {
        (400, 1.25, 226)
    } else {
        (256, 2.0, 141)
    };
    PhantomOptions {
        size,
        slices,
        slice_spacing_mm,
        noise_hu: 12.0 + 3.0 * (seed % 5) as f64,
        kernel: kernels[seed as usize % kernels.len()],
        fissures: true,
        wanted,
        ..PhantomOptions::default()
    }
}

impl Ct {
    fn new(phantom: ChestPhantom, segmenter: &Rc<Segmenter>) -> Result<Self, Box<dyn Error>> {
        let volume = phantom.volume()?;
        let lungs = segment_lungs(&volume)?;
        Ok(Self {
            phantom,
            volume,
            lungs,
            segmenter: Rc::clone(segmenter),
        })
    }

    fn truth(&self, at: usize) -> NoduleTruth {
        self.phantom.truth().nodules[at]
    }

    /// The outline of a nodule from beside its true centre, on the other side in the second CT.
    fn nodule(&self, at: usize) -> Result<Nodule, NoduleError> {
        let truth = self.phantom.truth();
        let Lps(mut point) = truth.nodules[at].center_lps_mm;
        let is_second = truth.interval_days.is_some();
        point[(truth.seed as usize + at) % 3] += if is_second { BESIDE_MM } else { -BESIDE_MM };
        self.outlined(Lps(point))
    }

    fn outlined(&self, seed: Lps) -> Result<Nodule, NoduleError> {
        let outline = self
            .segmenter
            .outline(&self.volume, &self.lungs, seed)?
            .segmentation;
        Ok(Nodule::new(&measure(&self.volume, &outline)?, outline, seed))
    }

    fn examination<'a>(&'a self, nodules: &'a [Nodule]) -> Examination<'a> {
        Examination {
            volume: &self.volume,
            lungs: &self.lungs,
            nodules,
            outliner: self,
        }
    }
}

impl Outliner for Ct {
    fn outline(&self, seed: Lps) -> Option<Nodule> {
        self.outlined(seed).ok()
    }
}

/// What one run counted.
#[derive(Default)]
struct Tally {
    nodules: usize,
    not_outlined: usize,
    rightly_paired: usize,
    growing: usize,
    shrinking: usize,
    stable: usize,
    /// Relative errors of the doubling time.
    errors: Vec<f64>,
}

impl Tally {
    fn count(&mut self, state: ChangeState, rightly_paired: bool) {
        self.nodules += 1;
        self.rightly_paired += usize::from(rightly_paired);
        self.growing += usize::from(state == ChangeState::Growing);
        self.shrinking += usize::from(state == ChangeState::Shrinking);
        self.stable += usize::from(state == ChangeState::Stable);
    }

    /// What `scripts/prove/growth.sh` keeps.
    fn line(&self, part: &str) -> String {
        let mut off: Vec<f64> = self.errors.iter().map(|error| error.abs()).collect();
        off.sort_by(f64::total_cmp);
        let within = off.iter().filter(|error| **error <= 0.15).count();
        let median = off
            .get(off.len() / 2)
            .map_or_else(String::new, |error| format!("{error:.3}"));
        format!(
            "# SYNTHETIC,{part},{},{},{},{},{},{},{within},{},{median}",
            self.nodules,
            self.not_outlined,
            self.rightly_paired,
            self.growing,
            self.stable,
            self.shrinking,
            off.len(),
        )
    }
}
