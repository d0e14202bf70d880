//! Small CT slices for tests, whose attributes can be changed.

use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
use hilum_domain::NoProgress;
use hilum_volume::{LoadOptions, LoadedSeries, VolumeError, load_instances};

pub(crate) const ROWS: u16 = 3;
pub(crate) const COLUMNS: u16 = 4;
const EXPLICIT: &str = "1.2.840.10008.1.2.1";

/// A small CT slice whose attributes can be changed.
#[derive(Clone)]
pub(crate) struct Slice {
    transfer_syntax: &'static str,
    object: InMemDicomObject,
}

/// Slice `k` of an axial series: 2.5 mm apart, every voxel `10 k` HU and the first `-1024`.
pub(crate) fn slice(series: &str, k: u16) -> Slice {
    let mut object = InMemDicomObject::new_empty();
    let texts = [
        (tags::SOP_CLASS_UID, VR::UI, uids::CT_IMAGE_STORAGE.to_owned()),
        (tags::SOP_INSTANCE_UID, VR::UI, format!("{series}.{}", k + 1)),
        (tags::STUDY_INSTANCE_UID, VR::UI, "1.2.3".to_owned()),
        (tags::SERIES_INSTANCE_UID, VR::UI, series.to_owned()),
        (tags::MODALITY, VR::CS, "CT".to_owned()),
        (tags::PATIENT_ID, VR::LO, "P1".to_owned()),
        (tags::IMAGE_TYPE, VR::CS, "ORIGINAL\\PRIMARY\\AXIAL".to_owned()),
        (
            tags::IMAGE_ORIENTATION_PATIENT,
            VR::DS,
            "1\\0\\0\\0\\1\\0".to_owned(),
        ),
        (tags::PIXEL_SPACING, VR::DS, "0.8\\0.7".to_owned()),
        (tags::SLICE_THICKNESS, VR::DS, "9".to_owned()),
        (tags::RESCALE_SLOPE, VR::DS, "1".to_owned()),
        (tags::RESCALE_INTERCEPT, VR::DS, "-1024".to_owned()),
    ];
    for (tag, vr, text) in texts {
        object.put(DataElement::new(tag, vr, PrimitiveValue::from(text)));
    }
    let numbers = [
        (tags::SAMPLES_PER_PIXEL, 1),
        (tags::ROWS, ROWS),
        (tags::COLUMNS, COLUMNS),
        (tags::BITS_ALLOCATED, 16),
        (tags::BITS_STORED, 12),
        (tags::HIGH_BIT, 11),
        (tags::PIXEL_REPRESENTATION, 0),
    ];
    for (tag, number) in numbers {
        object.put(DataElement::new(tag, VR::US, PrimitiveValue::from(number)));
    }
    let mut pixels = vec![1024 + 10 * k; usize::from(ROWS * COLUMNS)];
    pixels[0] = 0;
    let slice = Slice {
        transfer_syntax: EXPLICIT,
        object,
    };
    slice.at(0.0, 0.0, 2.5 * f64::from(k)).pixels(pixels)
}

impl Slice {
    pub(crate) fn element(mut self, element: DataElement<InMemDicomObject>) -> Self {
        self.object.put(element);
        self
    }

    pub(crate) fn text(mut self, tag: Tag, text: &str) -> Self {
        let vr = self.object.get(tag).map_or(VR::LO, |element| element.header().vr);
        self.object
            .put(DataElement::new(tag, vr, PrimitiveValue::from(text)));
        self
    }

    pub(crate) fn number(mut self, tag: Tag, number: u16) -> Self {
        self.object
            .put(DataElement::new(tag, VR::US, PrimitiveValue::from(number)));
        self
    }

    pub(crate) fn without(mut self, tag: Tag) -> Self {
        self.object.remove_element(tag);
        self
    }

    pub(crate) fn at(mut self, x: f64, y: f64, z: f64) -> Self {
        let position = PrimitiveValue::from(format!("{x}\\{y}\\{z}"));
        self.object
            .put(DataElement::new(tags::IMAGE_POSITION_PATIENT, VR::DS, position));
        self
    }

    pub(crate) fn pixels(mut self, stored: Vec<u16>) -> Self {
        self.object.put(DataElement::new(
            tags::PIXEL_DATA,
            VR::OW,
            PrimitiveValue::U16(stored.into()),
        ));
        self
    }

    pub(crate) fn syntax(mut self, transfer_syntax: &'static str) -> Self {
        self.transfer_syntax = transfer_syntax;
        self
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let meta = FileMetaTableBuilder::new().transfer_syntax(self.transfer_syntax);
        let mut bytes = Vec::new();
        self.object
            .clone()
            .with_meta(meta)
            .unwrap()
            .write_all(&mut bytes)
            .unwrap();
        bytes
    }
}

pub(crate) fn series(uid: &str, slices: u16) -> Vec<Slice> {
    (0..slices).map(|k| slice(uid, k)).collect()
}

/// Every third slice first, the rest backwards.
pub(crate) fn scrambled(slices: &[Slice]) -> Vec<(String, Vec<u8>)> {
    let (mut first, mut rest): (Vec<_>, Vec<_>) = slices.iter().enumerate().partition(|(k, _)| k % 3 == 1);
    rest.reverse();
    first.append(&mut rest);
    first
        .into_iter()
        .map(|(k, slice)| (format!("f{k}"), slice.bytes()))
        .collect()
}

pub(crate) fn try_load(slices: &[Slice]) -> Result<LoadedSeries, VolumeError> {
    load_instances(scrambled(slices), &LoadOptions::default(), &NoProgress)
}

/// A grid of slices that may lie in any way.
pub(crate) struct Lie {
    pub(crate) row: [f64; 3],
    pub(crate) column: [f64; 3],
    /// From slice to slice.
    pub(crate) step: [f64; 3],
    pub(crate) origin: [f64; 3],
    pub(crate) slices: u16,
    pub(crate) rows: u16,
    pub(crate) columns: u16,
}

/// HU that grow evenly through the patient: every linear interpolation gives them back.
pub(crate) fn field_hu([x, y, z]: [f64; 3]) -> f64 {
    400.0 + 1.9 * x - 1.3 * y + 1.6 * z
}

/// Slices of [`field_hu`], 0.7 mm between columns and 0.8 mm between rows.
pub(crate) fn field_series(lie: &Lie) -> Vec<Slice> {
    let place = |i: u16, j: u16, k: u16| {
        let (i, j, k) = (0.7 * f64::from(i), 0.8 * f64::from(j), f64::from(k));
        [0, 1, 2].map(|axis| lie.origin[axis] + i * lie.row[axis] + j * lie.column[axis] + k * lie.step[axis])
    };
    let ([a, b, c], [d, e, f]) = (lie.row, lie.column);
    let orientation = format!("{a:.9}\\{b:.9}\\{c:.9}\\{d:.9}\\{e:.9}\\{f:.9}");
    (0..lie.slices)
        .map(|k| {
            let [x, y, z] = place(0, 0, k);
            let stored = (0..lie.rows).flat_map(|j| (0..lie.columns).map(move |i| (i, j)));
            let stored = stored
                .map(|(i, j)| (field_hu(place(i, j, k)) + 1024.0).round() as u16)
                .collect();
            slice("1.2.4", k)
                .text(tags::IMAGE_ORIENTATION_PATIENT, &orientation)
                .at(x, y, z)
                .number(tags::ROWS, lie.rows)
                .number(tags::COLUMNS, lie.columns)
                .pixels(stored)
        })
        .collect()
}
