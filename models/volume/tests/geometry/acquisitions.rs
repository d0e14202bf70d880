//! Several acquisitions in one series: one row for each way they come.

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use hilum_domain::ReasonCode;

use crate::series::{COLUMNS, ROWS, Slice, series, try_load};

/// Slices of an acquisition: own instance UIDs, own HU.
fn acquisition(tag: Tag, value: &str, places: std::ops::Range<u16>, hu: u16) -> Vec<Slice> {
    series("1.2.4", places.end)
        .into_iter()
        .skip(usize::from(places.start))
        .zip(places)
        .map(|(slice, k)| {
            slice
                .text(tag, value)
                .text(tags::SOP_INSTANCE_UID, &format!("1.2.4.{}.{}", hu + 1, k + 1))
                .pixels(vec![1024 + hu; usize::from(ROWS * COLUMNS)])
        })
        .collect()
}

#[test]
fn the_largest_complete_acquisition_is_used() {
    let with = |tag, parts: &[(&str, std::ops::Range<u16>, u16)]| -> Vec<Slice> {
        parts
            .iter()
            .flat_map(|(value, places, hu)| acquisition(tag, value, places.clone(), *hu))
            .collect()
    };
    // (name, slices, HU of the volume, slices of the volume, files set aside)
    let rows = [
        (
            "a repeated part",
            with(tags::ACQUISITION_NUMBER, &[("1", 0..8, 10), ("2", 2..6, 20)]),
            10,
            8,
            4,
        ),
        (
            "the larger comes second",
            with(tags::ACQUISITION_NUMBER, &[("1", 0..7, 10), ("2", 0..8, 20)]),
            20,
            8,
            7,
        ),
        (
            "by temporal position",
            with(
                tags::TEMPORAL_POSITION_IDENTIFIER,
                &[("1", 0..8, 10), ("2", 0..5, 20)],
            ),
            10,
            8,
            5,
        ),
        (
            "by time",
            with(
                tags::ACQUISITION_TIME,
                &[("101500.1", 0..5, 10), ("101530", 0..8, 20)],
            ),
            20,
            8,
            5,
        ),
        (
            "the other has a gap",
            {
                let mut slices = with(tags::ACQUISITION_NUMBER, &[("1", 0..11, 10), ("2", 0..10, 20)]);
                slices.remove(4);
                slices
            },
            20,
            10,
            10,
        ),
    ];
    for (name, slices, hu, count, aside) in rows {
        let loaded = try_load(&slices).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(loaded.volume.shape_kji()[0], count, "{name}");
        let voxels = loaded.volume.i16_view().unwrap();
        assert!(voxels.iter().all(|voxel| *voxel == hu), "{name}");
        assert_eq!(loaded.set_aside.len(), aside, "{name}");
        assert!(
            loaded
                .set_aside
                .iter()
                .all(|file| file.code == ReasonCode::SeveralAcquisitions)
        );
        assert_eq!(loaded.warnings.len(), 1, "{name}");
        assert_eq!(loaded.warnings[0].code, ReasonCode::SeveralAcquisitions, "{name}");
    }
}

#[test]
fn what_cannot_be_told_apart_is_refused() {
    let number = tags::ACQUISITION_NUMBER;
    let rows = [
        (
            "two phases of one size",
            [
                acquisition(number, "1", 0..8, 10),
                acquisition(number, "2", 0..8, 20),
            ]
            .concat(),
            ReasonCode::SeveralAcquisitions,
        ),
        (
            "nothing tells them apart",
            [
                acquisition(number, "1", 0..8, 10),
                acquisition(number, "1", 0..5, 20),
            ]
            .concat(),
            ReasonCode::DuplicateSlice,
        ),
        (
            // Half the chest alone would be a volume, and nobody would miss the other half.
            "two stations that meet in one slice",
            [
                acquisition(number, "1", 0..8, 10),
                acquisition(number, "2", 7..16, 20),
            ]
            .concat(),
            ReasonCode::DuplicateSlice,
        ),
    ];
    for (name, slices, code) in rows {
        let error = try_load(&slices).map(|_| ()).unwrap_err();
        assert_eq!(error.code(), code, "{name}: {error}");
    }
}

#[test]
fn one_volume_of_many_acquisition_numbers() {
    // Step-and-shoot: every slice has its own number and time.
    let slices: Vec<Slice> = (0..8)
        .flat_map(|k| acquisition(tags::ACQUISITION_NUMBER, &k.to_string(), k..k + 1, 10))
        .collect();
    let loaded = try_load(&slices).unwrap();
    assert_eq!(loaded.volume.shape_kji()[0], 8);
    assert!(loaded.warnings.is_empty());

    // Two stations that follow on each other.
    let number = tags::ACQUISITION_NUMBER;
    let slices = [
        acquisition(number, "1", 0..8, 10),
        acquisition(number, "2", 8..16, 20),
    ]
    .concat();
    assert_eq!(try_load(&slices).unwrap().volume.shape_kji()[0], 16);
}
