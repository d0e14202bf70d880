//! Attacks that a DICOM library was measured to fall for, one row each, through every public entry point: what is said
//! to them, and that it takes no memory. One test, because memory is counted over all threads.

use hilum_domain::{NoProgress, ReasonCode};
use hilum_fuzz::bases::Base;
use hilum_fuzz::memory::{self, MOST_EXTRA};
use hilum_fuzz::part10::{Element, Encoding, File, Item, Length, PIXEL_DATA, Value};
use hilum_fuzz::{bases, decoding, encode};
use hilum_gate::{Limits, prescan};
use hilum_volume::{LoadOptions, load_instances, read_header};

use ReasonCode::{
    DecodeFailed, LengthBeyondInput, LimitExceeded, MissingAttribute, NestingTooDeep, PixelLengthMismatch,
};

/// Three slices of a valid series, each with the attack in it, and what is said to them.
struct Row {
    name: &'static str,
    files: Vec<Vec<u8>>,
    /// By the pre-scan and the header: `None` when what is wrong lies in the pixels.
    gate: Option<ReasonCode>,
    /// By the volume: one of these.
    volume: &'static [ReasonCode],
}

const ROWS: (u16, u16) = (0x0028, 0x0010);
const COLUMNS: (u16, u16) = (0x0028, 0x0011);
const BITS_ALLOCATED: (u16, u16) = (0x0028, 0x0100);
const PRIVATE: (u16, u16) = (0x0009, 0x1002);

fn number(tag: (u16, u16), number: u16) -> Element {
    Element::new(tag, *b"US", number.to_le_bytes())
}

fn claiming(vr: [u8; 2], length: u32) -> Element {
    Element {
        length: Length::Claimed(length),
        ..Element::new(PRIVATE, vr, vec![0; 64])
    }
}

/// Sequences in each other, as bytes of an element of undefined length.
fn nested(vr: [u8; 2], depth: usize, explicit: bool) -> Element {
    let open: &[u8] = if explicit {
        b"\xFE\xFF\x00\xE0\xFF\xFF\xFF\xFF\x40\x00\x30\xA7SQ\0\0\xFF\xFF\xFF\xFF"
    } else {
        b"\xFE\xFF\x00\xE0\xFF\xFF\xFF\xFF\x40\x00\x30\xA7\xFF\xFF\xFF\xFF"
    };
    let close = b"\xFE\xFF\xDD\xE0\0\0\0\0\xFE\xFF\x0D\xE0\0\0\0\0";
    let end = b"\xFE\xFF\xDD\xE0\0\0\0\0";
    let value = [open.repeat(depth), close.repeat(depth), end.to_vec()].concat();
    Element {
        length: Length::Undefined,
        ..Element::new(PRIVATE, vr, value)
    }
}

fn image(rows: u16, columns: u16, stored: usize) -> impl Fn(&mut File) {
    move |file| {
        file.put(number(ROWS, rows));
        file.put(number(COLUMNS, columns));
        file.put(Element::new(PIXEL_DATA, *b"OW", vec![0; stored]));
    }
}

fn rle(fragment: &[u8]) -> impl Fn(&mut File) {
    move |file| {
        file.claim_transfer_syntax("1.2.840.10008.1.2.5");
        file.put(Element::fragments(vec![vec![], fragment.to_vec()]));
    }
}

/// The valid series with a change to each slice.
fn changed(change: impl Fn(&mut File)) -> Vec<Vec<u8>> {
    changed_base(&bases::generated(8).unwrap()[0], change)
}

fn changed_base(base: &Base, change: impl Fn(&mut File)) -> Vec<Vec<u8>> {
    let slices = base.slices.iter().cloned();
    slices
        .map(|mut file| {
            change(&mut file);
            file.to_bytes()
        })
        .collect()
}

fn deflated(body: &[u8]) -> Vec<Vec<u8>> {
    let mut file = File {
        meta: vec![],
        encoding: Encoding::Explicit,
        deflated: false,
        dataset: vec![],
    };
    file.claim_transfer_syntax("1.2.840.10008.1.2.1.99");
    vec![[file.to_bytes(), body.to_vec()].concat(); 3]
}

/// Headers that declare 65535 rows of a frame of 32 x 32, and a codestream that declares as much as its header.
fn compressed() -> Vec<Row> {
    let rows = 65_535;
    let mut attacks = Vec::new();
    for base in bases::compressed().unwrap() {
        attacks.push(Row {
            name: "65535 rows of a compressed frame of 32",
            files: changed_base(&base, |file| file.put(number(ROWS, rows))),
            gate: None,
            volume: &[DecodeFailed],
        });
        attacks.push(Row {
            name: "the same at one position",
            files: changed_base(&base, |file| {
                file.put(number(ROWS, rows));
                file.put(Element::text((0x0020, 0x0032), *b"DS", "0\\0\\0"));
            }),
            gate: None,
            volume: &[DecodeFailed],
        });
    }
    let jpeg_2000 = bases::compressed().unwrap().swap_remove(4);
    let side = 30_000;
    let declares = |file: &mut File| {
        file.put(number(ROWS, side));
        file.put(number(COLUMNS, side));
        if let Some(Value::Fragments(fragments)) = file.find(PIXEL_DATA).map(|element| &mut element.value) {
            // Xsiz, Ysiz, XTsiz and YTsiz of SIZ: one tile of that size.
            for at in [8, 12, 24, 28] {
                fragments[1][at..at + 4].copy_from_slice(&u32::from(side).to_be_bytes());
            }
        }
    };
    attacks.push(Row {
        name: "30000 x 30000 of a codestream that declares them and holds 32 x 32",
        files: changed_base(&jpeg_2000, declares),
        gate: None,
        volume: &[DecodeFailed],
    });
    attacks
}

fn structures() -> Vec<Row> {
    let row = |name, change: &dyn Fn(&mut File), gate, volume| Row {
        name,
        files: changed(change),
        gate: Some(gate),
        volume,
    };
    let put = |element: Element| move |file: &mut File| file.put(element.clone());
    let empty = |tag, count| vec![Element::new(tag, *b"LO", []); count];
    let million = Limits::default().elements + 1;
    let mut beyond = changed(rle(&[0; 64]));
    for file in &mut beyond {
        // The file ends inside the fragment, whose length stays as it was.
        file.truncate(file.len() - 40);
    }
    vec![
        row(
            "1 500 nested sequences",
            &put(nested(*b"SQ", 1500, true)),
            NestingTooDeep,
            &[NestingTooDeep],
        ),
        row(
            "1 500 nested sequences in an unknown one",
            &put(nested(*b"UN", 1500, false)),
            NestingTooDeep,
            &[NestingTooDeep],
        ),
        row(
            "100 000 nested sequences",
            &put(nested(*b"SQ", 100_000, true)),
            NestingTooDeep,
            &[NestingTooDeep],
        ),
        row(
            "OW of 4 GB in 64 bytes",
            &put(claiming(*b"OW", 0xFFFF_FFF0)),
            LengthBeyondInput,
            &[LengthBeyondInput],
        ),
        row(
            "UT of 2 GB",
            &put(claiming(*b"UT", 0x8000_0000)),
            LengthBeyondInput,
            &[LengthBeyondInput],
        ),
        row(
            "SQ of 4 GB",
            &put(claiming(*b"SQ", 0xFFFF_FFFE)),
            LengthBeyondInput,
            &[LengthBeyondInput],
        ),
        row(
            "a million elements",
            &|file| {
                file.dataset
                    .splice(0..0, empty((0x0008, 0x0001), million))
                    .for_each(drop);
            },
            LimitExceeded,
            &[LimitExceeded],
        ),
        row(
            "a million items",
            &|file| {
                let item = Item {
                    length: Length::Actual,
                    elements: vec![],
                };
                file.put(Element::sequence(PRIVATE, Length::Actual, vec![item; million]));
            },
            LimitExceeded,
            &[LimitExceeded],
        ),
        row(
            "a million fragments",
            &|file| file.put(Element::fragments(vec![vec![]; million + 1])),
            LimitExceeded,
            &[LimitExceeded],
        ),
        Row {
            name: "fragment longer than the file",
            files: beyond,
            gate: Some(LengthBeyondInput),
            volume: &[LengthBeyondInput],
        },
    ]
}

fn deflates() -> Vec<Row> {
    vec![
        Row {
            name: "a megabyte that inflates to a gigabyte",
            files: deflated(&encode::bomb(1 << 30)),
            gate: Some(LimitExceeded),
            volume: &[LimitExceeded],
        },
        Row {
            name: "three megabytes that inflate to 300",
            files: deflated(&[encode::bomb(300 << 20), vec![0; 3 << 20]].concat()[..3 << 20]),
            gate: Some(LimitExceeded),
            volume: &[LimitExceeded],
        },
        Row {
            name: "what inflates to as much as is allowed, and is no DICOM",
            files: deflated(&encode::deflate(&vec![0xFF; 47 << 20])),
            gate: Some(DecodeFailed),
            volume: &[DecodeFailed],
        },
        Row {
            name: "what does not inflate",
            files: deflated(&[0xFF; 64]),
            gate: Some(DecodeFailed),
            volume: &[DecodeFailed],
        },
    ]
}

fn pixels() -> Vec<Row> {
    let row = |name, change: &dyn Fn(&mut File), volume| Row {
        name,
        files: changed(change),
        gate: None,
        volume,
    };
    let frames = |frames: &'static str| {
        move |file: &mut File| {
            image(512, 512, 64)(file);
            file.put(Element::text((0x0028, 0x0008), *b"IS", frames));
        }
    };
    // Two bytes of eight-byte numbers; a parser that reads none of them takes what follows for a header.
    let broken_number = |file: &mut File| {
        file.put(Element::new((0x0020, 0x0013), *b"OV", *b"1 "));
        file.dataset.retain(|element| element.tag != PIXEL_DATA);
    };
    let mut past_the_end = encode::rle(&[7; 128], 2);
    past_the_end[8..12].copy_from_slice(&0xFFFF_FFF0u32.to_le_bytes());
    vec![
        row(
            "64 bytes of 512 x 512",
            &image(512, 512, 64),
            &[PixelLengthMismatch],
        ),
        row(
            "65535 x 65535",
            &image(65_535, 65_535, 64),
            &[LimitExceeded, PixelLengthMismatch],
        ),
        row(
            "30000 x 30000, which is within the limit",
            &image(30_000, 30_000, 64),
            &[PixelLengthMismatch],
        ),
        row(
            "65535 x 65535 frames",
            &frames("4294836225"),
            &[LimitExceeded, PixelLengthMismatch, MissingAttribute],
        ),
        row(
            "no frames",
            &frames("0"),
            &[PixelLengthMismatch, MissingAttribute],
        ),
        row("no rows", &image(0, 512, 64), &[PixelLengthMismatch]),
        row("no columns", &image(512, 0, 64), &[PixelLengthMismatch]),
        row(
            "13 bits",
            &|file| file.put(number(BITS_ALLOCATED, 13)),
            &[DecodeFailed, PixelLengthMismatch],
        ),
        row(
            "no pixel data",
            &|file| file.dataset.retain(|element| element.tag != PIXEL_DATA),
            &[PixelLengthMismatch],
        ),
        row("a number that breaks off", &broken_number, &[PixelLengthMismatch]),
        row("RLE segment past the end", &rle(&past_the_end), &[DecodeFailed]),
        row("RLE of 4 bytes", &rle(&[2, 0, 0, 0]), &[DecodeFailed]),
        row(
            "RLE of 30000 x 30000 in 100 bytes",
            &|file| {
                image(30_000, 30_000, 0)(file);
                rle(&encode::rle(&[7; 128], 2))(file);
            },
            &[DecodeFailed, PixelLengthMismatch],
        ),
    ]
}

#[test]
fn every_attack_is_refused_by_name_and_takes_no_memory() {
    // On this thread alone, of 2 MiB as those of the server: the bound is for one file at a time.
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .use_current_thread();
    pool.build_global().unwrap();
    let options = LoadOptions {
        decoder: Some(decoding::decoder()),
        ..LoadOptions::default()
    };
    let attacks = structures().into_iter().chain(deflates()).chain(pixels());
    for row in attacks.chain(compressed()) {
        let limits = Limits::default();
        let first = &row.files[0];
        let (scanned, by_scan) = memory::measure(|| prescan(first, &limits).map(drop));
        assert_eq!(
            scanned.err().map(|error| error.code()),
            row.gate,
            "{}: gate",
            row.name
        );

        let (read, by_header) = memory::measure(|| read_header("a", first, &limits).map(drop));
        assert_eq!(
            read.err().map(|error| error.code()),
            row.gate,
            "{}: header",
            row.name
        );

        let named = row.files.into_iter().enumerate();
        let named: Vec<_> = named.map(|(k, bytes)| (k.to_string(), bytes)).collect();
        let (loaded, by_volume) = memory::measure(|| load_instances(named, &options, &NoProgress).map(drop));
        let refusal = loaded.expect_err(row.name);
        assert!(row.volume.contains(&refusal.code()), "{}: {refusal}", row.name);

        for (entry, extra) in [("gate", by_scan), ("header", by_header), ("volume", by_volume)] {
            assert!(
                extra <= MOST_EXTRA,
                "{}: the {entry} took {extra} bytes",
                row.name
            );
        }
    }
}
