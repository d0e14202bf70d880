//! Small DICOM files and bodies made of them.

use dicom_core::{DataElement, PrimitiveValue, VR, dicom_value};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};

/// A CT slice of 4 by 4 pixels in study `1.2.study`, series `1.2.study.1`.
pub(crate) fn slice(study: u32, instance: u32, patient: &str) -> Vec<u8> {
    slice_with(study, instance, patient, 0)
}

/// [`slice`] with another pixel value.
pub(crate) fn slice_with(study: u32, instance: u32, patient: &str, pixel: u16) -> Vec<u8> {
    let sop = format!("1.2.{study}.1.{instance}");
    let text = |tag, vr, value: &str| DataElement::new(tag, vr, PrimitiveValue::from(value));
    let number = |tag, value: u16| DataElement::new(tag, VR::US, dicom_value!(U16, [value]));
    let object = InMemDicomObject::from_element_iter([
        text(tags::SOP_CLASS_UID, VR::UI, uids::CT_IMAGE_STORAGE),
        text(tags::SOP_INSTANCE_UID, VR::UI, &sop),
        text(tags::STUDY_DATE, VR::DA, "20240229"),
        text(tags::MODALITY, VR::CS, "CT"),
        text(tags::PATIENT_NAME, VR::PN, "Doe^Jane"),
        text(tags::PATIENT_ID, VR::LO, patient),
        text(tags::STUDY_INSTANCE_UID, VR::UI, &format!("1.2.{study}")),
        text(tags::SERIES_INSTANCE_UID, VR::UI, &format!("1.2.{study}.1")),
        text(tags::INSTANCE_NUMBER, VR::IS, &instance.to_string()),
        number(tags::ROWS, 4),
        number(tags::COLUMNS, 4),
        number(tags::BITS_ALLOCATED, 16),
        DataElement::new(
            tags::PIXEL_DATA,
            VR::OW,
            PrimitiveValue::U16(vec![pixel; 16].into()),
        ),
    ]);
    let meta = FileMetaTableBuilder::new()
        .transfer_syntax(uids::EXPLICIT_VR_LITTLE_ENDIAN)
        .media_storage_sop_class_uid(uids::CT_IMAGE_STORAGE)
        .media_storage_sop_instance_uid(&sop);
    let mut bytes = Vec::new();
    object.with_meta(meta).unwrap().write_all(&mut bytes).unwrap();
    bytes
}

pub(crate) const RELATED: &str = "multipart/related; type=\"application/dicom\"; boundary=XbX";

/// A multipart body of these parts with boundary `XbX`.
pub(crate) fn related(parts: &[&[u8]]) -> Vec<u8> {
    let mut body = Vec::new();
    for part in parts {
        body.extend_from_slice(b"--XbX\r\nContent-Type: application/dicom\r\n\r\n");
        body.extend_from_slice(part);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--XbX--\r\n");
    body
}
