//! Facts about the public LIDC cohort, where it is at hand.

use std::path::PathBuf;

use hilum_cohort::{Cohort, Folds, Label, Selection, Split};

fn data() -> Option<PathBuf> {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
    let dir =
        PathBuf::from(std::env::var_os("HILUM_DATA").unwrap_or_else(|| default.into())).join("lidc_nodules");
    if dir.is_dir() {
        return Some(dir);
    }
    eprintln!("skipped: no {}", dir.display());
    None
}

#[test]
fn counts_of_the_development_folds() {
    let Some(dir) = data() else { return };
    let cohort = Cohort::open(&dir).unwrap();
    assert!(cohort.nodules().iter().all(|nodule| nodule.fold <= 6));
    let reported = cohort.select(Selection::Min3No3);
    let malignant = reported
        .iter()
        .filter(|&&i| cohort.nodules()[i].label() == Some(Label::Malignant))
        .count();
    assert_eq!((reported.len(), malignant), (575, 273));
    assert!(
        cohort
            .nodules()
            .iter()
            .all(|nodule| nodule.slices.iter().all(|slice| slice.hu_map.is_some()))
    );

    let mut tested = 0;
    for fold in 0..7 {
        let split = Split::round(&cohort, fold, (fold + 1) % 7).unwrap();
        assert!(split.train().len() > 5 * split.validation().len() / 2);
        tested += split.test().len();
    }
    assert_eq!(tested, cohort.nodules().len());
}

#[test]
fn held_back_patients_can_be_read_alone() {
    let Some(dir) = data() else { return };
    let cohort = Cohort::open_folds(&dir, &Folds::HeldBack).unwrap();
    let ids: Vec<&str> = cohort.nodules().iter().map(|nodule| nodule.id.as_str()).collect();
    assert_eq!(ids, ["0001_00", "0003_00", "0003_01", "0003_02", "0003_03"]);
    assert!(cohort.select(Selection::Trainable).is_empty());
}
