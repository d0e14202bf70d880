//! Mass, solid part and sphericity on synthetic nodules with noise and blurred edges, outlined by the shipped segmenter
//! and by region growing. Closed forms without either, and the indices of spikes and lobes, are in `shape.rs`: both
//! outlines are too smooth for the spikes and bulges of the phantom.

use std::sync::LazyLock;

use hilum_domain::NoduleType;
use hilum_nodule::{Measurement, Segmenter, measure, segment, segment_lungs};
use hilum_phantom::{ChestPhantom, NoduleTruth, PhantomOptions, WantedNodule};

/// HU of nodules, as the phantom draws them.
const SOLID_HU: f64 = 35.0;
const CALCIFIED_HU: f64 = 420.0;
const GROUND_GLASS_HU: f64 = -590.0;
const GRADES: [f64; 3] = [0.0, 0.5, 1.0];

struct Nodule {
    truth: NoduleTruth,
    /// On the outline of the shipped segmenter.
    learned: Measurement,
    /// On that of region growing.
    grown: Measurement,
}

/// Balls of four types, then solid ones of 14 mm with growing spikes, then with growing bulges.
static NODULES: LazyLock<Vec<Nodule>> = LazyLock::new(|| {
    let mut wanted = vec![
        WantedNodule::ball(10.0, NoduleType::Solid),
        WantedNodule::ball(10.0, NoduleType::Calcified),
        WantedNodule::ball(14.0, NoduleType::GroundGlass),
        WantedNodule::ball(16.0, NoduleType::PartSolid),
        WantedNodule::ball(20.0, NoduleType::PartSolid),
    ];
    let solid = WantedNodule::ball(14.0, NoduleType::Solid);
    wanted.extend(GRADES.map(|spiculation| WantedNodule { spiculation, ..solid }));
    wanted.extend(GRADES.map(|lobulation| WantedNodule { lobulation, ..solid }));
    let options = PhantomOptions {
        slices: 240,
        slice_spacing_mm: 1.25,
        nodules: Some(Vec::new()),
        wanted,
        ..PhantomOptions::default()
    };
    let phantom = ChestPhantom::new(3, &options).unwrap();
    let truth = phantom.truth();
    let volume = phantom.volume().unwrap();
    let lungs = segment_lungs(&volume).unwrap();
    let segmenter = Segmenter::from_safetensors(hilum_weights::load("segmenter").unwrap().bytes).unwrap();
    let measured = |truth: &NoduleTruth| {
        let learned = segmenter.outline(&volume, &lungs, truth.center_lps_mm).unwrap();
        let grown = segment(&volume, &lungs, truth.center_lps_mm).unwrap();
        Nodule {
            truth: *truth,
            learned: measure(&volume, &learned.segmentation).unwrap(),
            grown: measure(&volume, &grown).unwrap(),
        }
    };
    truth.nodules.iter().map(measured).collect()
});

/// Within 10 %: 5 % of the volume, the rest for the density at the blurred edge.
#[test]
fn mass_of_nodules_of_one_density() {
    for Nodule { truth, learned, .. } in &NODULES[..3] {
        let hu = match truth.kind {
            NoduleType::Solid => SOLID_HU,
            NoduleType::Calcified => CALCIFIED_HU,
            _ => GROUND_GLASS_HU,
        };
        let want = truth.volume_mm3 * (1.0 + hu / 1000.0);
        let off = learned.mass_mg / want - 1.0;
        assert!(
            off.abs() < 0.10,
            "{:?}: {} mg, not {want}",
            truth.kind,
            learned.mass_mg
        );
    }
}

/// The core has half the diameter: its mean diameter within 1 mm, its share of the long axis within 0.1.
#[test]
fn solid_part_of_part_solid_nodules() {
    for Nodule { truth, grown, .. } in &NODULES[3..5] {
        assert_eq!(grown.nodule_type, NoduleType::PartSolid, "{}", truth.diameter_mm);
        let solid = grown.solid.unwrap();
        let off = solid.volume_mm3 / truth.solid_volume_mm3.unwrap() - 1.0;
        assert!(off.abs() < 0.25, "{}: {solid:?}", truth.diameter_mm);
        assert!(
            (solid.mean_diameter_mm - truth.diameter_mm / 2.0).abs() < 1.0,
            "{}: {solid:?}",
            truth.diameter_mm
        );
        let ratio = solid.consolidation_tumour_ratio;
        assert!((ratio - 0.5).abs() < 0.1, "{}: {ratio}", truth.diameter_mm);
    }
    let [solid, calcified, ground_glass] = [0, 1, 2].map(|at: usize| NODULES[at].learned.solid.unwrap());
    for whole in [solid, calcified] {
        assert!(
            (whole.consolidation_tumour_ratio - 1.0).abs() < 1e-12,
            "{whole:?}"
        );
    }
    assert!(ground_glass.volume_mm3.abs() < 1e-12, "{ground_glass:?}");
}

#[test]
fn sphericity_falls_with_spikes_and_bulges() {
    for first in [5, 8] {
        let sphericity = [0, 1, 2].map(|grade: usize| NODULES[first + grade].grown.shape.sphericity);
        assert!(sphericity[0] > 0.9, "{sphericity:?}");
        assert!(
            sphericity.windows(2).all(|pair| pair[0] > pair[1]),
            "{sphericity:?}"
        );
    }
}
