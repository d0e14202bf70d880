//! Three real CTs of LIDC-IDRI are within the indication.

use std::path::PathBuf;

use hilum_domain::NoProgress;
use hilum_domain::ReasonCode::{self, ContrastNotIndicated, LimitUnchecked, Metal};
use hilum_volume::{LoadOptions, load};

use crate::series::{codes, judge};

#[test]
fn real_cts_are_analysed() {
    let data = std::env::var_os("HILUM_DATA").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")),
        PathBuf::from,
    );
    // De-identified, so the age is not known. Contrast is as Contrast/Bolus Agent says; in 0001 and 0003 it flows in
    // from the arm, undiluted and as bright as metal.
    let rows: [(&str, &[ReasonCode]); 3] = [
        ("LIDC-IDRI-0001", &[ContrastNotIndicated, Metal, LimitUnchecked]),
        ("LIDC-IDRI-0003", &[ContrastNotIndicated, Metal, LimitUnchecked]),
        ("LIDC-IDRI-0028", &[LimitUnchecked]),
    ];
    for (case, warnings) in rows {
        let archive = data.join("ct").join(format!("{case}.tar.xz"));
        if !archive.exists() {
            eprintln!("skipped: {case} is not there (set HILUM_DATA)");
            continue;
        }
        let series = load(&[archive], &LoadOptions::default(), &NoProgress).unwrap();
        let (verdict, measures) = judge(&series);
        eprintln!("{case}: {measures:?}");
        assert_eq!(
            codes(&verdict),
            (None, warnings.to_vec()),
            "{case}: {verdict:?} {measures:?}"
        );
    }
}
