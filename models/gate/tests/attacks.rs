//! Hostile structures, one row each, and what the gate says to them.

use std::io::Write as _;

use hilum_domain::ReasonCode;
use hilum_gate::{GateError, Limits, PixelData, PixelShape, looks_like_dicom, prescan, prescan_head};
use proptest::prelude::*;

const IMPLICIT: &str = "1.2.840.10008.1.2";
const EXPLICIT: &str = "1.2.840.10008.1.2.1";
const DEFLATED: &str = "1.2.840.10008.1.2.1.99";
const BIG: &str = "1.2.840.10008.1.2.2";
const RLE: &str = "1.2.840.10008.1.2.5";

/// A Part 10 file with this transfer syntax and data set.
fn file(transfer_syntax: &str, dataset: &[u8]) -> Vec<u8> {
    let mut uid = transfer_syntax.as_bytes().to_vec();
    if uid.len() % 2 == 1 {
        uid.push(0);
    }
    let mut bytes = vec![0; 128];
    bytes.extend(b"DICM");
    bytes.extend(short((0x0002, 0x0010), *b"UI", &uid));
    bytes.extend(dataset);
    bytes
}

fn tag((group, element): (u16, u16)) -> Vec<u8> {
    [group.to_le_bytes(), element.to_le_bytes()].concat()
}

/// Explicit VR, 16-bit length.
fn short(at: (u16, u16), vr: [u8; 2], value: &[u8]) -> Vec<u8> {
    [
        &tag(at),
        vr.as_slice(),
        &(value.len() as u16).to_le_bytes(),
        value,
    ]
    .concat()
}

/// Explicit VR, 32-bit length as declared.
fn long(at: (u16, u16), vr: [u8; 2], declared: u32, value: &[u8]) -> Vec<u8> {
    [&tag(at), vr.as_slice(), &[0, 0], &declared.to_le_bytes(), value].concat()
}

/// Implicit VR, and items and delimiters everywhere.
fn plain(at: (u16, u16), declared: u32, value: &[u8]) -> Vec<u8> {
    [&tag(at), declared.to_le_bytes().as_slice(), value].concat()
}

const UNDEFINED: u32 = u32::MAX;
const ITEM: (u16, u16) = (0xFFFE, 0xE000);
const ITEM_END: (u16, u16) = (0xFFFE, 0xE00D);
const SEQUENCE_END: (u16, u16) = (0xFFFE, 0xE0DD);
const PIXELS: (u16, u16) = (0x7FE0, 0x0010);
const SEQUENCE: (u16, u16) = (0x0040, 0xA730);

/// `depth` sequences in each other, undefined lengths.
fn nested(depth: usize) -> Vec<u8> {
    let open = [
        long(SEQUENCE, *b"SQ", UNDEFINED, &[]),
        plain(ITEM, UNDEFINED, &[]),
    ]
    .concat();
    let close = [plain(ITEM_END, 0, &[]), plain(SEQUENCE_END, 0, &[])].concat();
    [open.repeat(depth), close.repeat(depth)].concat()
}

/// The same with defined lengths; implicit VR, where only the dictionary tells a sequence.
fn nested_implicit(depth: usize) -> Vec<u8> {
    (0..depth).fold(Vec::new(), |inner, _| {
        let item = plain(ITEM, inner.len() as u32, &inner);
        plain(SEQUENCE, item.len() as u32, &item)
    })
}

/// Nested sequences in an element of VR UN: a strict reader sees implicit elements, others explicit ones.
fn nested_in_unknown(depth: usize) -> Vec<u8> {
    let inner = nested(depth);
    let item = plain(ITEM, inner.len() as u32, &inner);
    [
        long((0x0009, 0x1001), *b"UN", UNDEFINED, &item),
        plain(SEQUENCE_END, 0, &[]),
    ]
    .concat()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn encapsulated(fragments: &[&[u8]]) -> Vec<u8> {
    let mut bytes = long(PIXELS, *b"OB", UNDEFINED, &[]);
    bytes.extend(plain(ITEM, 0, &[]));
    for fragment in fragments {
        bytes.extend(plain(ITEM, fragment.len() as u32, fragment));
    }
    bytes.extend(plain(SEQUENCE_END, 0, &[]));
    bytes
}

fn refusal(bytes: &[u8]) -> GateError {
    let limits = Limits {
        inflated_bytes: 1 << 20,
        elements: 1000,
        items: 1000,
        fragments: 1000,
        ..Limits::default()
    };
    prescan(bytes, &limits).map(|_| ()).unwrap_err()
}

#[test]
#[expect(clippy::too_many_lines, reason = "one row for each attack")]
fn attacks_are_refused_by_name() {
    use ReasonCode::{
        DecodeFailed, LengthBeyondInput, LimitExceeded, MissingAttribute, NestingTooDeep, NotDicom,
    };
    let fragment_beyond = [
        long(PIXELS, *b"OB", UNDEFINED, &[]),
        plain(ITEM, 0, &[]),
        plain(ITEM, 4096, &[0; 16]),
    ];
    let item_beyond = long(SEQUENCE, *b"SQ", 8, &plain(ITEM, 100, &[]));
    let rows: Vec<(&str, Vec<u8>, ReasonCode)> = vec![
        ("empty", vec![], NotDicom),
        ("no DICM", vec![0; 200], NotDicom),
        (
            "no transfer syntax",
            [&[0; 128], b"DICM".as_slice()].concat(),
            MissingAttribute,
        ),
        (
            "1 500 nested sequences",
            file(EXPLICIT, &nested(1500)),
            NestingTooDeep,
        ),
        ("65 nested sequences", file(EXPLICIT, &nested(65)), NestingTooDeep),
        (
            "implicit, defined lengths",
            file(IMPLICIT, &nested_implicit(1500)),
            NestingTooDeep,
        ),
        (
            "OW of 4 GB in 64 bytes",
            file(EXPLICIT, &long(PIXELS, *b"OW", 0xFFFF_FFF0, &[0; 64])),
            LengthBeyondInput,
        ),
        (
            "short length beyond the file",
            file(EXPLICIT, &short((0x0010, 0x0010), *b"PN", &[65; 40])[..20]),
            LengthBeyondInput,
        ),
        (
            "fragment longer than the file",
            file(RLE, &fragment_beyond.concat()),
            LengthBeyondInput,
        ),
        (
            "item beyond its sequence",
            file(EXPLICIT, &item_beyond),
            LengthBeyondInput,
        ),
        (
            "sequence never closed",
            file(EXPLICIT, &nested(3)[..60]),
            LengthBeyondInput,
        ),
        ("half a header", file(EXPLICIT, &[8, 0, 5]), LengthBeyondInput),
        (
            "deflate bomb",
            file(DEFLATED, &deflate(&vec![0; 4 << 20])),
            LimitExceeded,
        ),
        ("not deflated", file(DEFLATED, &[0xFF; 64]), DecodeFailed),
        (
            "too many elements",
            file(EXPLICIT, &short((0x0008, 0x0005), *b"CS", &[]).repeat(1001)),
            LimitExceeded,
        ),
        (
            "too many items",
            file(
                EXPLICIT,
                &long(SEQUENCE, *b"SQ", 8 * 1001, &plain(ITEM, 0, &[]).repeat(1001)),
            ),
            LimitExceeded,
        ),
        (
            "too many fragments",
            file(RLE, &encapsulated(&[b"..".as_slice(); 1001])),
            LimitExceeded,
        ),
        (
            "stray delimiter",
            file(EXPLICIT, &plain(ITEM_END, 0, &[])),
            DecodeFailed,
        ),
        (
            "element in place of an item",
            file(
                EXPLICIT,
                &long(SEQUENCE, *b"SQ", 8, &plain((0x0008, 0x0005), 0, &[])),
            ),
            DecodeFailed,
        ),
        (
            "zeros with something behind",
            file(EXPLICIT, &[vec![0; 4000], vec![1]].concat()),
            DecodeFailed,
        ),
    ];
    for (name, bytes, code) in rows {
        let refusal = refusal(&bytes);
        assert_eq!(refusal.code(), code, "{name}: {refusal}");
    }
}

#[test]
fn what_is_allowed_passes() {
    let two = file(
        EXPLICIT,
        &[nested(64), long(PIXELS, *b"OW", 4, &[1, 2, 3, 4]), vec![0; 7]].concat(),
    );
    let scan = prescan(&two, &Limits::default()).unwrap();
    let Some(PixelData::Native(range)) = &scan.pixel_data else {
        panic!("{:?}", scan.pixel_data);
    };
    assert_eq!(scan.bytes_of(&two, range), [1, 2, 3, 4]);
    assert_eq!(scan.transfer_syntax.as_str(), EXPLICIT);

    let deflated = file(DEFLATED, &deflate(&long(PIXELS, *b"OW", 4, &[1, 2, 3, 4])));
    let scan = prescan(&deflated, &Limits::default()).unwrap();
    assert_eq!(
        scan.value(&deflated, 0x7FE0, 0x0010),
        Some([1, 2, 3, 4].as_slice())
    );

    let big = file(BIG, &[0x00, 0x28, 0x00, 0x10, b'U', b'S', 0, 2, 0x02, 0x00]);
    let scan = prescan(&big, &Limits::default()).unwrap();
    assert_eq!(scan.value(&big, 0x0028, 0x0010), Some([0x02, 0x00].as_slice()));

    let rle = file(RLE, &encapsulated(&[b"one.", b"two."]));
    let scan = prescan(&rle, &Limits::default()).unwrap();
    let Some(PixelData::Fragments { fragments, .. }) = &scan.pixel_data else {
        panic!("{:?}", scan.pixel_data);
    };
    let fragments: Vec<&[u8]> = fragments.iter().map(|range| scan.bytes_of(&rle, range)).collect();
    assert_eq!(fragments, [b"one.", b"two."]);
}

/// A beginning gives the answer of the whole file, or none.
#[test]
fn beginnings_answer_like_the_whole() {
    let limits = Limits::default();
    let header = [
        short((0x0008, 0x0060), *b"CS", b"CT"),
        nested(5),
        long((0x0009, 0x1001), *b"OB", 300, &[7; 300]),
    ]
    .concat();
    let pixels = long(PIXELS, *b"OW", 2000, &[1; 2000]);
    let explicit = [header.clone(), pixels.clone()].concat();
    let implicit = [nested_implicit(5), plain(PIXELS, 2000, &[1; 2000])].concat();
    let settled = [
        ("explicit", file(EXPLICIT, &explicit)),
        ("implicit", file(IMPLICIT, &implicit)),
    ];
    for (name, bytes) in settled {
        let whole = prescan(&bytes, &limits).unwrap();
        let pixels_start = bytes.len() - 2000;
        for head in 0..bytes.len() {
            let scan = prescan_head(&bytes[..head], bytes.len() as u64, &limits);
            assert_eq!(scan.is_some(), head >= pixels_start, "{name}: {head}");
            if let Some(scan) = scan {
                assert_eq!(scan.elements, whole.elements, "{name}: {head}");
                assert_eq!(scan.pixel_data, whole.pixel_data, "{name}: {head}");
                assert_eq!(scan.element_count, whole.element_count, "{name}: {head}");
            }
        }
        // A file that is shorter or longer than its pixels say.
        for length in [
            bytes.len() as u64 - 1,
            bytes.len() as u64 + 1,
            limits.instance_bytes + 1,
        ] {
            assert!(
                prescan_head(&bytes[..pixels_start], length, &limits).is_none(),
                "{name}: {length}"
            );
        }
    }
    let behind = [explicit.clone(), short((0x7FE1, 0x0010), *b"LO", b"behind")].concat();
    let unsettled = [
        ("something behind the pixels", file(EXPLICIT, &behind)),
        ("deflated", file(DEFLATED, &deflate(&explicit))),
        (
            "compressed",
            file(RLE, &[header, encapsulated(&[&[0; 2000]])].concat()),
        ),
        (
            "nested too deeply",
            file(EXPLICIT, &[nested(65), pixels].concat()),
        ),
        ("not DICOM", vec![0; 3000]),
    ];
    for (name, bytes) in unsettled {
        for head in 0..bytes.len() {
            let scan = prescan_head(&bytes[..head], bytes.len() as u64, &limits);
            assert!(scan.is_none(), "{name}: {head}");
        }
    }
}

/// Sequences hidden from a strict reader must not reach a recursive parser that reads them otherwise.
#[test]
fn ambiguous_sequences_are_not_fully_parsable() {
    let hidden = prescan(&file(EXPLICIT, &nested_in_unknown(1500)), &Limits::default());
    assert!(hidden.is_err() || hidden.is_ok_and(|scan| !scan.fully_parsable));
    let harmless = prescan(&file(EXPLICIT, &nested(5)), &Limits::default()).unwrap();
    assert!(harmless.fully_parsable);
}

/// A parser that reads whole numbers only goes on inside such a value, where a header of 4 GiB may lie.
#[test]
fn numbers_that_break_off_reach_no_parser() {
    let rows: [(&str, &[u8]); 4] = [
        (EXPLICIT, &long((0x0020, 0x0013), *b"OV", 2, b"12")),
        (EXPLICIT, &short((0x0028, 0x0010), *b"US", &[1, 2, 3])),
        (EXPLICIT, &short((0x0028, 0x0010), *b"FD", &[0; 12])),
        (IMPLICIT, &plain((0x0028, 0x0010), 3, &[1, 2, 3])),
    ];
    for (syntax, dataset) in rows {
        let bytes = file(syntax, dataset);
        let scan = prescan(&bytes, &Limits::default()).unwrap();
        assert!(!scan.fully_parsable, "{dataset:?}");
        assert!(scan.slim(&bytes, 100, |_, _| true).is_empty(), "{dataset:?}");
    }
}

#[test]
fn slim_keeps_wanted_elements_only() {
    let dataset = [
        short((0x0008, 0x0060), *b"CS", b"CT"),
        nested(2),
        short((0x0010, 0x0010), *b"PN", b"Doe^Jane"),
        short((0x0020, 0x0013), *b"IS", b"12"),
    ];
    let bytes = file(EXPLICIT, &dataset.concat());
    let scan = prescan(&bytes, &Limits::default()).unwrap();
    let slim = scan.slim(&bytes, 4, |group, _| group != 0x0040);
    assert_eq!(slim, [dataset[0].clone(), dataset[3].clone()].concat());
}

#[test]
fn pixel_equation() {
    let shape = |rows, columns, samples_per_pixel, bits_allocated, number_of_frames| PixelShape {
        rows,
        columns,
        samples_per_pixel,
        bits_allocated,
        number_of_frames,
    };
    let rows: [(PixelShape, u64, Result<(), ReasonCode>); 12] = [
        (shape(512, 512, 1, 16, 1), 524_288, Ok(())),
        (
            shape(512, 512, 1, 16, 1),
            64,
            Err(ReasonCode::PixelLengthMismatch),
        ),
        (
            shape(512, 512, 1, 16, 1),
            524_290,
            Err(ReasonCode::PixelLengthMismatch),
        ),
        (shape(3, 3, 1, 8, 1), 9, Ok(())),
        (shape(3, 3, 1, 8, 1), 10, Ok(())),
        (shape(3, 3, 1, 8, 1), 11, Err(ReasonCode::PixelLengthMismatch)),
        (shape(3, 3, 1, 1, 3), 4, Ok(())),
        (shape(0, 512, 1, 16, 1), 0, Err(ReasonCode::PixelLengthMismatch)),
        (
            shape(512, 512, 1, 13, 1),
            425_984,
            Err(ReasonCode::PixelLengthMismatch),
        ),
        (
            shape(512, 512, 2, 16, 1),
            1_048_576,
            Err(ReasonCode::PixelLengthMismatch),
        ),
        (shape(8, 8, 1, 16, 0), 0, Err(ReasonCode::PixelLengthMismatch)),
        (
            shape(65_535, 65_535, 1, 16, u32::MAX),
            64,
            Err(ReasonCode::LimitExceeded),
        ),
    ];
    for (shape, available, wanted) in rows {
        let got = shape
            .check(available, &Limits::default())
            .map_err(|error| error.code());
        assert_eq!(got, wanted, "{shape:?} {available}");
    }
}

proptest! {
    #[test]
    fn random_bytes_never_panic(
        dataset in prop::collection::vec(any::<u8>(), 0..400),
        syntax in prop::sample::select(vec![IMPLICIT, EXPLICIT, BIG, DEFLATED, RLE]),
    ) {
        let _ = prescan(&dataset, &Limits::default());
        let bytes = file(syntax, &dataset);
        prop_assert!(looks_like_dicom(&bytes));
        if let Ok(scan) = prescan(&bytes, &Limits::default()) {
            let all = scan.dataset(&bytes).len();
            prop_assert!(scan.elements.iter().all(|element| element.value.end <= all));
        }
    }

    #[test]
    fn mutated_files_never_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in any::<prop::sample::Index>(),
    ) {
        let dataset = [
            short((0x0008, 0x0060), *b"CS", b"CT"),
            nested(4),
            nested_in_unknown(2),
            encapsulated(&[b"one.", b"two."]),
        ];
        let mut bytes = file(EXPLICIT, &dataset.concat());
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        bytes.truncate(cut.index(bytes.len()) + 1);
        let _ = prescan(&bytes, &Limits::default());
    }
}
