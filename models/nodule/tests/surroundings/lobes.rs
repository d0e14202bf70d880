//! Lobes and fissures on a synthetic chest that has both.

use hilum_domain::{Lobe, NoduleType};
use hilum_nodule::{LungMap, segment_lungs};
use hilum_phantom::{ChestPhantom, PhantomOptions, WantedNodule};
use hilum_volume::Volume;

use crate::ball::ball;

/// A chest with a nodule of 8 mm in each lobe.
fn chest(fissures: bool) -> (ChestPhantom, Volume) {
    let options = PhantomOptions {
        size: 512,
        slices: 200,
        slice_spacing_mm: 1.25,
        fissures,
        nodules: Some(Vec::new()),
        wanted: Lobe::ALL
            .map(|lobe| WantedNodule {
                lobe: Some(lobe),
                ..WantedNodule::ball(8.0, NoduleType::Solid)
            })
            .to_vec(),
        ..PhantomOptions::default()
    };
    let phantom = ChestPhantom::new(11, &options).unwrap();
    let volume = phantom.volume().unwrap();
    (phantom, volume)
}

#[test]
fn every_nodule_is_in_its_lobe() {
    let (phantom, volume) = chest(true);
    let lungs = segment_lungs(&volume).unwrap();
    let map = LungMap::new(&volume, &lungs);
    let seen = map.fissures();
    eprintln!("{seen:?}");
    assert!(seen.iter().all(|fissure| fissure.found), "{seen:?}");
    for nodule in &phantom.truth().nodules {
        let place = map.locate(&ball(&volume, nodule.center_lps_mm, nodule.diameter_mm / 2.0));
        eprintln!("{:?}: {place:?}", nodule.lobe);
        assert_eq!(place.lobe, nodule.lobe, "{nodule:?}: {place:?}");
    }
}

#[test]
fn a_chest_without_visible_fissures_has_none() {
    let (_, volume) = chest(false);
    let lungs = segment_lungs(&volume).unwrap();
    let seen = LungMap::new(&volume, &lungs).fissures();
    assert!(seen.iter().all(|fissure| !fissure.found), "{seen:?}");
}
