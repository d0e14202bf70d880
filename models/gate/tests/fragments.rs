//! Fragments to frames, and items of sequences.

use std::ops::Range;

use hilum_gate::{Encoding, GateError, Limits, Prescan, prescan};

const ITEM: &[u8] = b"\xFE\xFF\x00\xE0";
const SEQUENCE_END: &[u8] = b"\xFE\xFF\xDD\xE0\0\0\0\0";

fn file(transfer_syntax: &str, dataset: &[u8]) -> Vec<u8> {
    let length = (transfer_syntax.len() as u16).to_le_bytes();
    [
        &[0; 128],
        b"DICM\x02\0\x10\0UI".as_slice(),
        &length,
        transfer_syntax.as_bytes(),
        dataset,
    ]
    .concat()
}

fn item(content: &[u8]) -> Vec<u8> {
    [ITEM, &(content.len() as u32).to_le_bytes(), content].concat()
}

/// Little-endian numbers of 4 or 8 bytes.
fn numbers<const N: usize>(numbers: &[u64]) -> Vec<u8> {
    numbers
        .iter()
        .flat_map(|number| number.to_le_bytes()[..N].to_vec())
        .collect()
}

/// Encapsulated pixel data; fragments that begin a frame begin with `S`.
fn encapsulated(basic: &[u64], extended: Option<(&[u64], &[u64])>, fragments: &[&[u8]]) -> Vec<u8> {
    let mut dataset = Vec::new();
    if let Some((offsets, lengths)) = extended {
        for (element, values) in [(1u8, offsets), (2, lengths)] {
            let value = numbers::<8>(values);
            dataset.extend([0xE0, 0x7F, element, 0]);
            dataset.extend(b"OV\0\0");
            dataset.extend((value.len() as u32).to_le_bytes());
            dataset.extend(value);
        }
    }
    dataset.extend(b"\xE0\x7F\x10\0OB\0\0\xFF\xFF\xFF\xFF");
    dataset.extend(item(&numbers::<4>(basic)));
    for fragment in fragments {
        dataset.extend(item(fragment));
    }
    dataset.extend(SEQUENCE_END);
    file("1.2.840.10008.1.2.4.70", &dataset)
}

fn frames(bytes: &[u8], count: u32) -> Result<Vec<Range<usize>>, GateError> {
    let scan: Prescan = prescan(bytes, &Limits::default()).unwrap();
    scan.frames(bytes, count, |fragment| fragment.starts_with(b"S"))
}

#[test]
fn fragments_become_frames() {
    let two_each: [&[u8]; 4] = [b"S1", b"11", b"S222", b"22"];
    let one_each: [&[u8]; 2] = [b"S1", b"S222"];
    let rows = [
        (
            "one frame has all",
            encapsulated(&[], None, &two_each),
            1,
            vec![(0, 4)],
        ),
        (
            "as many as frames",
            encapsulated(&[], None, &one_each),
            2,
            vec![(0, 1), (1, 2)],
        ),
        (
            "starts of codestreams",
            encapsulated(&[], None, &two_each),
            2,
            vec![(0, 2), (2, 4)],
        ),
        (
            "a basic table",
            encapsulated(&[0, 20], None, &two_each),
            2,
            vec![(0, 2), (2, 4)],
        ),
        (
            "an extended table",
            encapsulated(&[], Some((&[0, 10], &[2, 4])), &one_each),
            2,
            vec![(0, 1), (1, 2)],
        ),
        (
            "lengths without the padding byte",
            encapsulated(&[], Some((&[0, 10], &[1, 3])), &one_each),
            2,
            vec![(0, 1), (1, 2)],
        ),
    ];
    for (name, bytes, count, expected) in rows {
        let found = frames(&bytes, count).map(|frames| frames.iter().map(|f| (f.start, f.end)).collect());
        assert_eq!(found, Ok(expected), "{name}");
    }
}

#[test]
fn tables_that_disagree_are_refused() {
    let two_each: [&[u8]; 4] = [b"S1", b"11", b"S222", b"22"];
    let one_each: [&[u8]; 2] = [b"S1", b"S222"];
    let huge = u64::MAX;
    let rows = [
        (
            "more frames than fragments",
            encapsulated(&[], None, &one_each),
            3,
        ),
        ("no frames", encapsulated(&[], None, &one_each), 0),
        ("no fragments", encapsulated(&[], None, &[]), 1),
        ("another number of starts", encapsulated(&[], None, &two_each), 3),
        (
            "no start at the first",
            encapsulated(&[], None, &[b"x1", b"S1", b"S2"]),
            2,
        ),
        ("an offset off by two", encapsulated(&[0, 12], None, &one_each), 2),
        ("offsets that descend", encapsulated(&[10, 0], None, &one_each), 2),
        ("an offset twice", encapsulated(&[0, 0], None, &one_each), 2),
        ("the first not at 0", encapsulated(&[10, 20], None, &two_each), 2),
        ("one offset too few", encapsulated(&[0], None, &one_each), 2),
        (
            "an offset beyond all",
            encapsulated(&[], Some((&[0, huge], &[2, 4])), &one_each),
            2,
        ),
        (
            "two tables",
            encapsulated(&[0, 10], Some((&[0, 10], &[2, 4])), &one_each),
            2,
        ),
        (
            "a wrong length",
            encapsulated(&[], Some((&[0, 10], &[2, 6])), &one_each),
            2,
        ),
        (
            "one length too few",
            encapsulated(&[], Some((&[0, 10], &[2])), &one_each),
            2,
        ),
        (
            "a length beyond all",
            encapsulated(&[], Some((&[0, 10], &[2, huge])), &one_each),
            2,
        ),
    ];
    for (name, bytes, count) in rows {
        assert!(
            matches!(frames(&bytes, count), Err(GateError::Fragments(_))),
            "{name}"
        );
    }
}

/// (0028,3000) with two items of undefined or defined length, the second with (0028,3010) inside.
fn nested(defined: bool) -> Vec<u8> {
    let element = |number: u8, value: &[u8]| {
        [
            &[0x28, 0, number, 0x30],
            b"LO".as_slice(),
            &(value.len() as u16).to_le_bytes(),
            value,
        ]
        .concat()
    };
    let wrapped = |content: &[u8]| {
        if defined {
            item(content)
        } else {
            [ITEM, &[0xFF; 4], content, b"\xFE\xFF\x0D\xE0\0\0\0\0"].concat()
        }
    };
    let sequence = |number: u8, items: &[u8]| {
        let (length, end) = if defined {
            ((items.len() as u32).to_le_bytes(), &[][..])
        } else {
            ([0xFF; 4], SEQUENCE_END)
        };
        [
            &[0x28, 0, number, 0x30],
            b"SQ\0\0".as_slice(),
            &length,
            items,
            end,
        ]
        .concat()
    };
    let inner = sequence(0x10, &wrapped(&element(3, b"inner ")));
    let second = [element(4, b"HU"), inner].concat();
    let items = [wrapped(&element(3, b"first ")), wrapped(&second)].concat();
    file(
        "1.2.840.10008.1.2.1\0",
        &[sequence(0, &items), element(3, b"outer ")].concat(),
    )
}

#[test]
fn items_are_walked_one_level_at_a_time() {
    let limits = Limits::default();
    for defined in [true, false] {
        let bytes = nested(defined);
        let scan = prescan(&bytes, &limits).unwrap();
        assert_eq!(scan.value(&bytes, 0x28, 0x3003), Some(b"outer ".as_slice()));
        let items: Vec<_> = scan
            .items(&bytes, 0x28, 0x3000, &limits)
            .map(Result::unwrap)
            .collect();
        assert_eq!(items.len(), 2);
        assert_eq!(items[0].encoding, Encoding::ExplicitLittle);
        assert_eq!(items[0].value(0x28, 0x3003), Some(b"first ".as_slice()));
        assert_eq!(items[1].value(0x28, 0x3003), None);
        assert_eq!(items[1].slim(100, |_, _| true), b"\x28\0\x04\x30LO\x02\0HU");
        let inner: Vec<_> = items[1]
            .items(0x28, 0x3010, &limits)
            .map(Result::unwrap)
            .collect();
        assert_eq!(inner.len(), 1);
        assert_eq!(inner[0].value(0x28, 0x3003), Some(b"inner ".as_slice()));
        assert_eq!(scan.items(&bytes, 0x28, 0x3010, &limits).len(), 0);
    }
}
