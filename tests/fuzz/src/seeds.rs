//! Valid inputs that fuzzing starts from, made here so that nothing foreign is committed.

use std::io::{Cursor, Write as _};

use anyhow::Context as _;

use crate::part10::{File, PIXEL_DATA, Value};
use crate::{bases, codestreams, decoding, encode};

/// Seeds of every target: folder, name, bytes. The same bytes as long as the phantom is the same.
pub fn seeds() -> anyhow::Result<Vec<(&'static str, String, Vec<u8>)>> {
    let bases = bases::generated(8)?;
    let slice = |name: &str| {
        let base = bases.iter().find(|base| base.name == name);
        base.map(|base| base.slices[0].clone())
            .context("a base of this name")
    };
    let mut seeds = Vec::new();
    for base in &bases {
        seeds.push(("import", format!("{}.dcm", base.name), base.slices[0].to_bytes()));
    }
    let pixels = slice("explicit")?
        .find(PIXEL_DATA)
        .map(|element| element.value.clone());
    let Some(Value::Bytes(stored)) = pixels else {
        anyhow::bail!("the explicit base has no native pixels");
    };
    for (width, stored) in [(1, &stored[..64]), (2, &stored[..]), (4, &stored.repeat(2)[..])] {
        let head = [7, 7, [0, 0, 1, 0, 2][width]];
        let fragment = encode::rle(stored, width);
        seeds.push(("rle", format!("{width}-byte"), [&head[..], &fragment].concat()));
    }
    for codestream in codestreams::all()? {
        let syntax = decoding::SYNTAXES
            .iter()
            .position(|uid| *uid == codestream.transfer_syntax)
            .context("a syntax of the target")?;
        let head = [syntax as u8, u8::from(codestream.bits_allocated == 8)];
        seeds.push((
            "codestream",
            codestream.name.to_owned(),
            [&head[..], &codestream.frame].concat(),
        ));
    }
    let files: Vec<(String, File)> = bases
        .iter()
        .map(|base| (base.name.clone(), base.slices[0].clone()))
        .collect();
    let tar = tar(&files[..3])?;
    seeds.push(("archive", "tar".to_owned(), tar.clone()));
    seeds.push(("archive", "tar.gz".to_owned(), gzip(&tar)?));
    seeds.push((
        "archive",
        "tar.xz".to_owned(),
        liblzma::encode_all(tar.as_slice(), 0)?,
    ));
    seeds.push(("archive", "zip".to_owned(), zip(&files[..3])?));
    for (name, text) in MULTIPART {
        seeds.push(("multipart", (*name).to_owned(), text.as_bytes().to_vec()));
    }
    Ok(seeds)
}

/// Content-Type, size of pieces, body.
const MULTIPART: &[(&str, &str)] = &[
    (
        "two-parts",
        "multipart/related; type=\"application/dicom\"; boundary=b\n\x07--b\r\nContent-Type: application/dicom\r\n\r\none\r\n--b\r\ncontent-type:text/plain\r\nX: y\r\n\r\ntwo\r\n--b--",
    ),
    (
        "odd",
        "multipart/related; boundary=\"a b\"\n\x01hello\r\n--a b \t\r\n\r\n\r\n\r\n--a b\r\n\r\n\r\n-a b\r\n--\r\n--a b--bye",
    ),
];

fn tar(files: &[(String, File)]) -> anyhow::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, file) in files {
        let bytes = file.to_bytes();
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, name, bytes.as_slice())?;
    }
    Ok(archive.into_inner()?)
}

fn gzip(bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

fn zip(files: &[(String, File)]) -> anyhow::Result<Vec<u8>> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().last_modified_time(zip::DateTime::default());
    for (name, file) in files {
        archive.start_file(name.as_str(), options)?;
        archive.write_all(&file.to_bytes())?;
    }
    Ok(archive.finish()?.into_inner())
}
