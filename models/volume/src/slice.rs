//! One instance examined: a CT slice, or something to set aside.

use dicom_dictionary_std::tags;
use hilum_domain::{Lps, ReasonCode};
use hilum_gate::{GateError, Limits, Prescan, looks_like_dicom, prescan};

use crate::VolumeError;
use crate::acquisitions::Acquisition;
use crate::attributes::Attributes;
use crate::header::{InstanceHeader, parse};
use crate::load::SetAside;
use crate::pixels::PixelFormat;
use crate::source::{Found, Origin, read_file};

/// A slice whose header was read. Its pixels stay where they are until the series is chosen.
pub(crate) struct CtSlice {
    pub(crate) name: String,
    pub(crate) header: InstanceHeader,
    origin: Origin,
}

/// A slice with what the volume needs, or why that cannot be had: an error only if its series is chosen.
pub(crate) struct Examined {
    pub(crate) slice: CtSlice,
    pub(crate) image: Result<CtImage, VolumeError>,
}

/// Geometry and pixel format of a slice.
pub(crate) struct CtImage {
    /// Centre of the first pixel.
    pub(crate) position: Lps,
    /// Direction of a row, unit length.
    pub(crate) row: [f64; 3],
    /// Direction of a column, unit length.
    pub(crate) column: [f64; 3],
    /// Distance between rows, then between columns, in millimetres.
    pub(crate) pixel_spacing_mm: [f64; 2],
    pub(crate) format: PixelFormat,
    pub(crate) padding_hu: Option<[f32; 2]>,
    pub(crate) says_synthetic: bool,
    pub(crate) acquisition: Acquisition,
}

/// Reads the header of an instance; `buffer` is used again and again for files.
pub(crate) fn examine(found: Found, limits: &Limits, buffer: &mut Vec<u8>) -> Result<Examined, SetAside> {
    let Found { name, origin } = found;
    let aside = |code: ReasonCode, text: String| SetAside {
        file: name.clone(),
        code,
        text,
    };
    let bytes: &[u8] = match &origin {
        Origin::File(path) => {
            read_file(path, limits, buffer).map_err(|why| aside(why.code(), why.to_string()))?;
            buffer
        }
        Origin::Memory(bytes) => bytes,
    };
    if !looks_like_dicom(bytes) {
        return Err(aside(ReasonCode::NotDicom, "not a DICOM Part 10 file".into()));
    }
    let scan = prescan(bytes, limits).map_err(|why| aside(why.code(), why.to_string()))?;
    let object = parse(&name, bytes, &scan).map_err(|why| aside(why.code(), why.to_string()))?;
    let header =
        InstanceHeader::of(&name, &object, &scan).map_err(|why| aside(why.code(), why.to_string()))?;
    if !header.is_ct_slice() {
        return Err(aside(
            ReasonCode::NotCt,
            format!("SOP class {} is not read as a CT slice", header.sop_class_uid),
        ));
    }
    if header.is_localizer() {
        return Err(aside(ReasonCode::Localizer, "a localizer image".into()));
    }
    let attributes = Attributes {
        object: &object,
        file: &name,
    };
    let image = CtImage::of(&attributes, &header).and_then(|image| {
        let held = image.format.check(&scan, limits);
        held.map_err(|refusal| refusal.of_file(&name)).map(|()| image)
    });
    let slice = CtSlice { name, header, origin };
    Ok(Examined { slice, image })
}

impl CtImage {
    fn of(attributes: &Attributes<'_>, header: &InstanceHeader) -> Result<Self, VolumeError> {
        let unreadable = |attribute| VolumeError::MissingAttribute {
            file: attributes.file.to_owned(),
            attribute,
        };
        if header.number_of_frames != 1 {
            return Err(unreadable("NumberOfFrames"));
        }
        let position = attributes.required(tags::IMAGE_POSITION_PATIENT, "ImagePositionPatient")?;
        let [a, b, c, d, e, f] =
            attributes.required(tags::IMAGE_ORIENTATION_PATIENT, "ImageOrientationPatient")?;
        let (row, column) = ([a, b, c], [d, e, f]);
        let off_unit = |v: [f64; 3]| (v.iter().map(|x| x * x).sum::<f64>().sqrt() - 1.0).abs();
        let skew = (a * d + b * e + c * f).abs();
        // Cosines come as decimal strings; a thousandth is far above their rounding and far below a real error.
        if off_unit(row) > 1e-3 || off_unit(column) > 1e-3 || skew > 1e-3 {
            return Err(unreadable("ImageOrientationPatient"));
        }
        let pixel_spacing_mm: [f64; 2] = attributes.required(tags::PIXEL_SPACING, "PixelSpacing")?;
        if pixel_spacing_mm.iter().any(|spacing| *spacing <= 0.0) {
            return Err(unreadable("PixelSpacing"));
        }
        let format = PixelFormat::of(attributes)?;
        let comment = attributes.text(tags::IMAGE_COMMENTS).unwrap_or_default();
        Ok(Self {
            position: Lps(position),
            row,
            column,
            pixel_spacing_mm,
            format,
            padding_hu: format.padding_hu(attributes),
            says_synthetic: comment.to_ascii_lowercase().contains("synthetic"),
            acquisition: Acquisition {
                number: attributes.text(tags::ACQUISITION_NUMBER).unwrap_or_default(),
                temporal_position: attributes
                    .text(tags::TEMPORAL_POSITION_IDENTIFIER)
                    .unwrap_or_default(),
                time: attributes.text(tags::ACQUISITION_TIME).unwrap_or_default(),
            },
        })
    }
}

impl CtSlice {
    /// Decodes the pixels into `plane`; see [`PixelFormat::decode`]. A file is read and scanned again, since it
    /// may have changed.
    pub(crate) fn decode(
        &self,
        format: &PixelFormat,
        limits: &Limits,
        buffer: &mut Vec<u8>,
        plane: &mut [i16],
    ) -> Result<Option<Vec<f32>>, VolumeError> {
        let bytes: &[u8] = match &self.origin {
            Origin::File(path) => {
                read_file(path, limits, buffer).map_err(|why| why.of_file(&self.name))?;
                buffer
            }
            Origin::Memory(bytes) => bytes,
        };
        let scan = self.scan(bytes, limits)?;
        format
            .decode(bytes, &scan, limits, plane)
            .map_err(|refusal| refusal.of_file(&self.name))
    }

    fn scan(&self, bytes: &[u8], limits: &Limits) -> Result<Prescan, VolumeError> {
        prescan(bytes, limits).map_err(|source| VolumeError::Refused {
            file: self.name.clone(),
            source,
        })
    }
}

/// Why a file could not be read into memory.
pub(crate) enum ReadFailure {
    System(std::io::Error),
    Gate(GateError),
}

impl ReadFailure {
    fn code(&self) -> ReasonCode {
        match self {
            Self::System(_) => ReasonCode::DecodeFailed,
            Self::Gate(gate) => gate.code(),
        }
    }

    pub(crate) fn of_file(self, file: &str) -> VolumeError {
        let file = file.to_owned();
        match self {
            Self::System(source) => VolumeError::Unreadable { file, source },
            Self::Gate(source) => VolumeError::Refused { file, source },
        }
    }
}

impl std::fmt::Display for ReadFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::System(error) => error.fmt(f),
            Self::Gate(error) => error.fmt(f),
        }
    }
}
