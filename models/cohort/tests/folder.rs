//! A folder of one nodule, intact and broken in every way that has a name.

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use hilum_cohort::{Cohort, CohortError, Folds};
use image::{DynamicImage, GrayImage, ImageFormat};
use liblzma::write::XzEncoder;

const HEADER: &str = "id,patient,n_slices,n_masks,series_uid,z_mm,subtlety,internalStructure,calcification,\
    sphericity,margin,lobulation,spiculation,texture,malignancy,vol_mm3,eq_diam_mm,dx_patient,fold\n";
const ROW: &str =
    "0009_00,P9,2,3,1.2.3,-1|,5|5|4,1|1|1,6|6|6,3|4|3,3|4|2,4|3|5,4|5|3,5|5|5,5|4|2,100,5.76,,2\n";
const SLICES: &str = "id,slice,z_mm,hu_slope_est,hu_intercept_est,calib_quality\n\
    0009_00,0,-1,8,-1000,0.2\n0009_00,1,,9,-1010,0.2\n";

fn png(height: u32) -> Vec<u8> {
    let picture = GrayImage::from_fn(80, height, |x, y| image::Luma([(x + y) as u8]));
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageLuma8(picture)
        .write_to(&mut bytes, ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

fn tar(name: &str, content: &[u8]) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    let mut builder = tar::Builder::new(Vec::new());
    builder.append_data(&mut header, name, content).unwrap();
    builder.into_inner().unwrap()
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = XzEncoder::new(Vec::new(), 1);
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn write(dir: &Path) {
    fs::write(dir.join("nodules.csv"), [HEADER, ROW].concat()).unwrap();
    fs::write(dir.join("slices.csv"), SLICES).unwrap();
    fs::write(dir.join("img.tar"), tar("img/0009_00.png", &png(160))).unwrap();
    fs::write(dir.join("mask.tar.xz"), xz(&tar("mask/0009_00.png", &png(160)))).unwrap();
}

#[test]
fn intact_folder() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path());
    let cohort = Cohort::open(dir.path()).unwrap();
    let [nodule] = cohort.nodules() else {
        panic!("one nodule")
    };
    assert_eq!(
        (nodule.malignancy_median(), nodule.n_readers(), nodule.fold),
        (Some(4.0), 3, 2)
    );
    assert_eq!(
        nodule.slices.iter().map(|slice| slice.z_mm).collect::<Vec<_>>(),
        [Some(-1.0), None]
    );
    // Second tile, row 1, column 2: picture row 81.
    assert_eq!(nodule.slices[1].tile[80 + 2], 83);
    assert!((nodule.slices[1].hu_map.unwrap().hu(10) + 920.0).abs() < 1e-3);

    fs::remove_file(dir.path().join("slices.csv")).unwrap();
    let without_map = Cohort::open(dir.path()).unwrap();
    assert_eq!(without_map.nodules()[0].slices[0].hu_map, None);
    assert_ne!(without_map.digest(), cohort.digest());
    assert!(matches!(
        Cohort::open_folds(dir.path(), &Folds::Only([7].into())),
        Err(CohortError::Empty)
    ));
}

#[test]
fn refusals_name_file_and_cell() {
    let row = |from: &str, to: &str| {
        (
            "nodules.csv",
            [HEADER, &ROW.replacen(from, to, 1)].concat().into_bytes(),
        )
    };
    let image = |bytes: Vec<u8>| ("img.tar", tar("img/0009_00.png", &bytes));
    let rgb = {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(80, 160)
            .write_to(&mut bytes, ImageFormat::Png)
            .unwrap();
        bytes.into_inner()
    };
    let rows: Vec<((&str, Vec<u8>), &str)> = vec![
        (row("5|4|2,", "5|4|6,"), "column malignancy holds \"5|4|6\""),
        (
            row("5|4|2,", "5|4,"),
            "column texture holds \"5|5|5\", expected as many ratings",
        ),
        (row(",2,3,", ",0,3,"), "column n_slices holds \"0\""),
        (row("-1|", "-1||"), "column z_mm holds"),
        (row("1.2.3", "1..3"), "column series_uid holds"),
        (row("5.76", "-5.76"), "column eq_diam_mm holds \"-5.76\""),
        (
            ("nodules.csv", [HEADER, ROW, ROW].concat().into_bytes()),
            "nodule 0009_00 is in nodules.csv twice",
        ),
        (
            ("nodules.csv", b"id,patient\n1,2\n".to_vec()),
            "is not a readable table",
        ),
        (
            (
                "slices.csv",
                SLICES.replace("0009_00,1,,9,-1010,0.2\n", "").into_bytes(),
            ),
            "has 1 of 2 slices",
        ),
        (
            ("slices.csv", SLICES.replace(",9,", ",-9,").into_bytes()),
            "expected a slice of the nodule, a positive slope",
        ),
        (
            image(png(80)),
            "picture img.tar/0009_00.png is 80x80, expected 80x160",
        ),
        (image(rgb), "is not an 8-bit grey PNG"),
        (image(png(160)[..200].to_vec()), "is not an 8-bit grey PNG"),
        (
            ("img.tar", tar("img/0009_01.png", &png(160))),
            "nodule 0009_00 has no picture in img.tar",
        ),
        (("mask.tar.xz", b"not xz".to_vec()), "cannot read"),
        (
            ("mask.tar.xz", xz(&tar("mask/0009_01.png", &png(160)))),
            "nodule 0009_00 has no picture in mask.tar.xz",
        ),
    ];
    for ((file, content), want) in rows {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path());
        fs::write(dir.path().join(file), content).unwrap();
        let message = Cohort::open(dir.path()).unwrap_err().to_string();
        assert!(message.contains(want), "{file}: {message:?} should say {want:?}");
    }
}
