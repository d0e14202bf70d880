//! One patient never stands on two sides.

use hilum_cohort::{Nodule, Slice, Split, SplitError};
use proptest::prelude::*;

fn nodule(number: usize, patient: &str, fold: u8) -> Nodule {
    let empty = Box::new([0; 6400]);
    Nodule {
        id: format!("{number:04}_00"),
        patient: patient.to_owned(),
        fold,
        series_uid: None,
        readings: Vec::new(),
        n_masks: 0,
        volume_mm3: None,
        eq_diam_mm: None,
        diagnosis: None,
        slices: vec![Slice {
            z_mm: None,
            hu_map: None,
            tile: empty.clone(),
            mask: empty,
        }],
    }
}

#[test]
fn refusals_name_what_is_wrong() {
    let nodules = [
        nodule(0, "A", 0),
        nodule(1, "A", 0),
        nodule(2, "B", 1),
        nodule(3, "LIDC-IDRI-0003", 8),
    ];
    for (train, validation, test, want) in [
        (vec![0, 1], vec![2], vec![3], Ok(())),
        (vec![], vec![], vec![], Ok(())),
        (
            vec![0],
            vec![2],
            vec![1],
            Err("nodules 0000_00 and 0001_00 are of one patient, but in parts train and test"),
        ),
        (
            vec![0],
            vec![1],
            vec![],
            Err("nodules 0000_00 and 0001_00 are of one patient, but in parts train and validation"),
        ),
        (
            vec![2],
            vec![2],
            vec![],
            Err("nodules 0002_00 and 0002_00 are of one patient, but in parts train and validation"),
        ),
        (
            vec![3],
            vec![],
            vec![],
            Err("nodule 0003_00 is of a patient who is kept out of training"),
        ),
        (
            vec![],
            vec![],
            vec![4],
            Err("index 4 is outside a cohort of 4 nodules"),
        ),
    ] {
        let got = Split::new(&nodules, train, validation, test)
            .map(|_| ())
            .map_err(|error| error.to_string());
        assert_eq!(got, want.map_err(str::to_owned));
    }
}

proptest! {
    /// Whatever division is tried: either no patient is shared, or it is refused for a patient who is.
    #[test]
    fn no_split_shares_a_patient(assigned in prop::collection::vec((0..6usize, 0..4usize), 0..40)) {
        let nodules: Vec<Nodule> =
            assigned.iter().enumerate().map(|(n, (patient, _))| nodule(n, &patient.to_string(), 0)).collect();
        let part = |wanted| -> Vec<usize> {
            (0..assigned.len()).filter(|&n| assigned[n].1 == wanted).collect()
        };
        let shared = (0..assigned.len()).any(|a| (0..a).any(|b| {
            let ((p, x), (q, y)) = (assigned[a], assigned[b]);
            p == q && x != y && x < 3 && y < 3
        }));
        match Split::new(&nodules, part(0), part(1), part(2)) {
            Ok(split) => {
                prop_assert!(!shared);
                prop_assert_eq!(split.train().len() + split.validation().len() + split.test().len() + part(3).len(), assigned.len());
            }
            Err(SplitError::PatientInTwoParts { .. }) => prop_assert!(shared),
            Err(other) => prop_assert!(false, "{}", other),
        }
    }
}
