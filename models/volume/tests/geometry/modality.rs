//! What makes HU of stored values, and what does not.

use dicom_core::value::DataSetSequence;
use dicom_core::{DataElement, PrimitiveValue, VR};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use hilum_domain::ReasonCode;

use crate::series::{Slice, series, try_load};

const EXPLICIT: &str = "1.2.840.10008.1.2.1";
const IMPLICIT: &str = "1.2.840.10008.1.2";
const BIG: &str = "1.2.840.10008.1.2.2";

/// What is done to a slice.
type Change = fn(Slice) -> Slice;

/// A slice with a modality lookup table in place of its rescale. The table declares `declared` entries from stored
/// value `first` on.
fn with_table(slice: Slice, kind: &str, [declared, first]: [u16; 2], entries: &[u16]) -> Slice {
    let words = |words: &[u16]| PrimitiveValue::U16(words.into());
    let item = InMemDicomObject::from_element_iter([
        DataElement::new(tags::LUT_DESCRIPTOR, VR::US, words(&[declared, first, 16])),
        DataElement::new(tags::MODALITY_LUT_TYPE, VR::LO, PrimitiveValue::from(kind)),
        DataElement::new(tags::LUT_DATA, VR::OW, words(entries)),
    ]);
    slice
        .without(tags::RESCALE_SLOPE)
        .without(tags::RESCALE_INTERCEPT)
        .element(DataElement::new(
            tags::MODALITY_LUT_SEQUENCE,
            VR::SQ,
            DataSetSequence::from(vec![item]),
        ))
}

#[test]
fn a_modality_lookup_table_gives_hu() {
    // Slice k holds 1024 + 10 k and one 0. Values outside of the table take its ends.
    let entries: Vec<u16> = (0..40).map(|index| 100 + 3 * index).collect();
    for syntax in [EXPLICIT, IMPLICIT, BIG] {
        let slices: Vec<Slice> = series("1.2.4", 5)
            .into_iter()
            .map(|slice| with_table(slice, "HU", [40, 1030], &entries).syntax(syntax))
            .collect();
        let volume = try_load(&slices).unwrap().volume;
        let hu = volume.i16_view().unwrap();
        for (k, expected) in [100, 112, 142, 172, 202].into_iter().enumerate() {
            assert_eq!(
                (hu[[k, 0, 0]], hu[[k, 2, 3]]),
                (100, expected),
                "{syntax}, slice {k}"
            );
        }
    }
}

#[test]
fn tables_that_give_no_hu_are_refused() {
    let rows: [(&str, Change); 3] = [
        ("another number of entries", |s| {
            with_table(s, "HU", [3, 0], &[1, 2])
        }),
        ("another number of entries", |s| {
            with_table(s, "HU", [0, 0], &[1, 2])
        }),
        ("beside a rescale", |s| {
            with_table(s, "HU", [2, 0], &[1, 2])
                .text(tags::RESCALE_SLOPE, "1")
                .text(tags::RESCALE_INTERCEPT, "0")
        }),
    ];
    for (expected, change) in rows {
        let slices: Vec<Slice> = series("1.2.4", 5).into_iter().map(change).collect();
        let error = try_load(&slices).unwrap_err();
        assert_eq!(error.code(), ReasonCode::DecodeFailed, "{error}");
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[test]
fn monochrome1_changes_no_value() {
    let slices = series("1.2.4", 5);
    let inverted: Vec<Slice> = slices
        .iter()
        .cloned()
        .map(|slice| slice.text(tags::PHOTOMETRIC_INTERPRETATION, "MONOCHROME1"))
        .collect();
    assert_eq!(
        try_load(&inverted).unwrap().volume.voxels(),
        try_load(&slices).unwrap().volume.voxels()
    );
}

#[test]
fn colours_have_a_refusal_of_their_own() {
    let rows: [(&str, Change); 5] = [
        ("SamplesPerPixel is 3", |s| {
            s.number(tags::SAMPLES_PER_PIXEL, 3)
                .text(tags::PHOTOMETRIC_INTERPRETATION, "RGB")
        }),
        ("SamplesPerPixel is 4", |s| s.number(tags::SAMPLES_PER_PIXEL, 4)),
        // In everything else it looks like a CT slice.
        ("PhotometricInterpretation is PALETTE COLOR", |s| {
            s.text(tags::PHOTOMETRIC_INTERPRETATION, "PALETTE COLOR")
        }),
        ("PhotometricInterpretation is YBR_FULL_422", |s| {
            s.text(tags::PHOTOMETRIC_INTERPRETATION, "YBR_FULL_422")
        }),
        ("PhotometricInterpretation is no defined term", |s| {
            s.text(tags::PHOTOMETRIC_INTERPRETATION, "SURNAME^GIVEN")
        }),
    ];
    for (expected, change) in rows {
        let mut slices = series("1.2.4", 5);
        slices[2] = change(slices[2].clone());
        let error = try_load(&slices).unwrap_err();
        assert_eq!(error.code(), ReasonCode::ColourImage, "{error}");
        assert!(
            error.to_string().contains(expected) && !error.to_string().contains("SURNAME"),
            "{error}"
        );
    }
}

#[test]
fn another_unit_is_refused_by_name() {
    let rescaled = |unit: &'static str| move |s: Slice| s.text(tags::RESCALE_TYPE, unit);
    let mut rows: Vec<(&str, Vec<Slice>)> = ["OD", "MGML", "Z_EFF", "ED", "EDW", "PCT"]
        .map(|unit| (unit, series("1.2.4", 5).into_iter().map(rescaled(unit)).collect()))
        .into();
    let of_one = |change: Change| {
        let mut slices = series("1.2.4", 5);
        slices[2] = change(slices[2].clone());
        slices
    };
    rows.push((
        "no defined term",
        of_one(|s| s.text(tags::RESCALE_TYPE, "SURNAME^GIVEN")),
    ));
    rows.push(("OD", of_one(|s| with_table(s, "OD", [2, 0], &[1, 2]))));
    for (unit, slices) in rows {
        let error = try_load(&slices).unwrap_err();
        assert_eq!(error.code(), ReasonCode::RescaleType, "{error}");
        let text = error.to_string();
        assert!(
            text.contains(&format!("Type is {unit}, which is not HU")),
            "{text}"
        );
    }
}

#[test]
fn a_unit_that_may_be_hu_is_read_as_hu_with_a_warning() {
    let plain = try_load(&series("1.2.4", 5)).unwrap().volume;
    for (unit, slices_warned, expected) in [
        ("HU", 5, None),
        ("", 5, None),
        ("US", 5, Some("5 slices do not say their unit")),
        ("HU_MOD", 2, Some("2 slices have modified HU")),
    ] {
        let slices: Vec<Slice> = series("1.2.4", 5)
            .into_iter()
            .enumerate()
            .map(|(k, slice)| {
                if k < slices_warned {
                    slice.text(tags::RESCALE_TYPE, unit)
                } else {
                    slice
                }
            })
            .collect();
        let loaded = try_load(&slices).unwrap();
        assert_eq!(loaded.volume.voxels(), plain.voxels(), "{unit}");
        let told: Vec<&str> = loaded
            .warnings
            .iter()
            .filter(|warning| warning.code == ReasonCode::RescaleType)
            .map(|warning| warning.text.as_str())
            .collect();
        assert_eq!(told.len(), usize::from(expected.is_some()), "{unit}: {told:?}");
        let right = expected.is_none_or(|expected| told[0].starts_with(expected));
        assert!(right, "{unit}: {told:?}");
    }
}
