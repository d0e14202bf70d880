//! An Enhanced CT instance gives the volume of the slices that it was made from.

use dicom_core::value::DataSetSequence;
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{FileMetaTableBuilder, InMemDicomObject, from_reader};
use hilum_domain::{NoProgress, ReasonCode};
use hilum_phantom::{ChestPhantom, PhantomOptions};
use hilum_volume::{LoadOptions, LoadedSeries, VolumeError, load, load_instances};

type Item = InMemDicomObject;

/// Explicit VR big endian, retired but met.
const EXPLICIT_BIG: &str = "1.2.840.10008.1.2.2";

/// The phantom as slices in order, small and quick.
fn slices() -> Vec<(String, Vec<u8>)> {
    let options = PhantomOptions {
        size: 64,
        slices: 16,
        nodules: Some(Vec::new()),
        ..PhantomOptions::default()
    };
    ChestPhantom::new(3, &options).unwrap().instances().unwrap()
}

fn text(tag: Tag, vr: VR, text: &str) -> DataElement<Item> {
    DataElement::new(tag, vr, PrimitiveValue::from(text))
}

fn item(elements: impl IntoIterator<Item = DataElement<Item>>) -> Item {
    InMemDicomObject::from_element_iter(elements)
}

fn sequence(tag: Tag, items: Vec<Item>) -> DataElement<Item> {
    DataElement::new(tag, VR::SQ, DataSetSequence::from(items))
}

/// One multi-frame instance from slices, with positions and rescale per frame and the rest shared.
struct Enhanced {
    object: Item,
    per_frame: Vec<Item>,
    pixels: Vec<Vec<u8>>,
}

impl Enhanced {
    fn of(slices: &[(String, Vec<u8>)]) -> Self {
        let objects: Vec<_> = slices
            .iter()
            .map(|(_, bytes)| from_reader(bytes.as_slice()).unwrap().into_inner())
            .collect();
        let value = |object: &Item, tag| object.element(tag).unwrap().to_str().unwrap().into_owned();
        let first = &objects[0];
        let copy = |tag, vr| text(tag, vr, &value(first, tag));
        let shared = item([
            sequence(
                tags::PLANE_ORIENTATION_SEQUENCE,
                vec![item([copy(tags::IMAGE_ORIENTATION_PATIENT, VR::DS)])],
            ),
            sequence(
                tags::PIXEL_MEASURES_SEQUENCE,
                vec![item([
                    copy(tags::PIXEL_SPACING, VR::DS),
                    copy(tags::SLICE_THICKNESS, VR::DS),
                ])],
            ),
        ]);
        let per_frame = objects.iter().map(|object| {
            let copy = |tag, vr| text(tag, vr, &value(object, tag));
            item([
                sequence(
                    tags::CT_IMAGE_FRAME_TYPE_SEQUENCE,
                    vec![item([text(
                        tags::FRAME_TYPE,
                        VR::CS,
                        "ORIGINAL\\PRIMARY\\VOLUME\\NONE",
                    )])],
                ),
                sequence(
                    tags::PLANE_POSITION_SEQUENCE,
                    vec![item([copy(tags::IMAGE_POSITION_PATIENT, VR::DS)])],
                ),
                sequence(
                    tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE,
                    vec![item([
                        copy(tags::RESCALE_SLOPE, VR::DS),
                        copy(tags::RESCALE_INTERCEPT, VR::DS),
                        text(tags::RESCALE_TYPE, VR::LO, "HU"),
                    ])],
                ),
            ])
        });
        let per_frame = per_frame.collect();
        let pixels = objects
            .iter()
            .map(|object| {
                object
                    .element(tags::PIXEL_DATA)
                    .unwrap()
                    .to_bytes()
                    .unwrap()
                    .into_owned()
            })
            .collect();
        let mut object = first.clone();
        for tag in [
            tags::IMAGE_POSITION_PATIENT,
            tags::IMAGE_ORIENTATION_PATIENT,
            tags::PIXEL_SPACING,
            tags::RESCALE_SLOPE,
            tags::RESCALE_INTERCEPT,
        ] {
            object.remove_element(tag);
        }
        object.put(text(tags::SOP_CLASS_UID, VR::UI, uids::ENHANCED_CT_IMAGE_STORAGE));
        object.put(sequence(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, vec![shared]));
        Self {
            object,
            per_frame,
            pixels,
        }
    }

    fn put(mut self, element: DataElement<Item>) -> Self {
        self.object.put(element);
        self
    }

    /// Replaces a functional group of one frame.
    fn group(mut self, frame: usize, group: DataElement<Item>) -> Self {
        self.per_frame[frame].put(group);
        self
    }

    fn bytes(&self, transfer_syntax: &str) -> Vec<u8> {
        let mut object = self.object.clone();
        let frames = self.pixels.len().to_string();
        if object.get(tags::NUMBER_OF_FRAMES).is_none() {
            object.put(text(tags::NUMBER_OF_FRAMES, VR::IS, &frames));
        }
        object.put(sequence(
            tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE,
            self.per_frame.clone(),
        ));
        let words: Vec<u16> = self
            .pixels
            .concat()
            .chunks_exact(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
            .collect();
        object.put(DataElement::new(
            tags::PIXEL_DATA,
            VR::OW,
            PrimitiveValue::U16(words.into()),
        ));
        let meta = FileMetaTableBuilder::new().transfer_syntax(transfer_syntax);
        let mut bytes = Vec::new();
        object.with_meta(meta).unwrap().write_all(&mut bytes).unwrap();
        bytes
    }
}

fn try_load(bytes: Vec<u8>) -> Result<LoadedSeries, VolumeError> {
    load_instances(
        [("enhanced".to_owned(), bytes)],
        &LoadOptions::default(),
        &NoProgress,
    )
}

#[test]
fn frames_give_the_volume_of_their_slices() {
    let slices = slices();
    let expected = load_instances(slices.clone(), &LoadOptions::default(), &NoProgress).unwrap();
    let mut shuffled = slices.clone();
    shuffled.swap(2, 9);
    let enhanced = Enhanced::of(&shuffled);
    for syntax in [
        uids::EXPLICIT_VR_LITTLE_ENDIAN,
        uids::IMPLICIT_VR_LITTLE_ENDIAN,
        EXPLICIT_BIG,
    ] {
        let loaded = try_load(enhanced.bytes(syntax)).unwrap();
        assert_eq!(loaded.volume.voxels(), expected.volume.voxels(), "{syntax}");
        assert_eq!(loaded.volume.affine(), expected.volume.affine(), "{syntax}");
        assert_eq!(
            loaded.volume.inputs_sha256(),
            expected.volume.inputs_sha256(),
            "{syntax}"
        );
        assert_eq!(loaded.slices[2].frame, Some(10), "{syntax}");
        assert_eq!(loaded.slices[3].frame, Some(4), "{syntax}");
    }
    // From a file only the frames are read.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("enhanced.dcm");
    std::fs::write(&file, enhanced.bytes(uids::EXPLICIT_VR_LITTLE_ENDIAN)).unwrap();
    let loaded = load(&[file], &LoadOptions::default(), &NoProgress).unwrap();
    assert_eq!(loaded.volume.voxels(), expected.volume.voxels());
    assert_eq!(
        loaded.header.slice_thickness_mm,
        expected.header.slice_thickness_mm
    );
}

#[test]
fn each_frame_has_its_own_rescale() {
    let rescale = |slope: &str| {
        sequence(
            tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE,
            vec![item([
                text(tags::RESCALE_SLOPE, VR::DS, slope),
                text(tags::RESCALE_INTERCEPT, VR::DS, "-1024"),
            ])],
        )
    };
    let slices = slices();
    let plain = try_load(Enhanced::of(&slices).bytes(uids::EXPLICIT_VR_LITTLE_ENDIAN)).unwrap();
    let doubled = Enhanced::of(&slices).group(4, rescale("2"));
    let doubled = try_load(doubled.bytes(uids::EXPLICIT_VR_LITTLE_ENDIAN)).unwrap();
    let [before, after] = [&plain, &doubled].map(|loaded| loaded.volume.i16_view().unwrap());
    for ((k, i, j), hu) in before.indexed_iter() {
        let expected = if k == 4 { 2 * (hu + 1024) - 1024 } else { *hu };
        assert_eq!(after[[k, i, j]], expected);
    }
}

#[test]
fn frames_that_make_no_slices_are_refused_by_name() {
    let position = |z: f64| {
        let position = format!("0\\0\\{z}");
        sequence(
            tags::PLANE_POSITION_SEQUENCE,
            vec![item([text(tags::IMAGE_POSITION_PATIENT, VR::DS, &position)])],
        )
    };
    let localizer = sequence(
        tags::CT_IMAGE_FRAME_TYPE_SEQUENCE,
        vec![item([text(
            tags::FRAME_TYPE,
            VR::CS,
            "ORIGINAL\\PRIMARY\\LOCALIZER\\NONE",
        )])],
    );
    let slices = slices();
    let enhanced = || Enhanced::of(&slices);
    let frames = |count: &str| enhanced().put(text(tags::NUMBER_OF_FRAMES, VR::IS, count));
    let mut fewer_items = enhanced();
    fewer_items.per_frame.pop();
    let rows = [
        ("no frames", frames("0"), ReasonCode::MissingAttribute),
        ("negative frames", frames("-1"), ReasonCode::MissingAttribute),
        (
            "more frames than are let in",
            frames("20000"),
            ReasonCode::LimitExceeded,
        ),
        (
            "more frames than pixels",
            frames("13"),
            ReasonCode::PixelLengthMismatch,
        ),
        (
            "fewer items than frames",
            fewer_items,
            ReasonCode::MissingAttribute,
        ),
        (
            "a frame without a position",
            enhanced().group(3, sequence(tags::PLANE_POSITION_SEQUENCE, vec![])),
            ReasonCode::MissingAttribute,
        ),
        (
            "a frame somewhere else",
            enhanced().group(3, position(9999.0)),
            ReasonCode::IrregularSpacing,
        ),
        (
            "a localizer among the frames",
            enhanced().group(5, localizer),
            ReasonCode::MissingSlice,
        ),
    ];
    for (name, enhanced, code) in rows {
        let error = try_load(enhanced.bytes(uids::EXPLICIT_VR_LITTLE_ENDIAN)).unwrap_err();
        let wanted = [code, ReasonCode::MissingSlice].contains(&error.code());
        assert!(
            error.code() == code || (name.contains("somewhere") && wanted),
            "{name}: {error}"
        );
    }
}
