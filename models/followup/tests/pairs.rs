//! Two phantoms of one patient, with outlines started from where the nodules are known to lie.

use std::sync::LazyLock;

use hilum_domain::{ChangeState, Lps, NoduleType, Sha256};
use hilum_followup::{Doubt, Examination, Nodule, Outliner, RegistrationError, compare, register};
use hilum_nodule::{LungMask, Segmentation, measure, segment, segment_lungs};
use hilum_phantom::{Attachment, ChestPhantom, FollowUp, PhantomOptions, WantedNodule};
use hilum_volume::{Volume, Voxels};
use ndarray::Array3;

struct Ct {
    phantom: ChestPhantom,
    volume: Volume,
    lungs: LungMask,
}

impl Ct {
    fn new(phantom: ChestPhantom) -> Self {
        let volume = phantom.volume().unwrap();
        let lungs = segment_lungs(&volume).unwrap();
        Self {
            phantom,
            volume,
            lungs,
        }
    }

    /// Outlines of the nodules with these identities.
    fn nodules(&self, identities: &[usize]) -> Vec<Nodule> {
        let truth = self.phantom.truth().nodules.iter();
        truth
            .filter(|nodule| identities.contains(&nodule.identity))
            .map(|nodule| self.nodule(nodule.center_lps_mm))
            .collect()
    }

    fn nodule(&self, seed: Lps) -> Nodule {
        self.outline(seed).unwrap()
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
        let outline = segment(&self.volume, &self.lungs, seed).ok()?;
        Some(Nodule::new(&measure(&self.volume, &outline).ok()?, outline, seed))
    }
}

fn options() -> PhantomOptions {
    PhantomOptions {
        size: 256,
        fissures: true,
        ..PhantomOptions::default()
    }
}

/// Identities: 0 stays, 1 grows by 80 %, 2 shrinks to 40 %, 3 goes, 4 is new.
static PAIR: LazyLock<[Ct; 2]> = LazyLock::new(|| {
    let ball = |diameter_mm| WantedNodule::ball(diameter_mm, NoduleType::Solid);
    let options = PhantomOptions {
        wanted: vec![
            ball(12.0),
            WantedNodule {
                attachment: Attachment::Juxtavascular,
                ..ball(11.0)
            },
            ball(14.0),
            ball(10.0),
        ],
        ..options()
    };
    let prior = ChestPhantom::new(5, &options).unwrap();
    let change = FollowUp {
        volume_factors: vec![1.0, 1.8, 0.4, 0.0],
        new: vec![ball(9.0)],
        ..FollowUp::unchanged(180)
    };
    let current = prior.follow_up(&change).unwrap();
    [current, prior].map(Ct::new)
});

#[test]
fn every_point_of_the_lungs_is_found_again() {
    let [current, prior] = &*PAIR;
    let registration = register((&current.volume, &current.lungs), (&prior.volume, &prior.lungs)).unwrap();
    let (mut worst, mut squares, mut n): (f64, f64, f64) = (0.0, 0.0, 0.0);
    for x in [-110.0, -80.0, -50.0, 60.0, 90.0, 110.0] {
        for y in [-40.0, 0.0, 40.0] {
            for z in [90.0, 140.0, 200.0, 240.0] {
                let point = Lps([x, y, z]);
                if !current.lungs.contains(&current.volume, point) {
                    continue;
                }
                let off = registration
                    .to_prior(point)
                    .distance_mm(prior.phantom.point_of(&current.phantom, point));
                let back = registration.to_current(registration.to_prior(point));
                assert!(back.distance_mm(point) < 0.05);
                worst = worst.max(off);
                squares += off * off;
                n += 1.0;
            }
        }
    }
    let rms = (squares / n).sqrt();
    eprintln!(
        "{n} points: rms {rms:.2} mm, worst {worst:.2} mm, {} landmarks",
        registration.landmarks()
    );
    assert!(n > 30.0 && rms < 1.5 && worst < 5.0, "rms {rms}, worst {worst}");
}

#[test]
fn stable_growing_shrinking_resolved_new() {
    let [current, prior] = &*PAIR;
    let (now, then) = (current.nodules(&[0, 1, 2, 4]), prior.nodules(&[0, 1, 2, 3]));
    let comparison = compare(&current.examination(&now), &prior.examination(&then), Some(180)).unwrap();
    let states: Vec<ChangeState> = comparison.current.iter().map(|followed| followed.state).collect();
    assert_eq!(
        states,
        [
            ChangeState::Stable,
            ChangeState::Growing,
            ChangeState::Shrinking,
            ChangeState::New
        ]
    );
    let partners: Vec<&[usize]> = comparison.current.iter().map(|f| f.prior.as_slice()).collect();
    assert_eq!(partners, [&[0][..], &[1], &[2], &[]]);
    for followed in &comparison.current {
        assert!(followed.doubts.is_empty(), "{followed:?}");
    }
    let grown = comparison.current[1].growth.unwrap();
    assert!((grown.percent - 80.0).abs() < 25.0, "{grown:?}");
    let days = grown.doubling_time_days.unwrap();
    assert!(
        (days - 180.0 * 2.0_f64.ln() / 1.8_f64.ln()).abs() < 50.0,
        "{days}"
    );
    assert_eq!(comparison.resolved.len(), 1);
    assert_eq!(comparison.resolved[0].prior, 3);
    assert!(comparison.missed.is_empty());
}

/// What one detector run did not find is found where the other found it.
#[test]
fn not_detected_is_not_gone() {
    let [current, prior] = &*PAIR;
    let (now, then) = (current.nodules(&[0, 1]), prior.nodules(&[0, 2]));
    let comparison = compare(&current.examination(&now), &prior.examination(&then), None).unwrap();
    let grown = &comparison.current[1];
    assert_eq!(grown.state, ChangeState::Growing);
    assert!(grown.found_in_prior.is_some() && grown.doubts.contains(&Doubt::FoundByLooking));
    assert_eq!(
        grown.growth.unwrap().doubling_time_days,
        None,
        "no interval was given"
    );
    let [(missed, followed)] = &comparison.missed[..] else {
        panic!("nodule 2 is still there: {:?}", comparison.resolved)
    };
    let truth = current.phantom.truth().nodules[2];
    assert!(missed.center.distance_mm(truth.center_lps_mm) < 2.0);
    assert_eq!(followed.prior, [1]);
    assert!(comparison.resolved.is_empty());
}

/// Two outlines of the prior CT within one of the current CT, and the other way round.
#[test]
fn merged_and_split() {
    let [current, prior] = &*PAIR;
    let whole_now = current.nodules(&[0]);
    let whole_then = prior.nodules(&[0]);
    let halves = |ct: &Ct, whole: &Nodule| -> Vec<Nodule> {
        let mask = whole.segmentation.mask();
        let middle = mask.dim().2 / 2;
        [true, false]
            .map(|left| {
                let half =
                    Array3::from_shape_fn(mask.dim(), |(k, j, i)| mask[[k, j, i]] && (i < middle) == left);
                let half = Segmentation::new(&half, whole.segmentation.origin()).unwrap();
                Nodule::new(&measure(&ct.volume, &half).unwrap(), half, whole.seed)
            })
            .into()
    };
    let then = halves(prior, &whole_then[0]);
    let merged = compare(
        &current.examination(&whole_now),
        &prior.examination(&then),
        Some(90),
    )
    .unwrap();
    assert_eq!(merged.current[0].state, ChangeState::Merged);
    let mut parts = merged.current[0].prior.clone();
    parts.sort_unstable();
    assert_eq!(parts, [0, 1]);
    assert!(merged.current[0].growth.unwrap().percent.abs() < 20.0);
    assert!(merged.resolved.is_empty());

    let now = halves(current, &whole_now[0]);
    let split = compare(
        &current.examination(&now),
        &prior.examination(&whole_then),
        Some(90),
    )
    .unwrap();
    for part in &split.current {
        assert_eq!(
            (part.state, part.prior.as_slice()),
            (ChangeState::Split, &[0][..])
        );
        assert!(part.growth.unwrap().percent.abs() < 20.0);
    }
}

/// Two nodules a few millimetres apart, one of them not detected: which is which is in doubt, and said.
#[test]
fn a_likely_rival_is_said() {
    let [current, prior] = &*PAIR;
    let now = current.nodules(&[0]);
    let twins = prior.nodules(&[0]);
    let mut twin = twins[0].clone();
    let Lps([x, y, z]) = twin.center;
    twin.center = Lps([x + 1.0, y, z]);
    let then = [twins[0].clone(), twin];
    let comparison = compare(&current.examination(&now), &prior.examination(&then), None).unwrap();
    assert!(
        comparison.current[0].doubts.contains(&Doubt::Ambiguous),
        "{comparison:?}"
    );
}

#[test]
fn nothing_in_common_is_refused() {
    let [current, _] = &*PAIR;
    let [nk, nj, ni] = current.volume.shape_kji();
    let empty = Volume::new(
        Voxels::I16(Array3::from_elem((nk, nj, ni), -850)),
        *current.volume.affine(),
        current.volume.study_instance_uid().clone(),
        current.volume.series_instance_uid().clone(),
        Sha256::of(b"empty"),
    )
    .unwrap();
    let error = register((&current.volume, &current.lungs), (&empty, &current.lungs)).unwrap_err();
    assert!(
        matches!(error, RegistrationError::NotRecognised { .. }),
        "{error}"
    );
}
