//! Valid files that mutants descend from. A base is a series of three slices, or one file that is no CT slice.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use hilum_phantom::{ChestPhantom, PhantomOptions};

use crate::part10::{Element, Encoding, File, Item, Length, PIXEL_DATA, Value};
use crate::{codestreams, encode};

const IMAGE_POSITION: (u16, u16) = (0x0020, 0x0032);
const SOP_INSTANCE: (u16, u16) = (0x0008, 0x0018);

/// Largest sample that is mutated.
const LARGEST_SAMPLE: u64 = 1 << 20;

/// Slices that form a volume together, or one file alone.
#[derive(Debug, Clone)]
pub struct Base {
    /// What it is.
    pub name: String,
    /// The same tree, at another place each.
    pub slices: Vec<File>,
}

/// Writes a file in another encoding.
type Change = fn(&mut File);

/// One phantom in every encoding that is written here: `size` x `size` pixels, cut out of a synthetic chest.
pub fn generated(size: u16) -> anyhow::Result<Vec<Base>> {
    let options = PhantomOptions {
        size: 64,
        slices: 16,
        slice_spacing_mm: 10.0,
        nodules: Some(vec![]),
        ..PhantomOptions::default()
    };
    let phantom = ChestPhantom::new(1, &options)?;
    let slices = (7..10)
        .map(|k| {
            let (name, bytes) = phantom.instance(k)?;
            let mut file = File::parse(&bytes).with_context(|| format!("{name} is not well-formed"))?;
            crop(&mut file, 64, size)?;
            add_structure(&mut file);
            Ok(file)
        })
        .collect::<anyhow::Result<Vec<File>>>()?;
    let encodings: [(&str, Change); 6] = [
        ("explicit", |_| {}),
        ("implicit", |file| {
            written(file, "1.2.840.10008.1.2", Encoding::Implicit);
        }),
        ("big-endian", |file| {
            written(file, "1.2.840.10008.1.2.2", Encoding::Big);
        }),
        ("deflated", |file| {
            file.claim_transfer_syntax("1.2.840.10008.1.2.1.99");
            file.deflated = true;
        }),
        ("rle", |file| {
            file.claim_transfer_syntax("1.2.840.10008.1.2.5");
            if let Some(Value::Bytes(stored)) = file.find(PIXEL_DATA).map(|element| &element.value) {
                let fragment = encode::rle(stored, 2);
                file.put(Element::fragments(vec![vec![], fragment]));
            }
        }),
        ("32-bit", widen),
    ];
    let bases = encodings.map(|(name, change)| {
        let mut slices = slices.clone();
        slices.iter_mut().for_each(change);
        Base {
            name: name.to_owned(),
            slices,
        }
    });
    Ok(bases.into())
}

/// The phantom's header with a compressed frame, one of each kind, the same frame in every slice.
pub fn compressed() -> anyhow::Result<Vec<Base>> {
    let plain = generated(8)?.swap_remove(0);
    let bases = codestreams::all()?.into_iter().map(|codestream| {
        let mut slices = plain.slices.clone();
        for file in &mut slices {
            file.claim_transfer_syntax(codestream.transfer_syntax);
            for (tag, number) in [
                ((0x0028, 0x0010), codestreams::SIDE),
                ((0x0028, 0x0011), codestreams::SIDE),
                ((0x0028, 0x0100), codestream.bits_allocated),
                ((0x0028, 0x0101), codestream.bits_stored),
                ((0x0028, 0x0102), codestream.bits_stored - 1),
                ((0x0028, 0x0103), 0),
            ] {
                file.put(Element::new(tag, *b"US", number.to_le_bytes()));
            }
            file.put(Element::text((0x0028, 0x1052), *b"DS", "-1024"));
            file.put(Element::text((0x0028, 0x1053), *b"DS", codestream.slope));
            let mut frame = codestream.frame.clone();
            frame.resize(frame.len().next_multiple_of(2), 0);
            file.put(Element::fragments(vec![vec![], frame]));
        }
        Base {
            name: codestream.name.to_owned(),
            slices,
        }
    });
    Ok(bases.collect())
}

/// The well-formed DICOM files below a folder, up to 1 MiB each, by name. A CT slice becomes a series of three.
pub fn samples(folder: &Path) -> anyhow::Result<Vec<Base>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
        for entry in entries {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else if entry.metadata()?.len() <= LARGEST_SAMPLE {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    let bases = files.iter().filter_map(|path| sample(path).transpose());
    bases.collect()
}

fn sample(path: &PathBuf) -> anyhow::Result<Option<Base>> {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let bytes = fs::read(path).with_context(|| name.clone())?;
    Ok(File::parse(&bytes).map(|file| Base {
        name,
        slices: placed(file),
    }))
}

/// Three slices 2.5 mm apart where the file has a position, else the file alone.
fn placed(mut file: File) -> Vec<File> {
    if file.find(IMAGE_POSITION).is_none() {
        return vec![file];
    }
    (0..3)
        .map(|k| {
            let mut slice = file.clone();
            let position = format!("-100\\-100\\{}", 2.5 * f64::from(k));
            slice.put(Element::text(IMAGE_POSITION, *b"DS", &position));
            slice.put(Element::text(SOP_INSTANCE, *b"UI", &format!("1.2.3.{}", k + 1)));
            slice
        })
        .collect()
}

fn written(file: &mut File, uid: &str, encoding: Encoding) {
    file.claim_transfer_syntax(uid);
    file.encoding = encoding;
}

/// Keeps the first `size` x `size` pixels of the middle rows of a square image of `from` x `from`.
fn crop(file: &mut File, from: u16, size: u16) -> anyhow::Result<()> {
    let pixels = file.find(PIXEL_DATA).map(|element| &element.value);
    let Some(Value::Bytes(stored)) = pixels else {
        anyhow::bail!("the phantom has no native pixels");
    };
    let (width, wanted) = (2 * usize::from(from), 2 * usize::from(size));
    let first = usize::from((from - size) / 2);
    let rows = stored.chunks_exact(width).skip(first).take(usize::from(size));
    let cropped: Vec<u8> = rows.flat_map(|row| row[..wanted].to_vec()).collect();
    file.put(Element::new(PIXEL_DATA, *b"OW", cropped));
    for tag in [(0x0028, 0x0010), (0x0028, 0x0011)] {
        file.put(Element::new(tag, *b"US", size.to_le_bytes()));
    }
    Ok(())
}

/// What real files have and the phantom lacks: sequences of both kinds, unknown and private elements, padding.
fn add_structure(file: &mut File) {
    let code = |value: &str| {
        vec![
            Element::text((0x0008, 0x0100), *b"SH", value),
            Element::text((0x0008, 0x0102), *b"SH", "DCM"),
        ]
    };
    let item = |length, elements| Item { length, elements };
    let inner = Element::sequence(
        (0x0040, 0xA043),
        Length::Actual,
        vec![item(Length::Actual, code("121207"))],
    );
    let outer = Element::sequence(
        (0x0040, 0x0275),
        Length::Undefined,
        vec![
            item(Length::Undefined, vec![inner]),
            item(Length::Actual, code("113701")),
        ],
    );
    let unknown = Element {
        vr: *b"UN",
        ..Element::sequence(
            (0x0009, 0x1001),
            Length::Undefined,
            vec![item(Length::Actual, code("1"))],
        )
    };
    for element in [
        Element::text((0x0009, 0x0010), *b"LO", "HILUM FUZZ"),
        unknown,
        Element::sequence(
            (0x0008, 0x1140),
            Length::Actual,
            vec![item(Length::Actual, code("2")), item(Length::Undefined, vec![])],
        ),
        outer,
        Element::new((0x0028, 0x0120), *b"US", [0, 0]),
        Element::new((0x0018, 0x9313), *b"FD", 1.5f64.to_le_bytes()),
        Element::new((0xFFFC, 0xFFFC), *b"OB", vec![0; 16]),
    ] {
        file.put(element);
    }
}

/// 16-bit pixels as the lower half of 32-bit ones.
fn widen(file: &mut File) {
    let pixels = file.find(PIXEL_DATA).map(|element| &element.value);
    let Some(Value::Bytes(stored)) = pixels else {
        return;
    };
    let wide: Vec<u8> = stored
        .chunks_exact(2)
        .flat_map(|pixel| [pixel[0], pixel[1], 0, 0])
        .collect();
    file.put(Element::new(PIXEL_DATA, *b"OW", wide));
    file.put(Element::new((0x0028, 0x0100), *b"US", 32u16.to_le_bytes()));
}
