//! The header of one instance.

use dicom_core::Tag;
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;
use dicom_transfer_syntax_registry::entries;
use hilum_domain::{Redacted, Uid};
use hilum_gate::{Encoding, Limits, Prescan, prescan};

use crate::VolumeError;
use crate::attributes::Attributes;

/// Longest value that is read from a header. Attributes of use here are far shorter.
pub(crate) const LONGEST_VALUE: usize = 64 * 1024;

/// Who the patient is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientIdentity {
    /// Patient ID (0010,0020), empty where the attribute is.
    pub id: Redacted<String>,
    /// Issuer of Patient ID (0010,0021).
    pub issuer: Redacted<Option<String>>,
}

/// What an instance says about itself before its pixels.
#[derive(Debug, Clone)]
pub struct InstanceHeader {
    /// Study Instance UID.
    pub study_instance_uid: Uid,
    /// Series Instance UID.
    pub series_instance_uid: Uid,
    /// SOP Instance UID.
    pub sop_instance_uid: Uid,
    /// SOP Class UID.
    pub sop_class_uid: Uid,
    /// Transfer syntax of the file.
    pub transfer_syntax: Uid,
    /// Modality, empty where absent.
    pub modality: String,
    /// Patient ID and its issuer.
    pub patient: PatientIdentity,
    /// Patient's Name.
    pub patient_name: Redacted<Option<String>>,
    /// Patient's Birth Date, YYYYMMDD.
    pub patient_birth_date: Redacted<Option<String>>,
    /// Patient's Sex.
    pub patient_sex: Redacted<Option<String>>,
    /// Patient's Age, for example `061Y`.
    pub patient_age: Redacted<Option<String>>,
    /// Accession Number.
    pub accession_number: Redacted<Option<String>>,
    /// Study Date, YYYYMMDD.
    pub study_date: Option<String>,
    /// Study Time, HHMMSS.
    pub study_time: Option<String>,
    /// Study Description.
    pub study_description: Option<String>,
    /// Series Description.
    pub series_description: Option<String>,
    /// Body Part Examined.
    pub body_part: Option<String>,
    /// Manufacturer.
    pub manufacturer: Option<String>,
    /// Convolution Kernel.
    pub convolution_kernel: Option<String>,
    /// Contrast/Bolus Agent; its presence alone is of use.
    pub contrast_agent: Option<String>,
    /// Image Type, value by value.
    pub image_type: Vec<String>,
    /// Frame of Reference UID.
    pub frame_of_reference_uid: Option<Uid>,
    /// Series Number.
    pub series_number: Option<i64>,
    /// Instance Number.
    pub instance_number: Option<i64>,
    /// Rows, where the instance is an image.
    pub rows: Option<u16>,
    /// Columns, where the instance is an image.
    pub columns: Option<u16>,
    /// Number of Frames, 1 where absent.
    pub number_of_frames: u32,
    /// KVP in kilovolts.
    pub kvp: Option<f64>,
    /// Slice Thickness in millimetres: how thick, never how far apart.
    pub slice_thickness_mm: Option<f64>,
}

impl InstanceHeader {
    /// Whether this is a CT image: one slice, or several as frames.
    pub fn is_ct_slice(&self) -> bool {
        let one = self.sop_class_uid.as_str() == uids::CT_IMAGE_STORAGE;
        self.modality == "CT" && (one || self.is_multi_frame())
    }

    /// Whether slices are frames of the instance: Enhanced CT, converted from slices or not.
    pub fn is_multi_frame(&self) -> bool {
        let classes = [
            uids::ENHANCED_CT_IMAGE_STORAGE,
            uids::LEGACY_CONVERTED_ENHANCED_CT_IMAGE_STORAGE,
        ];
        classes.contains(&self.sop_class_uid.as_str())
    }

    /// Whether this is a localizer (scout) image.
    pub fn is_localizer(&self) -> bool {
        self.image_type.iter().any(|value| value == "LOCALIZER")
    }
}

/// Reads the header of a DICOM Part 10 file, after the gate let it pass.
///
/// `name` is what errors call the file. Study, series, SOP instance and SOP class UID must be there.
pub fn read_header(name: &str, bytes: &[u8], limits: &Limits) -> Result<InstanceHeader, VolumeError> {
    let scan = prescan(bytes, limits).map_err(|source| VolumeError::Refused {
        file: name.to_owned(),
        source,
    })?;
    let object = parse(name, bytes, &scan)?;
    InstanceHeader::of(name, &object, &scan)
}

impl InstanceHeader {
    pub(crate) fn of(file: &str, object: &InMemDicomObject, scan: &Prescan) -> Result<Self, VolumeError> {
        let attributes = Attributes { object, file };
        let text = |tag| attributes.text(tag);
        let first =
            |tag, name| Ok::<_, VolumeError>(attributes.numbers::<1>(tag, name).ok().flatten().map(|[v]| v));
        let frames = attributes.integer(tags::NUMBER_OF_FRAMES, "NumberOfFrames")?;
        Ok(Self {
            study_instance_uid: attributes.uid(tags::STUDY_INSTANCE_UID, "StudyInstanceUID")?,
            series_instance_uid: attributes.uid(tags::SERIES_INSTANCE_UID, "SeriesInstanceUID")?,
            sop_instance_uid: attributes.uid(tags::SOP_INSTANCE_UID, "SOPInstanceUID")?,
            sop_class_uid: attributes.uid(tags::SOP_CLASS_UID, "SOPClassUID")?,
            transfer_syntax: scan.transfer_syntax.clone(),
            modality: text(tags::MODALITY).unwrap_or_default(),
            patient: PatientIdentity {
                id: Redacted::new(text(tags::PATIENT_ID).unwrap_or_default()),
                issuer: Redacted::new(text(tags::ISSUER_OF_PATIENT_ID)),
            },
            patient_name: Redacted::new(text(tags::PATIENT_NAME)),
            patient_birth_date: Redacted::new(text(tags::PATIENT_BIRTH_DATE)),
            patient_sex: Redacted::new(text(tags::PATIENT_SEX)),
            patient_age: Redacted::new(text(tags::PATIENT_AGE)),
            accession_number: Redacted::new(text(tags::ACCESSION_NUMBER)),
            study_date: text(tags::STUDY_DATE),
            study_time: text(tags::STUDY_TIME),
            study_description: text(tags::STUDY_DESCRIPTION),
            series_description: text(tags::SERIES_DESCRIPTION),
            body_part: text(tags::BODY_PART_EXAMINED),
            manufacturer: text(tags::MANUFACTURER),
            convolution_kernel: text(tags::CONVOLUTION_KERNEL),
            contrast_agent: text(tags::CONTRAST_BOLUS_AGENT),
            image_type: attributes.texts(tags::IMAGE_TYPE),
            frame_of_reference_uid: text(tags::FRAME_OF_REFERENCE_UID).and_then(|uid| Uid::parse(&uid).ok()),
            series_number: attributes
                .integer(tags::SERIES_NUMBER, "SeriesNumber")
                .ok()
                .flatten(),
            instance_number: attributes
                .integer(tags::INSTANCE_NUMBER, "InstanceNumber")
                .ok()
                .flatten(),
            rows: attributes.unsigned(tags::ROWS, "Rows")?,
            columns: attributes.unsigned(tags::COLUMNS, "Columns")?,
            number_of_frames: u32::try_from(frames.unwrap_or(1)).map_err(|_| {
                VolumeError::MissingAttribute {
                    file: file.to_owned(),
                    attribute: "NumberOfFrames",
                }
            })?,
            kvp: first(tags::KVP, "KVP")?,
            slice_thickness_mm: first(tags::SLICE_THICKNESS, "SliceThickness")?,
        })
    }
}

/// Parses the wanted elements of the outermost level; the parser never meets a sequence or a pixel.
pub(crate) fn parse(file: &str, bytes: &[u8], scan: &Prescan) -> Result<InMemDicomObject, VolumeError> {
    let slim = scan.slim(bytes, LONGEST_VALUE, |group, element| {
        WANTED.contains(&Tag(group, element))
    });
    parse_elements(file, &slim, scan.encoding)
}

/// Parses elements without sequences.
pub(crate) fn parse_elements(
    file: &str,
    elements: &[u8],
    encoding: Encoding,
) -> Result<InMemDicomObject, VolumeError> {
    let transfer_syntax = match encoding {
        Encoding::ImplicitLittle => entries::IMPLICIT_VR_LITTLE_ENDIAN.erased(),
        Encoding::ExplicitLittle => entries::EXPLICIT_VR_LITTLE_ENDIAN.erased(),
        Encoding::ExplicitBig => entries::EXPLICIT_VR_BIG_ENDIAN.erased(),
    };
    InMemDicomObject::read_dataset_with_ts(elements, &transfer_syntax).map_err(|_| VolumeError::Unparsable {
        file: file.to_owned(),
    })
}

/// The attributes that this crate reads.
const WANTED: [Tag; 51] = [
    tags::SPECIFIC_CHARACTER_SET,
    tags::IMAGE_TYPE,
    tags::SOP_CLASS_UID,
    tags::SOP_INSTANCE_UID,
    tags::STUDY_DATE,
    tags::STUDY_TIME,
    tags::ACQUISITION_TIME,
    tags::ACCESSION_NUMBER,
    tags::MODALITY,
    tags::MANUFACTURER,
    tags::STUDY_DESCRIPTION,
    tags::SERIES_DESCRIPTION,
    tags::PATIENT_NAME,
    tags::PATIENT_ID,
    tags::ISSUER_OF_PATIENT_ID,
    tags::PATIENT_BIRTH_DATE,
    tags::PATIENT_SEX,
    tags::PATIENT_AGE,
    tags::CONTRAST_BOLUS_AGENT,
    tags::BODY_PART_EXAMINED,
    tags::SLICE_THICKNESS,
    tags::KVP,
    tags::CONVOLUTION_KERNEL,
    tags::STUDY_INSTANCE_UID,
    tags::SERIES_INSTANCE_UID,
    tags::SERIES_NUMBER,
    tags::ACQUISITION_NUMBER,
    tags::INSTANCE_NUMBER,
    tags::IMAGE_POSITION_PATIENT,
    tags::IMAGE_ORIENTATION_PATIENT,
    tags::FRAME_OF_REFERENCE_UID,
    tags::TEMPORAL_POSITION_IDENTIFIER,
    tags::SAMPLES_PER_PIXEL,
    tags::PHOTOMETRIC_INTERPRETATION,
    tags::NUMBER_OF_FRAMES,
    tags::ROWS,
    tags::COLUMNS,
    tags::PIXEL_SPACING,
    tags::BITS_ALLOCATED,
    tags::BITS_STORED,
    tags::HIGH_BIT,
    tags::PIXEL_REPRESENTATION,
    tags::PIXEL_PADDING_VALUE,
    tags::PIXEL_PADDING_RANGE_LIMIT,
    tags::RESCALE_INTERCEPT,
    tags::RESCALE_SLOPE,
    tags::RESCALE_TYPE,
    tags::BURNED_IN_ANNOTATION,
    tags::LOSSY_IMAGE_COMPRESSION,
    tags::IMAGE_COMMENTS,
    tags::PATIENT_POSITION,
];
