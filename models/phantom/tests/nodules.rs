//! Nodules of every kind and place: what the truth says is what the voxels show.

use hilum_domain::{Lobe, Lps, NoduleType};
use hilum_phantom::{Attachment, ChestPhantom, PhantomError, PhantomNodule, PhantomOptions, WantedNodule};

fn options(wanted: Vec<WantedNodule>) -> PhantomOptions {
    PhantomOptions {
        size: 64,
        wanted,
        ..PhantomOptions::default()
    }
}

fn wanted(attachment: Attachment, lobe: Option<Lobe>, diameter_mm: f64) -> WantedNodule {
    WantedNodule {
        attachment,
        lobe,
        ..WantedNodule::ball(diameter_mm, NoduleType::Solid)
    }
}

#[test]
fn every_attachment_in_every_lobe() {
    for attachment in [
        Attachment::Free,
        Attachment::Juxtapleural,
        Attachment::Juxtavascular,
        Attachment::Perifissural,
    ] {
        for lobe in Lobe::ALL {
            for seed in 0..5 {
                let phantom = ChestPhantom::new(seed, &options(vec![wanted(attachment, Some(lobe), 8.0)]));
                let phantom = phantom.unwrap_or_else(|why| panic!("{attachment:?} {lobe} {seed}: {why}"));
                let [nodule] = phantom.truth().nodules[..] else {
                    panic!("one nodule was wanted")
                };
                assert_eq!(nodule.lobe, Some(lobe), "{attachment:?} {seed}");
                let ball = std::f64::consts::PI / 6.0 * 8.0_f64.powi(3);
                let share = nodule.volume_mm3 / ball;
                match attachment {
                    // 0.55 radii from the plane: a ball without a cap of 0.45 radii keeps 0.886 of itself.
                    Attachment::Juxtapleural | Attachment::Perifissural => {
                        assert!(
                            (0.84..0.93).contains(&share),
                            "{attachment:?} {lobe} {seed}: {share}"
                        );
                    }
                    Attachment::Free | Attachment::Juxtavascular => {
                        assert!((share - 1.0).abs() < 1e-9, "{share}");
                    }
                }
                let beside = neighbours(&phantom, &nodule.center_lps_mm, 4.0);
                let others = beside.iter().filter(|at| **at != Some(lobe));
                match attachment {
                    Attachment::Juxtapleural => assert!(others.clone().any(Option::is_none)),
                    Attachment::Perifissural => assert!(others.clone().any(Option::is_some)),
                    Attachment::Free | Attachment::Juxtavascular => assert_eq!(others.count(), 0),
                }
            }
        }
    }
}

/// What lies at the ends of 26 directions.
fn neighbours(phantom: &ChestPhantom, center: &Lps, reach: f64) -> Vec<Option<Lobe>> {
    let steps = [-1.0, 0.0, 1.0];
    let mut found = Vec::new();
    for x in steps {
        for y in steps {
            for z in steps {
                let [a, b, c] = center.0;
                found.push(phantom.lobe_at(Lps([a + x * reach, b + y * reach, c + z * reach])));
            }
        }
    }
    found
}

/// Bulges keep the volume and make the body longer than wide; spikes are counted apart.
#[test]
fn bulges_and_spikes() {
    let make = |spiculation, lobulation| {
        let nodule = PhantomNodule {
            spiculation,
            lobulation,
            ..PhantomNodule::ball(Lps([-80.0, 10.0, 150.0]), 16.0, NoduleType::Solid)
        };
        let options = PhantomOptions {
            size: 64,
            nodules: Some(vec![nodule]),
            ..PhantomOptions::default()
        };
        ChestPhantom::new(2, &options).unwrap().truth().nodules[0]
    };
    let (ball, bulging, spiked) = (make(0.0, 0.0), make(0.0, 1.0), make(1.0, 0.0));
    assert!((bulging.volume_mm3 / ball.volume_mm3 - 1.0).abs() < 1e-6);
    assert!(bulging.long_axis_mm > 1.1 * bulging.short_axis_mm, "{bulging:?}");
    assert!((spiked.volume_mm3 / ball.volume_mm3 - 1.0).abs() < 1e-9);
    assert!((spiked.mean_diameter_mm - 16.0).abs() < 0.05, "{spiked:?}");
    assert!(spiked.spicule_volume_mm3 > 20.0 && ball.spicule_volume_mm3 == 0.0);
}

/// The volume above half contrast, counted on fine voxels, is that of the truth.
#[test]
fn voxels_agree_with_the_truth() {
    let make = |wanted: Vec<WantedNodule>, nodules| {
        let options = PhantomOptions {
            size: 512,
            slices: 300,
            slice_spacing_mm: 1.0,
            noise_hu: 0.0,
            nodules,
            ..options(wanted)
        };
        ChestPhantom::new(11, &options).unwrap()
    };
    let without = make(Vec::new(), Some(Vec::new()));
    for attachment in [
        Attachment::Free,
        Attachment::Juxtapleural,
        Attachment::Perifissural,
    ] {
        let bulging = WantedNodule {
            lobulation: 0.8,
            ..wanted(attachment, Some(Lobe::RightUpper), 14.0)
        };
        let with = make(vec![bulging], None);
        let truth = with.truth().nodules[0];
        let middle = truth.center_lps_mm.0[2].round() as usize;
        let mut count = 0;
        for k in middle - 11..=middle + 11 {
            let (a, b) = (with.slice_hu(k), without.slice_hu(k));
            // Half of the way from lung (about -850) to tissue (35); in the chest wall nothing changes that much.
            count += a
                .iter()
                .zip(&b)
                .filter(|(a, b)| **a > -400 && **a - **b > 100)
                .count();
        }
        let volume = count as f64 * with.affine().voxel_mm3();
        let error = volume / truth.volume_mm3 - 1.0;
        assert!(error.abs() < 0.03, "{attachment:?}: {volume} of {truth:?}");
    }
}

/// Every type shows its density in its middle.
#[test]
fn types_have_their_density() {
    let rows = [
        (NoduleType::Solid, -20..90),
        (NoduleType::PartSolid, -20..90),
        (NoduleType::GroundGlass, -650..-520),
        (NoduleType::Calcified, 360..480),
        (NoduleType::Fat, -120..-40),
    ];
    for (kind, hu) in rows {
        let options = PhantomOptions {
            size: 256,
            noise_hu: 0.0,
            ..options(vec![WantedNodule::ball(14.0, kind)])
        };
        let phantom = ChestPhantom::new(4, &options).unwrap();
        let nodule = phantom.truth().nodules[0];
        let [i, j, k] = phantom
            .affine()
            .to_voxel(nodule.center_lps_mm)
            .map(|at| at.round() as usize);
        let middle = phantom.slice_hu(k)[j * 256 + i];
        assert!(hu.contains(&middle), "{kind:?}: {middle}");
        assert_eq!(nodule.solid_volume_mm3.is_some(), kind == NoduleType::PartSolid);
    }
}

#[test]
fn a_fissure_is_denser_than_lung() {
    let make = |fissures| {
        let options = PhantomOptions {
            size: 256,
            noise_hu: 0.0,
            fissures,
            nodules: Some(Vec::new()),
            ..options(Vec::new())
        };
        ChestPhantom::new(6, &options).unwrap()
    };
    let (with, without) = (make(true), make(false));
    let (a, b) = (with.slice_hu(70), without.slice_hu(70));
    let mut lobes = Vec::new();
    for (index, (a, b)) in a.iter().zip(&b).enumerate() {
        if a - b > 60 {
            let at = [(index % 256) as f64, (index / 256) as f64, 70.0];
            lobes.push(with.lobe_at(with.affine().to_lps(at)).unwrap());
        }
    }
    lobes.sort_unstable();
    lobes.dedup();
    assert!(lobes.len() >= 3, "the plates lie between {lobes:?} only");
}

#[test]
fn what_does_not_fit_is_refused() {
    let giant = ChestPhantom::new(1, &options(vec![WantedNodule::ball(79.0, NoduleType::Solid)]));
    assert!(matches!(giant, Err(PhantomError::NoPlace { .. })), "{giant:?}");
    for (option, nodule) in [
        ("diameter_mm", WantedNodule::ball(0.5, NoduleType::Solid)),
        (
            "spiculation",
            WantedNodule {
                spiculation: 1.5,
                ..WantedNodule::ball(8.0, NoduleType::Solid)
            },
        ),
        (
            "lobulation",
            WantedNodule {
                lobulation: f64::NAN,
                ..WantedNodule::ball(8.0, NoduleType::Solid)
            },
        ),
    ] {
        match ChestPhantom::new(1, &options(vec![nodule])) {
            Err(PhantomError::Option { option: said, .. }) => assert_eq!(said, option),
            other => panic!("{option}: {other:?}"),
        }
    }
}
