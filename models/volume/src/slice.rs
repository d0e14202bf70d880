//! One instance examined: CT slices, or something to set aside.

use std::ops::Range;
use std::sync::Arc;

use dicom_dictionary_std::tags;
use hilum_domain::{Lps, ReasonCode};
use hilum_gate::{Encoding, GateError, Limits, Prescan, looks_like_dicom, prescan, prescan_head};

use crate::VolumeError;
use crate::acquisitions::Acquisition;
use crate::attributes::Attributes;
use crate::enhanced;
use crate::header::{InstanceHeader, parse};
use crate::layout::{Coding, Frame, PixelLayout, PixelRefusal, Reading, Stored};
use crate::load::{LoadOptions, SetAside};
use crate::modality::Table;
use crate::pixels::PixelFormat;
use crate::source::{Found, Origin, read_beginning, read_file, read_ranges};

/// Most headers of CT slices are shorter than this: then the pixels are read once, when they are decoded.
const HEAD_BYTES: u64 = 32 * 1024;

/// A slice whose header was read. Its pixels stay where they are until the series is chosen.
pub(crate) struct CtSlice {
    pub(crate) name: String,
    pub(crate) header: InstanceHeader,
    pub(crate) place: Place,
    origin: Origin,
}

/// Which pixels of its instance a slice has.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// All of them.
    OnlyFrame,
    /// Those of one frame.
    Frame(FramePlace),
}

/// One frame among several.
#[derive(Debug, Clone)]
pub(crate) struct FramePlace {
    /// Its number, from 1.
    pub(crate) number: u32,
    /// Where its bytes lie inside the origin: one range, or its fragments.
    pub(crate) ranges: Vec<Range<usize>>,
    /// Whether words are big endian.
    pub(crate) big_endian: bool,
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

/// A decoded slice, whose HU went into the plane it was given.
pub(crate) struct DecodedSlice {
    /// The HU where whole numbers of 16 bits do not hold them; the plane is then to be ignored.
    pub(crate) fractional: Option<Vec<f32>>,
    /// Whether codestream and header disagree about the sign of pixels.
    pub(crate) sign_mismatch: bool,
}

/// Reads the header of an instance, which holds one slice or several; `buffer` is used again and again for files.
pub(crate) fn examine(
    found: Found,
    limits: &Limits,
    buffer: &mut Vec<u8>,
) -> Vec<Result<Examined, SetAside>> {
    let name = found.name.clone();
    match examine_all(found, limits, buffer) {
        Ok(slices) => slices,
        Err((code, text)) => vec![Err(SetAside {
            file: name,
            code,
            text,
        })],
    }
}

type Examination = Result<Vec<Result<Examined, SetAside>>, (ReasonCode, String)>;

fn examine_all(found: Found, limits: &Limits, buffer: &mut Vec<u8>) -> Examination {
    let Found { name, origin } = found;
    let mut scan = None;
    let bytes: &[u8] = match &origin {
        Origin::File(path) => {
            let unreadable = |why: ReadFailure| (why.code(), why.to_string());
            let length = read_beginning(path, HEAD_BYTES, limits, buffer).map_err(unreadable)?;
            scan = prescan_head(buffer, length, limits);
            if scan.is_none() && length > HEAD_BYTES && looks_like_dicom(buffer) {
                read_file(path, limits, buffer).map_err(unreadable)?;
            }
            buffer
        }
        Origin::Memory(bytes) => bytes,
    };
    if !looks_like_dicom(bytes) {
        return Err((ReasonCode::NotDicom, "not a DICOM Part 10 file".into()));
    }
    let scan = match scan {
        Some(scan) => scan,
        None => prescan(bytes, limits).map_err(|why| (why.code(), why.to_string()))?,
    };
    let told = |why: VolumeError| (why.code(), why.to_string());
    let object = parse(&name, bytes, &scan).map_err(told)?;
    let header = InstanceHeader::of(&name, &object, &scan).map_err(told)?;
    if !header.is_ct_slice() {
        let text = format!("SOP class {} is not read as a CT slice", header.sop_class_uid);
        return Err((ReasonCode::NotCt, text));
    }
    if header.is_localizer() {
        return Err((ReasonCode::Localizer, "a localizer image".into()));
    }
    if header.is_multi_frame() {
        return Ok(enhanced::slices(name, &origin, bytes, &scan, object, limits));
    }
    let attributes = Attributes {
        object: &object,
        file: &name,
    };
    let image = CtImage::of(&attributes, &header, bytes, &scan, limits);
    let slice = CtSlice::new(name, header, origin, Place::OnlyFrame);
    Ok(vec![Ok(Examined { slice, image })])
}

impl CtImage {
    /// From the attributes of an instance of one frame.
    fn of(
        attributes: &Attributes<'_>,
        header: &InstanceHeader,
        bytes: &[u8],
        scan: &Prescan,
        limits: &Limits,
    ) -> Result<Self, VolumeError> {
        if header.number_of_frames != 1 {
            return Err(VolumeError::MissingAttribute {
                file: attributes.file.to_owned(),
                attribute: "NumberOfFrames",
            });
        }
        let layout = PixelLayout::of(attributes)?;
        // Of a syntax that is not read there is nothing to hold: it is refused by name where its series is chosen.
        if let Ok(coding) = Coding::of(scan.transfer_syntax.as_str()) {
            layout
                .check(scan, 1, coding, limits)
                .map_err(|refusal| refusal.of_file(attributes.file))?;
        }
        let table = Table::of(bytes, scan, layout.signed, limits).map_err(|what| VolumeError::Pixels {
            file: attributes.file.to_owned(),
            what,
        })?;
        Self::with_layout(attributes, layout, table)
    }

    /// From the attributes of one frame, whose pixels lie as `layout` says.
    pub(crate) fn with_layout(
        attributes: &Attributes<'_>,
        layout: PixelLayout,
        table: Option<Arc<Table>>,
    ) -> Result<Self, VolumeError> {
        let unreadable = |attribute| VolumeError::MissingAttribute {
            file: attributes.file.to_owned(),
            attribute,
        };
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
        let format = PixelFormat::of(attributes, layout, table)?;
        let comment = attributes.text(tags::IMAGE_COMMENTS).unwrap_or_default();
        Ok(Self {
            position: Lps(position),
            row,
            column,
            pixel_spacing_mm,
            padding_hu: format.padding_hu(attributes),
            format,
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
    pub(crate) const fn new(name: String, header: InstanceHeader, origin: Origin, place: Place) -> Self {
        Self {
            name,
            header,
            place,
            origin,
        }
    }

    /// Number of the frame, from 1, where the instance has several.
    pub(crate) const fn frame_number(&self) -> Option<u32> {
        match &self.place {
            Place::OnlyFrame => None,
            Place::Frame(place) => Some(place.number),
        }
    }

    /// Writes the HU of the slice into `plane`; see [`PixelFormat::to_hu`].
    pub(crate) fn decode(
        &self,
        format: &PixelFormat,
        options: &LoadOptions,
        buffer: &mut Vec<u8>,
        plane: &mut [i16],
    ) -> Result<DecodedSlice, VolumeError> {
        self.with_stored(format, options, buffer, |stored| DecodedSlice {
            fractional: format.to_hu(stored, plane),
            sign_mismatch: stored.sign_mismatch,
        })
    }

    /// Hands the stored pixels on, once they are there: nobody need ask for memory for pixels that cannot be decoded.
    /// A file is read again, and scanned again where it is one slice, since it may have changed.
    pub(crate) fn with_stored<T>(
        &self,
        format: &PixelFormat,
        options: &LoadOptions,
        buffer: &mut Vec<u8>,
        take: impl FnOnce(&Stored<'_>) -> T,
    ) -> Result<T, VolumeError> {
        let limits = &options.limits;
        let transfer_syntax = self.header.transfer_syntax.as_str();
        let coding = Coding::of(transfer_syntax).map_err(|_| self.unsupported())?;
        let scan;
        let (frame, big_endian) = match &self.place {
            Place::OnlyFrame => {
                let bytes = self.bytes(limits, buffer)?;
                scan = self.scan(bytes, limits)?;
                let frame = format
                    .layout
                    .only_frame(bytes, &scan, coding, limits)
                    .map_err(|refusal| refusal.of_file(&self.name))?;
                (frame, scan.encoding == Encoding::ExplicitBig)
            }
            Place::Frame(place) => (self.frame(place, coding, buffer)?, place.big_endian),
        };
        let reading = Reading {
            transfer_syntax,
            big_endian,
            decoder: options.decoder.as_deref(),
        };
        let stored = format
            .layout
            .stored(frame, &reading, coding)
            .map_err(|what| PixelRefusal::Format(what).of_file(&self.name))?;
        Ok(take(&stored))
    }

    fn bytes<'a>(&'a self, limits: &Limits, buffer: &'a mut Vec<u8>) -> Result<&'a [u8], VolumeError> {
        match &self.origin {
            Origin::File(path) => {
                read_file(path, limits, buffer).map_err(|why| why.of_file(&self.name))?;
                Ok(buffer)
            }
            Origin::Memory(bytes) => Ok(bytes),
        }
    }

    /// The bytes of one frame among several. Of a file only these are read.
    fn frame<'a>(
        &self,
        place: &FramePlace,
        coding: Coding,
        buffer: &'a mut Vec<u8>,
    ) -> Result<Frame<'a>, VolumeError> {
        match &self.origin {
            Origin::File(path) => {
                read_ranges(path, &place.ranges, buffer).map_err(|source| VolumeError::Unreadable {
                    file: self.name.clone(),
                    source,
                })?;
            }
            Origin::Memory(bytes) => {
                buffer.clear();
                for range in &place.ranges {
                    buffer.extend_from_slice(bytes.get(range.clone()).unwrap_or_default());
                }
            }
        }
        Ok(match coding {
            Coding::Native => Frame::Native(buffer),
            Coding::Rle | Coding::Codec => Frame::Encapsulated(buffer.as_slice().into()),
        })
    }

    fn scan(&self, bytes: &[u8], limits: &Limits) -> Result<Prescan, VolumeError> {
        prescan(bytes, limits).map_err(|source| VolumeError::Refused {
            file: self.name.clone(),
            source,
        })
    }

    /// The error for pixels that nobody here reads.
    pub(crate) fn unsupported(&self) -> VolumeError {
        VolumeError::unsupported(&self.name, self.header.transfer_syntax.as_str())
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
