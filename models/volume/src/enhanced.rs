//! Frames of an Enhanced CT instance become slices like any other (PS3.3 sections A.38 and C.7.6.16).
//!
//! What a CT slice says in attributes of its own, a frame says in functional groups: sequences with one item for all
//! frames (shared) and one item for each (per frame). Their attributes have the same tags as those of a slice, so they
//! are put beside each other and read as a slice's.

use std::ops::Range;
use std::sync::Arc;

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use hilum_domain::ReasonCode;
use hilum_gate::{Encoding, GateError, Item, Limits, PixelData, Prescan};

use crate::VolumeError;
use crate::attributes::Attributes;
use crate::error::PixelError;
use crate::header::{InstanceHeader, LONGEST_VALUE, parse_elements};
use crate::layout::{Coding, PixelLayout, PixelRefusal, one_fragment_for_rle};
use crate::load::SetAside;
use crate::slice::{CtImage, CtSlice, Examined, FramePlace, Place};
use crate::source::Origin;

/// Functional groups whose attributes a slice has itself.
const GROUPS: [Tag; 7] = [
    tags::CT_IMAGE_FRAME_TYPE_SEQUENCE,
    tags::CT_RECONSTRUCTION_SEQUENCE,
    tags::CTX_RAY_DETAILS_SEQUENCE,
    tags::PLANE_POSITION_SEQUENCE,
    tags::PLANE_ORIENTATION_SEQUENCE,
    tags::PIXEL_MEASURES_SEQUENCE,
    tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE,
];

/// Attributes of these groups that are read. On the outermost level of an enhanced instance they mean nothing.
const IN_GROUPS: [Tag; 10] = [
    tags::FRAME_TYPE,
    tags::CONVOLUTION_KERNEL,
    tags::KVP,
    tags::IMAGE_POSITION_PATIENT,
    tags::IMAGE_ORIENTATION_PATIENT,
    tags::PIXEL_SPACING,
    tags::SLICE_THICKNESS,
    tags::RESCALE_INTERCEPT,
    tags::RESCALE_SLOPE,
    tags::RESCALE_TYPE,
];

/// The frames of an instance, each a slice or set aside as a localizer; one slice with an error where the instance as
/// a whole makes no slices.
pub(crate) fn slices(
    name: String,
    origin: &Origin,
    bytes: &[u8],
    scan: &Prescan,
    object: InMemDicomObject,
    limits: &Limits,
) -> Vec<Result<Examined, SetAside>> {
    let instance = Instance {
        name: &name,
        bytes,
        scan,
        limits,
    };
    let header = InstanceHeader::of(&name, &object, scan);
    match instance.frames(origin, object) {
        Ok(frames) => frames,
        Err(error) => {
            let told = |why: VolumeError| SetAside {
                file: name.clone(),
                code: why.code(),
                text: why.to_string(),
            };
            vec![header.map_err(told).map(|header| Examined {
                slice: CtSlice::new(name.clone(), header, origin.clone(), Place::OnlyFrame),
                image: Err(error),
            })]
        }
    }
}

struct Instance<'a> {
    name: &'a str,
    bytes: &'a [u8],
    scan: &'a Prescan,
    limits: &'a Limits,
}

impl Instance<'_> {
    fn frames(
        &self,
        origin: &Origin,
        mut object: InMemDicomObject,
    ) -> Result<Vec<Result<Examined, SetAside>>, VolumeError> {
        for tag in IN_GROUPS {
            object.remove_element(tag);
        }
        let shared = self.items(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE).next();
        if let Some(shared) = shared {
            self.put_groups(&shared.map_err(|gate| self.refused(gate))?, &mut object)?;
        }
        let attributes = Attributes {
            object: &object,
            file: self.name,
        };
        let layout = PixelLayout::of(&attributes)?;
        let frames = self.number_of_frames(&attributes)?;
        let (origin, places) = self.places(origin, &layout, frames)?;
        let items = self.items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
        if items.len() != places.len() {
            return Err(self.missing("PerFrameFunctionalGroupsSequence"));
        }
        let mut slices = Vec::with_capacity(places.len());
        for (item, place) in items.zip(places) {
            let mut own = object.clone();
            self.put_groups(&item.map_err(|gate| self.refused(gate))?, &mut own)?;
            slices.push(self.slice(&own, layout, &origin, place)?);
        }
        Ok(slices)
    }

    fn slice(
        &self,
        object: &InMemDicomObject,
        layout: PixelLayout,
        origin: &Origin,
        place: FramePlace,
    ) -> Result<Result<Examined, SetAside>, VolumeError> {
        let name = format!("{} frame {}", self.name, place.number);
        let attributes = Attributes { object, file: &name };
        if attributes
            .texts(tags::FRAME_TYPE)
            .iter()
            .any(|value| value == "LOCALIZER")
        {
            return Ok(Err(SetAside {
                file: name,
                code: ReasonCode::Localizer,
                text: "a localizer frame".to_owned(),
            }));
        }
        let header = InstanceHeader::of(&name, object, self.scan)?;
        let image = CtImage::with_layout(&attributes, layout, None);
        let slice = CtSlice::new(name, header, origin.clone(), Place::Frame(place));
        Ok(Ok(Examined { slice, image }))
    }

    fn number_of_frames(&self, attributes: &Attributes<'_>) -> Result<u32, VolumeError> {
        let frames = attributes.integer(tags::NUMBER_OF_FRAMES, "NumberOfFrames")?;
        let frames = frames
            .and_then(|frames| u32::try_from(frames).ok())
            .filter(|frames| *frames > 0);
        let frames = frames.ok_or_else(|| self.missing("NumberOfFrames"))?;
        if frames as usize > self.limits.frames {
            return Err(self.refused(GateError::TooMany {
                what: "frames",
                limit: self.limits.frames,
            }));
        }
        Ok(frames)
    }

    /// Where each frame's bytes lie, and in what. An inflated data set is kept, since it lies in no file.
    fn places(
        &self,
        origin: &Origin,
        layout: &PixelLayout,
        frames: u32,
    ) -> Result<(Origin, Vec<FramePlace>), VolumeError> {
        let transfer_syntax = self.scan.transfer_syntax.as_str();
        let coding =
            Coding::of(transfer_syntax).map_err(|_| VolumeError::unsupported(self.name, transfer_syntax))?;
        let ranges = frame_ranges(self.bytes, self.scan, layout, frames, coding, self.limits)
            .map_err(|refusal| refusal.of_file(self.name))?;
        let (origin, offset) = match self.scan.dataset_offset() {
            Some(offset) => (origin.clone(), offset),
            None => (
                Origin::Memory(Arc::new(self.scan.dataset(self.bytes).to_vec())),
                0,
            ),
        };
        let big_endian = self.scan.encoding == Encoding::ExplicitBig;
        let place = |(number, ranges): (u32, Vec<Range<usize>>)| FramePlace {
            number,
            ranges: ranges
                .into_iter()
                .map(|range| range.start + offset..range.end + offset)
                .collect(),
            big_endian,
        };
        Ok((origin, (1..).zip(ranges).map(place).collect()))
    }

    fn items(&self, tag: Tag) -> impl ExactSizeIterator<Item = Result<Item<'_>, GateError>> {
        self.scan.items(self.bytes, tag.0, tag.1, self.limits)
    }

    /// Puts the attributes of an item's functional groups where those of a slice are.
    fn put_groups(&self, item: &Item<'_>, object: &mut InMemDicomObject) -> Result<(), VolumeError> {
        for Tag(group, element) in GROUPS {
            // A group of one item: more have no meaning here (PS3.3 section C.7.6.16.2).
            let Some(group) = item.items(group, element, self.limits).next() else {
                continue;
            };
            let group = group.map_err(|gate| self.refused(gate))?;
            let slim = group.slim(LONGEST_VALUE, |group, element| {
                IN_GROUPS.contains(&Tag(group, element))
            });
            for element in parse_elements(self.name, &slim, group.encoding)? {
                object.put(element);
            }
        }
        Ok(())
    }

    fn refused(&self, source: GateError) -> VolumeError {
        VolumeError::Refused {
            file: self.name.to_owned(),
            source,
        }
    }

    fn missing(&self, attribute: &'static str) -> VolumeError {
        VolumeError::MissingAttribute {
            file: self.name.to_owned(),
            attribute,
        }
    }
}

/// Where the bytes of each frame lie inside the data set: one range, or its fragments. Held against the pixel equation
/// and the offset tables.
pub(crate) fn frame_ranges(
    bytes: &[u8],
    scan: &Prescan,
    layout: &PixelLayout,
    frames: u32,
    coding: Coding,
    limits: &Limits,
) -> Result<Vec<Vec<Range<usize>>>, PixelRefusal> {
    layout.check(scan, frames, coding, limits)?;
    match &scan.pixel_data {
        None => Err(PixelError::Absent.into()),
        Some(PixelData::Native(range)) if coding == Coding::Native => {
            let start = |frame: usize| range.start + frame * layout.frame_bytes();
            Ok((0..frames as usize)
                .map(|frame| std::iter::once(start(frame)..start(frame + 1)).collect())
                .collect())
        }
        Some(PixelData::Fragments { fragments, .. }) if coding != Coding::Native => {
            let frames = scan.frames(bytes, frames, begins_codestream)?;
            if coding == Coding::Rle && frames.iter().any(|frame| frame.len() != 1) {
                return Err(one_fragment_for_rle().into());
            }
            Ok(frames
                .into_iter()
                .map(|frame| fragments[frame].to_vec())
                .collect())
        }
        Some(_) => Err(PixelError::WrongEncapsulation.into()),
    }
}

/// Whether a fragment begins a frame, for pixel data without offset tables: JPEG and JPEG-LS begin with SOI, JPEG 2000
/// with SOC and SIZ, or with the signature box of JP2. None of these occurs where a codestream goes on by itself:
/// after 0xFF entropy-coded JPEG holds a zero or a restart.
fn begins_codestream(fragment: &[u8]) -> bool {
    let starts: [&[u8]; 3] = [b"\xFF\xD8\xFF", b"\xFF\x4F\xFF\x51", b"\0\0\0\x0CjP  "];
    starts.iter().any(|start| fragment.starts_with(start))
}
