//! The phantom as CT Image Storage instances (PS3.3 section A.3).

use std::fs;
use std::path::Path;

use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
use hilum_domain::{Lps, Sha256, Uid};
use rayon::prelude::*;

use crate::chest::{ChestPhantom, yyyymmdd};
use crate::options::PhantomError;

/// Stored value = HU + 1024 in 12 unsigned bits, as most scanners write.
const INTERCEPT_HU: i16 = -1024;

impl ChestPhantom {
    /// Writes one file for each slice, `slice_000.dcm` and on, into an existing folder.
    pub fn write_dicom(&self, folder: &Path) -> Result<(), PhantomError> {
        (0..usize::from(self.options.slices))
            .into_par_iter()
            .try_for_each(|k| {
                let (name, bytes) = self.instance(k)?;
                fs::write(folder.join(&name), bytes)
                    .map_err(|source| PhantomError::Write { file: name, source })
            })
    }

    /// All instances in memory, by name.
    pub fn instances(&self) -> Result<Vec<(String, Vec<u8>)>, PhantomError> {
        (0..usize::from(self.options.slices))
            .into_par_iter()
            .map(|k| self.instance(k))
            .collect()
    }

    /// Slice `k` as a DICOM Part 10 file, explicit VR little endian.
    pub fn instance(&self, k: usize) -> Result<(String, Vec<u8>), PhantomError> {
        let encode = |why: String| PhantomError::Encode { slice: k, why };
        let meta = FileMetaTableBuilder::new().transfer_syntax(uids::EXPLICIT_VR_LITTLE_ENDIAN);
        let object = self
            .object(k)
            .with_meta(meta)
            .map_err(|why| encode(why.to_string()))?;
        let mut bytes = Vec::new();
        object
            .write_all(&mut bytes)
            .map_err(|why| encode(why.to_string()))?;
        Ok((format!("slice_{k:03}.dcm"), bytes))
    }

    fn object(&self, k: usize) -> InMemDicomObject {
        let truth = &self.truth;
        let seed = truth.seed.to_string();
        let derived = |what: &str| {
            let text = format!("{} {what}", truth.series_instance_uid);
            Uid::derived(&Sha256::of(text.as_bytes()))
        };
        let Lps([x, y, z]) = self.affine.to_lps([0.0, 0.0, k as f64]);
        let spacing = decimal(self.options.pixel_spacing_mm());
        let options = &self.options;
        let thickness = decimal(options.thickness_mm());
        let (sin, cos) = options.tilt_degrees.to_radians().sin_cos();
        let orientation = format!("1\\0\\0\\0\\{}\\{}", decimal(cos), decimal(sin));
        let date = yyyymmdd(options.study_date);
        let birth_year = options.study_date.year() - i32::from(options.age_years);
        let size = options.size;
        let comment = format!("Synthetic chest phantom, seed {seed}: not a patient, not for diagnosis");
        let instance = derived(&format!("instance {k}"));
        let frame = derived("frame of reference");
        let texts: [(Tag, VR, &str); 21] = [
            (tags::SOP_INSTANCE_UID, VR::UI, instance.as_str()),
            (tags::PATIENT_ID, VR::LO, &format!("HILUM-PHANTOM-{seed}")),
            (tags::SLICE_THICKNESS, VR::DS, &thickness),
            (
                tags::STUDY_INSTANCE_UID,
                VR::UI,
                truth.study_instance_uid.as_str(),
            ),
            (
                tags::SERIES_INSTANCE_UID,
                VR::UI,
                truth.series_instance_uid.as_str(),
            ),
            (tags::INSTANCE_NUMBER, VR::IS, &(k + 1).to_string()),
            (
                tags::IMAGE_POSITION_PATIENT,
                VR::DS,
                &[x, y, z].map(decimal).join("\\"),
            ),
            (tags::FRAME_OF_REFERENCE_UID, VR::UI, frame.as_str()),
            (tags::SLICE_LOCATION, VR::DS, &decimal(z)),
            (tags::IMAGE_COMMENTS, VR::LT, &comment),
            (tags::PIXEL_SPACING, VR::DS, &format!("{spacing}\\{spacing}")),
            (tags::RESCALE_INTERCEPT, VR::DS, &INTERCEPT_HU.to_string()),
            (tags::STUDY_DATE, VR::DA, &date),
            (tags::SERIES_DATE, VR::DA, &date),
            (tags::ACQUISITION_DATE, VR::DA, &date),
            (tags::CONTENT_DATE, VR::DA, &date),
            (tags::PATIENT_BIRTH_DATE, VR::DA, &format!("{birth_year:04}0101")),
            (tags::PATIENT_AGE, VR::AS, &format!("{:03}Y", options.age_years)),
            (tags::BODY_PART_EXAMINED, VR::CS, &options.body_part),
            (tags::CONVOLUTION_KERNEL, VR::SH, options.kernel.as_str()),
            (tags::IMAGE_ORIENTATION_PATIENT, VR::DS, &orientation),
        ];
        let numbers: [(Tag, u16); 7] = [
            (tags::SAMPLES_PER_PIXEL, 1),
            (tags::ROWS, size),
            (tags::COLUMNS, size),
            (tags::BITS_ALLOCATED, 16),
            (tags::BITS_STORED, 12),
            (tags::HIGH_BIT, 11),
            (tags::PIXEL_REPRESENTATION, 0),
        ];
        let mut object = InMemDicomObject::new_empty();
        for (tag, vr, text) in ALIKE.into_iter().chain(texts) {
            object.put(DataElement::new(tag, vr, PrimitiveValue::from(text)));
        }
        if options.tilt_degrees != 0.0 {
            let tilt = PrimitiveValue::from(decimal(options.tilt_degrees));
            object.put(DataElement::new(tags::GANTRY_DETECTOR_TILT, VR::DS, tilt));
        }
        if options.contrast {
            let agent = PrimitiveValue::from("Iodine, computed");
            object.put(DataElement::new(tags::CONTRAST_BOLUS_AGENT, VR::LO, agent));
        }
        for (tag, number) in numbers {
            object.put(DataElement::new(tag, VR::US, PrimitiveValue::from(number)));
        }
        let stored: Vec<u16> = self
            .slice_hu(k)
            .into_iter()
            .map(|hu| (hu - INTERCEPT_HU) as u16)
            .collect();
        let pixels = PrimitiveValue::U16(stored.into());
        object.put(DataElement::new(tags::PIXEL_DATA, VR::OW, pixels));
        object
    }
}

/// A decimal string of at most 16 characters.
fn decimal(number: f64) -> String {
    let text = format!("{number:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}

/// Attributes that are the same in every phantom.
const ALIKE: [(Tag, VR, &str); 30] = [
    (tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 192"),
    (tags::IMAGE_TYPE, VR::CS, "DERIVED\\SECONDARY\\AXIAL"),
    (tags::SOP_CLASS_UID, VR::UI, uids::CT_IMAGE_STORAGE),
    (tags::STUDY_TIME, VR::TM, "120000"),
    (tags::SERIES_TIME, VR::TM, "120000"),
    (tags::ACQUISITION_TIME, VR::TM, "120000"),
    (tags::CONTENT_TIME, VR::TM, "120000"),
    (tags::ACCESSION_NUMBER, VR::SH, ""),
    (tags::MODALITY, VR::CS, "CT"),
    (tags::MANUFACTURER, VR::LO, "Hilum"),
    (tags::REFERRING_PHYSICIAN_NAME, VR::PN, ""),
    (tags::STUDY_DESCRIPTION, VR::LO, "Synthetic chest CT"),
    (tags::SERIES_DESCRIPTION, VR::LO, "Synthetic chest phantom"),
    (tags::MANUFACTURER_MODEL_NAME, VR::LO, "hilum-phantom"),
    (
        tags::DERIVATION_DESCRIPTION,
        VR::ST,
        "Computed from geometric shapes; no patient was scanned",
    ),
    (tags::PATIENT_NAME, VR::PN, "Phantom^Synthetic"),
    (tags::PATIENT_SEX, VR::CS, "O"),
    (tags::KVP, VR::DS, "120"),
    (tags::PATIENT_POSITION, VR::CS, "HFS"),
    (tags::STUDY_ID, VR::SH, "1"),
    (tags::SERIES_NUMBER, VR::IS, "1"),
    (tags::ACQUISITION_NUMBER, VR::IS, "1"),
    (tags::POSITION_REFERENCE_INDICATOR, VR::LO, ""),
    (tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "MONOCHROME2"),
    (tags::BURNED_IN_ANNOTATION, VR::CS, "NO"),
    (tags::LOSSY_IMAGE_COMPRESSION, VR::CS, "00"),
    (tags::WINDOW_CENTER, VR::DS, "-600"),
    (tags::WINDOW_WIDTH, VR::DS, "1500"),
    (tags::RESCALE_SLOPE, VR::DS, "1"),
    (tags::RESCALE_TYPE, VR::LO, "HU"),
];
