//! Two CTs of one patient.

use hilum_domain::{Lps, NoduleType};
use hilum_phantom::{
    Attachment, Breath, ChestPhantom, FollowUp, NoduleTruth, PhantomError, PhantomOptions, WantedNodule,
};

fn prior(attachments: &[Attachment]) -> ChestPhantom {
    let options = PhantomOptions {
        size: 128,
        wanted: attachments
            .iter()
            .map(|&attachment| WantedNodule {
                attachment,
                ..WantedNodule::ball(9.0, NoduleType::Solid)
            })
            .collect(),
        ..PhantomOptions::default()
    };
    ChestPhantom::new(21, &options).unwrap()
}

const ALL: [Attachment; 4] = [
    Attachment::Free,
    Attachment::Juxtapleural,
    Attachment::Juxtavascular,
    Attachment::Perifissural,
];

#[test]
fn the_patient_stays_and_the_study_changes() {
    let first = prior(&ALL);
    let second = first.follow_up(&FollowUp::unchanged(400)).unwrap();
    let text = |phantom: &ChestPhantom| {
        String::from_utf8_lossy(&phantom.instance(50).unwrap().1[..2000]).into_owned()
    };
    for said in ["HILUM-PHANTOM-21", "19600101"] {
        assert!(
            text(&first).contains(said) && text(&second).contains(said),
            "{said}"
        );
    }
    assert!(text(&second).contains("20210204") && text(&second).contains("061Y"));
    assert_ne!(
        first.truth().study_instance_uid,
        second.truth().study_instance_uid
    );
    assert_eq!(second.truth().interval_days, Some(400));
    assert_ne!(first.slice_hu(50), second.slice_hu(50));
    assert_eq!(
        second.slice_hu(50),
        first.follow_up(&FollowUp::unchanged(400)).unwrap().slice_hu(50)
    );
}

#[test]
fn grown_shrunk_gone_new() {
    let first = prior(&ALL);
    let second = first
        .follow_up(&FollowUp {
            volume_factors: vec![1.3, 2.0, 0.0, 0.5],
            new: vec![WantedNodule::ball(6.0, NoduleType::GroundGlass)],
            ..FollowUp::unchanged(180)
        })
        .unwrap();
    let truth = second.truth();
    assert_eq!(truth.vanished, [2]);
    let identities: Vec<usize> = truth.nodules.iter().map(|nodule| nodule.identity).collect();
    assert_eq!(identities, [0, 1, 3, 4]);
    for (nodule, factor, tolerance) in [
        (truth.nodules[0], 1.3, 1e-9),
        // The pleura is no plane.
        (truth.nodules[1], 2.0, 0.06),
        (truth.nodules[2], 0.5, 0.03),
    ] {
        let before: NoduleTruth = first.truth().nodules[nodule.identity];
        let growth = nodule.volume_mm3 / before.volume_mm3;
        assert!((growth - factor).abs() < tolerance, "{growth} for {factor}");
        assert!((nodule.growth.unwrap() - growth).abs() < 1e-9);
        assert_eq!(nodule.lobe, before.lobe);
    }
    assert_eq!(truth.nodules[3].growth, None);
}

/// Nodules move with the tissue around them, by as much as a breath moves them.
#[test]
fn places_follow_the_breath() {
    let first = prior(&ALL);
    let second = first.follow_up(&FollowUp::unchanged(90)).unwrap();
    let mut farthest: f64 = 0.0;
    for (before, after) in first.truth().nodules.iter().zip(&second.truth().nodules) {
        let expected = second.point_of(&first, before.center_lps_mm);
        let off = after.center_lps_mm.distance_mm(expected);
        // A cut body is cut a little differently, which moves its centre of mass.
        assert!(off < 0.2, "{before:?}: {off} mm");
        farthest = farthest.max(after.center_lps_mm.distance_mm(before.center_lps_mm));
        let back = first.point_of(&second, expected);
        assert!(back.distance_mm(before.center_lps_mm) < 1e-6);
    }
    assert!((2.0..40.0).contains(&farthest), "{farthest}");
}

/// Another grid shows the same patient: the lungs keep their length.
#[test]
fn the_second_scanner_may_be_another() {
    let first = prior(&[Attachment::Free]);
    let second = first
        .follow_up(&FollowUp {
            breath: Some(Breath::default()),
            options: Some(PhantomOptions {
                size: 64,
                slices: 60,
                slice_spacing_mm: 5.0,
                ..PhantomOptions::default()
            }),
            ..FollowUp::unchanged(30)
        })
        .unwrap();
    let center = first.truth().nodules[0].center_lps_mm;
    assert!(second.truth().nodules[0].center_lps_mm.distance_mm(center) < 1e-9);
    for z in [60.0, 140.0, 230.0] {
        let at = Lps([-80.0, 0.0, z]);
        assert_eq!(first.lobe_at(at), second.lobe_at(at));
    }
}

#[test]
fn refusals() {
    let first = prior(&[Attachment::Free]);
    for factor in [-0.1, f64::NAN, 1000.0] {
        let change = FollowUp {
            volume_factors: vec![factor],
            ..FollowUp::unchanged(30)
        };
        let error = first.follow_up(&change).unwrap_err();
        assert!(
            matches!(
                error,
                PhantomError::Option {
                    option: "volume_factors",
                    ..
                }
            ),
            "{error}"
        );
    }
    let own = FollowUp {
        options: Some(PhantomOptions {
            nodules: Some(Vec::new()),
            ..PhantomOptions::default()
        }),
        ..FollowUp::unchanged(30)
    };
    assert!(matches!(
        first.follow_up(&own),
        Err(PhantomError::FollowUpNodules)
    ));
    let error = first.follow_up(&FollowUp::unchanged(u32::MAX)).unwrap_err();
    assert!(matches!(error, PhantomError::Interval { .. }), "{error}");
}
