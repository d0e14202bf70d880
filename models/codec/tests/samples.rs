//! One CT in every transfer syntax, and the NEMA WG04 images: lossless ones bit for bit, lossy ones within a bound.

use std::path::PathBuf;

use hilum_codec::{CodecError, Decoded, FrameFormat, decode};
use hilum_gate::{Limits, PixelData, Prescan, prescan};

/// The folder of samples; says so when it is not there.
fn samples() -> Option<PathBuf> {
    let data = std::env::var_os("HILUM_DATA").map(PathBuf::from)?;
    Some(data.join("dicom_samples"))
}

macro_rules! samples_or_skip {
    () => {
        match samples() {
            Some(samples) => samples,
            None => {
                eprintln!("skipped: HILUM_DATA is not set");
                return;
            }
        }
    };
}

struct Sample {
    bytes: Vec<u8>,
    scan: Prescan,
}

impl Sample {
    fn read(path: PathBuf) -> Self {
        let mut bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        if path.extension().is_some_and(|extension| extension == "zst") {
            bytes = zstd::decode_all(bytes.as_slice()).unwrap();
        }
        let scan = prescan(&bytes, &Limits::default()).unwrap();
        Self { bytes, scan }
    }

    fn number(&self, group: u16, element: u16) -> u16 {
        let value = self.scan.value(&self.bytes, group, element).unwrap();
        u16::from_le_bytes([value[0], value[1]])
    }

    fn format(&self) -> FrameFormat {
        FrameFormat {
            rows: self.number(0x28, 0x10),
            columns: self.number(0x28, 0x11),
            samples: self.number(0x28, 0x02),
            bits_allocated: self.number(0x28, 0x100),
            bits_stored: self.number(0x28, 0x101),
            signed: self.number(0x28, 0x103) == 1,
        }
    }

    fn frame(&self) -> Vec<u8> {
        match self.scan.pixel_data.as_ref().unwrap() {
            PixelData::Native(range) => self.scan.bytes_of(&self.bytes, range).to_vec(),
            PixelData::Fragments { fragments, .. } => fragments
                .iter()
                .flat_map(|fragment| self.scan.bytes_of(&self.bytes, fragment))
                .copied()
                .collect(),
        }
    }

    fn decode(&self) -> Result<Decoded, CodecError> {
        decode(&self.frame(), self.scan.transfer_syntax.as_str(), &self.format())
    }
}

fn pixels(bytes: &[u8]) -> Vec<i32> {
    let pixel = |pair: &[u8]| i16::from_le_bytes([pair[0], pair[1]]).into();
    bytes.chunks_exact(2).map(pixel).collect()
}

/// Largest difference between two images.
fn apart(a: &[i32], b: &[i32]) -> i32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).max().unwrap()
}

/// Lossy JPEG 2000 promises no bound for a pixel. What any encoder of `bytes` can do is to send the mean of each square
/// block in 16 bits, with blocks as large as that takes: a frame must be nearer to its reference, by root mean square.
fn assert_nearer_than_block_means(decoded: &[i32], reference: &[i32], bytes: usize) {
    const SIDE: usize = 512;
    let block = (16.0 * reference.len() as f64 / (8.0 * bytes as f64))
        .sqrt()
        .ceil() as usize;
    let mut squares = 0.0;
    for top in (0..SIDE).step_by(block) {
        for left in (0..SIDE).step_by(block) {
            let rows = top..(top + block).min(SIDE);
            let values: Vec<f64> = rows
                .flat_map(|row| &reference[row * SIDE + left..row * SIDE + (left + block).min(SIDE)])
                .map(|value| f64::from(*value))
                .collect();
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            squares += values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
        }
    }
    let bound = (squares / reference.len() as f64).sqrt();
    let ours = decoded
        .iter()
        .zip(reference)
        .map(|(a, b)| f64::from(a - b).powi(2))
        .sum::<f64>();
    let ours = (ours / reference.len() as f64).sqrt();
    assert!(
        ours < bound,
        "{ours:.1} is not below {bound:.1}, of {block} x {block} blocks"
    );
}

/// NEAR of the first scan of a JPEG-LS codestream (ITU-T T.87 section C.2.3): behind the components.
fn near(frame: &[u8]) -> i32 {
    let sos = frame.windows(2).position(|pair| pair == [0xFF, 0xDA]).unwrap();
    let components = usize::from(frame[sos + 4]);
    frame[sos + 5 + 2 * components].into()
}

#[test]
fn one_ct_in_every_lossless_syntax() {
    let folder = samples_or_skip!().join("cornerstone_ct_all_syntaxes");
    let reference = pixels(&Sample::read(folder.join("CTImage.dcm")).frame());
    for name in [
        "JPEGProcess14TransferSyntax_1.2.840.10008.1.2.4.57",
        "JPEGProcess14SV1TransferSyntax_1.2.840.10008.1.2.4.70",
        "JPEGLSLosslessTransferSyntax_1.2.840.10008.1.2.4.80",
        "JPEG2000LosslessOnlyTransferSyntax_1.2.840.10008.1.2.4.90",
    ] {
        let decoded = Sample::read(folder.join(format!("CTImage.dcm_{name}.dcm")))
            .decode()
            .unwrap();
        assert!(!decoded.sign_mismatch, "{name}");
        assert_eq!(apart(&pixels(&decoded.pixels), &reference), 0, "{name}");
    }
}

#[test]
fn one_ct_in_every_lossy_syntax() {
    let folder = samples_or_skip!().join("cornerstone_ct_all_syntaxes");
    let reference = pixels(&Sample::read(folder.join("CTImage.dcm")).frame());
    let sample = |name: &str| Sample::read(folder.join(format!("CTImage.dcm_{name}.dcm")));

    // JPEG-LS promises |difference| <= NEAR for each pixel.
    let jpeg_ls = sample("JPEGLSLossyTransferSyntax_1.2.840.10008.1.2.4.81");
    let bound = near(&jpeg_ls.frame());
    assert!(bound > 0);
    let apart_by = apart(&pixels(&jpeg_ls.decode().unwrap().pixels), &reference);
    assert!(apart_by <= bound, "{apart_by} > {bound}");

    let jpeg_2000 = sample("JPEG2000TransferSyntax_1.2.840.10008.1.2.4.91");
    let decoded = pixels(&jpeg_2000.decode().unwrap().pixels);
    assert_nearer_than_block_means(&decoded, &reference, jpeg_2000.frame().len());
}

/// Golden values of another decoder: pydicom 3.0.2 with pylibjpeg-libjpeg 2.5.0 (`pixel_array(dataset, raw=True)`), its
/// mean and the pixels at every ninth of the image. Two decoders of the DCT may round a pixel differently, by one.
#[test]
fn sequential_jpeg_equals_another_decoder() {
    let folder = samples_or_skip!().join("cornerstone_ct_all_syntaxes");
    for (name, mean, points) in [
        (
            "JPEGProcess1TransferSyntax_1.2.840.10008.1.2.4.50",
            95.874,
            [31, 95, 107, 127, 124, 123, 126, 31],
        ),
        (
            "JPEGProcess2_4TransferSyntax_1.2.840.10008.1.2.4.51",
            1548.282,
            [511, 1537, 1728, 2046, 2006, 1970, 2032, 511],
        ),
    ] {
        let sample = Sample::read(folder.join(format!("CTImage.dcm_{name}.dcm")));
        let decoded = sample.decode().unwrap().pixels;
        let decoded: Vec<i32> = match sample.format().bits_allocated {
            8 => decoded.into_iter().map(i32::from).collect(),
            _ => pixels(&decoded),
        };
        let ours = decoded.iter().map(|pixel| f64::from(*pixel)).sum::<f64>() / decoded.len() as f64;
        assert!((ours - mean).abs() < 0.05, "{name}: mean {ours}");
        for (k, expected) in (1..).zip(points) {
            let ours = decoded[decoded.len() * k / 9];
            assert!(
                (ours - expected).abs() <= 1,
                "{name}, ninth {k}: {ours}, not {expected}"
            );
        }
    }
}

#[test]
fn retired_syntaxes_are_refused_by_name() {
    let folder = samples_or_skip!().join("cornerstone_ct_all_syntaxes");
    for (name, expected) in [
        (
            "JPEGProcess6_8TransferSyntax_1.2.840.10008.1.2.4.53",
            "Spectral Selection",
        ),
        (
            "JPEGProcess10_12TransferSyntax_1.2.840.10008.1.2.4.55",
            "Full Progression",
        ),
    ] {
        let error = Sample::read(folder.join(format!("CTImage.dcm_{name}.dcm")))
            .decode()
            .unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[test]
fn the_nema_wg04_images() {
    let folder = samples_or_skip!().join("enet4_wg04_ct");
    for image in ["CT1", "CT2"] {
        let reference = pixels(&Sample::read(folder.join(format!("REF__{image}_UNC.zst"))).frame());
        let compare = |name: &str| {
            let sample = Sample::read(folder.join(name));
            let decoded = sample.decode().unwrap_or_else(|error| panic!("{name}: {error}"));
            (apart(&pixels(&decoded.pixels), &reference), sample)
        };
        for lossless in ["JPLL", "JLSL", "J2KR"] {
            let name = format!("{lossless}__{image}_{lossless}");
            assert_eq!(compare(&name).0, 0, "{name}");
        }
        let (apart_by, sample) = compare(&format!("JLSN__{image}_JLSN"));
        let bound = near(&sample.frame());
        assert!(
            apart_by > 0 && apart_by <= bound,
            "{image}: {apart_by}, bound {bound}"
        );
        let lossy = Sample::read(folder.join(format!("J2KI__{image}_J2KI")));
        let decoded = pixels(&lossy.decode().unwrap().pixels);
        assert_nearer_than_block_means(&decoded, &reference, lossy.frame().len());
    }
}

#[test]
fn truncated_codestreams_are_errors() {
    let folder = samples_or_skip!().join("enet4_wg04_ct");
    for name in [
        "JPLL__CT1_JPLL",
        "JLSL__CT1_JLSL",
        "JLSN__CT1_JLSN",
        "J2KR__CT1_J2KR",
    ] {
        let sample = Sample::read(folder.join(name));
        let frame = sample.frame();
        for part in [1, 2, 3, 7] {
            let cut = &frame[..frame.len() * part / 8];
            let answer = decode(cut, sample.scan.transfer_syntax.as_str(), &sample.format());
            assert!(answer.is_err(), "{name} cut to {part} eighths");
        }
    }
}

#[test]
fn a_codestream_of_another_size_is_refused_before_it_is_decoded() {
    let folder = samples_or_skip!().join("enet4_wg04_ct");
    for name in ["JPLL__CT1_JPLL", "JLSL__CT1_JLSL", "J2KR__CT1_J2KR"] {
        let sample = Sample::read(folder.join(name));
        let mut format = sample.format();
        format.rows = 511;
        let error = decode(&sample.frame(), sample.scan.transfer_syntax.as_str(), &format).unwrap_err();
        assert_eq!(
            error,
            CodecError::Disagrees {
                what: "rows",
                codestream: 512,
                declared: 511
            },
            "{name}"
        );
    }
}
