//! `hilum score` on whole CTs, with members that did not see them.

use hilum_tests::{data, server::hilum};
use serde_json::Value;

/// Result of one CT, or `None` when the data is not there.
fn score(patient: &str) -> Option<Value> {
    let archive = data::ct(patient)?;
    let answer = hilum(&["score", archive.to_str().unwrap(), "--json"]);
    assert!(
        answer.status.success(),
        "{}",
        String::from_utf8_lossy(&answer.stderr)
    );
    let result: Value = serde_json::from_slice(&answer.stdout).unwrap();
    let unseen = result["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .any(|w| w["code"] == "training_member_left_out");
    assert!(
        unseen,
        "the member that was trained on {patient} was not left out"
    );
    Some(result)
}

/// The nodule whose centre lies within `within_mm` of the point, if any.
fn nodule_at(result: &Value, point: [f64; 3], within_mm: f64) -> Option<&Value> {
    result["nodules"].as_array().unwrap().iter().find(|nodule| {
        let centre = &nodule["center_lps_mm"];
        let square: f64 = (0..3)
            .map(|axis| (centre[axis].as_f64().unwrap() - point[axis]).powi(2))
            .sum();
        square.sqrt() <= within_mm
    })
}

/// Centres by the readers: column, row and z of `lidc_cubes_hu/labels.csv`, taken to LPS with the series' affine
/// (origin and spacing of the first slice).
#[test]
fn lidc_0001_nodule_is_found_and_suspicious() {
    let Some(result) = score("LIDC-IDRI-0001") else {
        return;
    };
    let point = [-166.0 + 316.0 * 0.703_125, -171.7 + 367.0 * 0.703_125, -115.62];
    let nodule = nodule_at(&result, point, 5.0).expect("the nodule is found within 5 mm");
    assert!(
        nodule["malignancy"]["probability"].as_f64().unwrap() > 0.5,
        "{nodule}"
    );
    assert_eq!(nodule["malignancy"]["target"], "reader_consensus");
}

#[test]
fn lidc_0003_nodules_of_four_readers_are_found() {
    let Some(result) = score("LIDC-IDRI-0003") else {
        return;
    };
    for (column, row, z_mm) in [
        (367.0, 350.0, -191.81),
        (308.0, 198.0, -172.75),
        (221.0, 220.0, -168.69),
    ] {
        let point = [-228.8 + column * 0.820_312, -210.0 + row * 0.820_312, z_mm];
        assert!(
            nodule_at(&result, point, 8.0).is_some(),
            "no nodule at {point:?} among {}",
            result["nodules"]
        );
    }
}

#[test]
fn lidc_0028_has_few_false_positives() {
    let Some(result) = score("LIDC-IDRI-0028") else {
        return;
    };
    let found = result["nodules"].as_array().unwrap().len();
    assert!(found <= 2, "{found} nodules in a CT without any");
}
