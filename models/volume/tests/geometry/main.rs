//! Series that are no regular grid, or not quite a series: one row each. Slices come in scrambled order.

mod acquisitions;
mod modality;
mod resampling;
mod series;
mod tilt;

use dicom_dictionary_std::tags;
use hilum_domain::{NoProgress, ReasonCode, Uid};
use hilum_volume::{LoadOptions, VolumeError, VolumeReport, Voxels, load, load_instances};

use series::{COLUMNS, ROWS, Slice, scrambled, series, slice, try_load};

const IMPLICIT: &str = "1.2.840.10008.1.2";
const BIG: &str = "1.2.840.10008.1.2.2";
const JPEG_LOSSLESS: &str = "1.2.840.10008.1.2.4.70";
/// A file of this transfer syntax and data set.
fn wrapped(transfer_syntax: &[u8], dataset: &[u8]) -> Vec<u8> {
    let length = (transfer_syntax.len() as u16).to_le_bytes();
    [
        &[0; 128],
        b"DICM\x02\0\x10\0UI".as_slice(),
        &length,
        transfer_syntax,
        dataset,
    ]
    .concat()
}

/// The same instance with a deflated data set.
fn deflated(explicit: &[u8]) -> Vec<u8> {
    let scan = hilum_gate::prescan(explicit, &hilum_gate::Limits::default()).unwrap();
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, scan.dataset(explicit)).unwrap();
    wrapped(b"1.2.840.10008.1.2.1.99", &encoder.finish().unwrap())
}

/// The same instance with its pixels as RLE: literal runs, most significant bytes first.
fn rle(explicit: &[u8]) -> Vec<u8> {
    let scan = hilum_gate::prescan(explicit, &hilum_gate::Limits::default()).unwrap();
    let dataset = scan.dataset(explicit);
    let pixels = scan
        .elements
        .iter()
        .find(|element| element.tag == (0x7FE0, 0x0010))
        .unwrap();
    let stored = &dataset[pixels.value.clone()];
    let plane = |first: usize| -> Vec<u8> {
        let bytes: Vec<u8> = stored.iter().skip(first).step_by(2).copied().collect();
        [vec![bytes.len() as u8 - 1], bytes].concat()
    };
    let (high, low) = (plane(1), plane(0));
    let mut fragment: Vec<u8> = [2, 64, 64 + high.len() as u32]
        .into_iter()
        .flat_map(u32::to_le_bytes)
        .collect();
    fragment.resize(64, 0);
    fragment.extend([high, low].concat());
    fragment.resize(fragment.len().next_multiple_of(2), 0);
    let length = (fragment.len() as u32).to_le_bytes();
    let item = b"\xFE\xFF\x00\xE0".as_slice();
    let encapsulated = [
        &dataset[..pixels.start],
        b"\xE0\x7F\x10\x00OB\0\0\xFF\xFF\xFF\xFF",
        item,
        &[0; 4],
        item,
        &length,
        &fragment,
        b"\xFE\xFF\xDD\xE0\0\0\0\0",
    ];
    wrapped(b"1.2.840.10008.1.2.5\0", &encapsulated.concat())
}

#[test]
fn a_plain_series_in_any_order_and_encoding() {
    let slices = series("1.2.4", 7);
    let loaded = try_load(&slices).unwrap();
    let volume = &loaded.volume;
    assert_eq!(volume.shape_kji(), [7, 3, 4]);
    let spacing = volume.spacing_mm();
    assert!(
        (spacing[0] - 0.7).abs() < 1e-9 && (spacing[1] - 0.8).abs() < 1e-9 && (spacing[2] - 2.5).abs() < 1e-9
    );
    let hu = volume.i16_view().unwrap();
    for k in 0..7 {
        assert_eq!(hu[[k, 0, 0]], -1024);
        assert_eq!(hu[[k, 2, 3]], 10 * k as i16);
        assert_eq!(
            loaded.slices[k].sop_instance_uid.as_str(),
            format!("1.2.4.{}", k + 1)
        );
    }
    assert!(loaded.warnings.is_empty() && loaded.set_aside.is_empty());

    for syntax in [IMPLICIT, BIG] {
        let other: Vec<Slice> = slices.iter().cloned().map(|slice| slice.syntax(syntax)).collect();
        let other = try_load(&other).unwrap().volume;
        assert_eq!(other.voxels(), volume.voxels(), "{syntax}");
        assert_eq!(other.inputs_sha256(), volume.inputs_sha256(), "{syntax}");
    }
    for wrap in [deflated, rle] {
        let files = slices
            .iter()
            .enumerate()
            .map(|(k, slice)| (format!("f{k}"), wrap(&slice.bytes())));
        let other = load_instances(files, &LoadOptions::default(), &NoProgress)
            .unwrap()
            .volume;
        assert_eq!(other.voxels(), volume.voxels());
        assert_eq!(other.inputs_sha256(), volume.inputs_sha256());
    }
    let changed: Vec<Slice> = slices
        .into_iter()
        .map(|slice| slice.text(tags::RESCALE_INTERCEPT, "-1023"))
        .collect();
    assert_ne!(
        try_load(&changed).unwrap().volume.inputs_sha256(),
        volume.inputs_sha256()
    );

    let report = serde_json::to_value(VolumeReport::new(&loaded, 1.5)).unwrap();
    let keys: Vec<&String> = report.as_object().unwrap().keys().collect();
    let wanted = "shape_ijk spacing_mm affine_lps_mm min_hu max_hu mean_hu set_aside warnings interpolations elapsed_ms";
    assert_eq!(keys, wanted.split(' ').collect::<Vec<_>>());
    assert_eq!(report["shape_ijk"], serde_json::json!([4, 3, 7]));
    assert_eq!(report["interpolations"], serde_json::json!([]));
    assert_eq!(
        report["mean_hu"],
        serde_json::json!((7.0 * -1024.0 + 11.0 * 210.0) / 84.0)
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "one row for each refusal")]
fn refusals() {
    use ReasonCode::{
        DuplicateSlice, GantryTilt, InconsistentSlices, IrregularSpacing, MissingAttribute, MissingSlice,
        MixedSeries, PixelLengthMismatch, TooFewSlices, UnsupportedTransferSyntax,
    };
    let changed = |at: usize, change: fn(Slice) -> Slice| {
        let mut slices = series("1.2.4", 12);
        slices[at] = change(slices[at].clone());
        slices
    };
    let all = |change: fn(usize, Slice) -> Slice| -> Vec<Slice> {
        series("1.2.4", 12)
            .into_iter()
            .enumerate()
            .map(|(k, slice)| change(k, slice))
            .collect()
    };
    let without = |gone: &[usize]| -> Vec<Slice> {
        let slices = series("1.2.4", 12).into_iter().enumerate();
        slices
            .filter(|(k, _)| !gone.contains(k))
            .map(|(_, slice)| slice)
            .collect()
    };
    let rows: Vec<(&str, Vec<Slice>, ReasonCode)> = vec![
        ("one slice missing", without(&[5]), MissingSlice),
        ("three slices missing", without(&[4, 5, 8]), MissingSlice),
        ("two slices", series("1.2.4", 2), TooFewSlices),
        (
            "a slice half a spacing off",
            changed(5, |s| s.at(0.0, 0.0, 13.75)),
            IrregularSpacing,
        ),
        (
            "a slice 0.3 mm off",
            changed(5, |s| s.at(0.0, 0.0, 12.8)),
            IrregularSpacing,
        ),
        (
            "two spacings",
            all(|k, s| s.at(0.0, 0.0, if k < 6 { k as f64 } else { 2.0 * k as f64 - 5.0 })),
            IrregularSpacing,
        ),
        (
            "sheared by 40 degrees",
            all(|k, s| s.at(0.0, 2.1 * k as f64, 2.5 * k as f64)),
            GantryTilt,
        ),
        (
            "tilted, and displaced by a hundred widths",
            all(|k, s| {
                s.text(tags::PIXEL_SPACING, "0.01\\0.01")
                    .at(0.0, 0.67 * k as f64, 2.5 * k as f64)
            }),
            GantryTilt,
        ),
        (
            "tilted, one slice missing",
            all(|k, s| {
                let place = if k < 5 { k as f64 } else { k as f64 + 1.0 };
                s.at(0.0, 0.67 * place, 2.5 * place)
            }),
            MissingSlice,
        ),
        (
            "a slice shifted sideways",
            changed(5, |s| s.at(0.5, 0.0, 12.5)),
            InconsistentSlices,
        ),
        (
            "another orientation",
            changed(5, |s| {
                s.text(tags::IMAGE_ORIENTATION_PATIENT, "1\\0\\0\\0\\0.9998\\0.02")
            }),
            InconsistentSlices,
        ),
        (
            "another pixel spacing",
            changed(5, |s| s.text(tags::PIXEL_SPACING, "0.8\\0.71")),
            InconsistentSlices,
        ),
        (
            "another size",
            changed(5, |s| s.number(tags::ROWS, 2).pixels(vec![0; 8])),
            InconsistentSlices,
        ),
        (
            "one position, other pixels",
            changed(5, |s| s.at(0.0, 0.0, 15.0)),
            DuplicateSlice,
        ),
        (
            "no position",
            changed(5, |s| s.without(tags::IMAGE_POSITION_PATIENT)),
            MissingAttribute,
        ),
        (
            "two numbers for a position",
            changed(5, |s| s.text(tags::IMAGE_POSITION_PATIENT, "1\\2")),
            MissingAttribute,
        ),
        (
            "position not a number",
            changed(5, |s| s.text(tags::IMAGE_POSITION_PATIENT, "0\\0\\nan")),
            MissingAttribute,
        ),
        (
            "no rescale",
            changed(5, |s| s.without(tags::RESCALE_SLOPE)),
            MissingAttribute,
        ),
        (
            "spacing zero",
            changed(5, |s| s.text(tags::PIXEL_SPACING, "0\\0.7")),
            MissingAttribute,
        ),
        (
            "short pixels",
            changed(5, |s| s.pixels(vec![0; 5])),
            PixelLengthMismatch,
        ),
        (
            "long pixels",
            changed(5, |s| s.pixels(vec![0; 50])),
            PixelLengthMismatch,
        ),
        (
            "no pixels",
            changed(5, |s| s.without(tags::PIXEL_DATA)),
            PixelLengthMismatch,
        ),
        (
            "another patient",
            changed(5, |s| s.text(tags::PATIENT_ID, "P2")),
            MixedSeries,
        ),
        (
            "another study",
            changed(5, |s| s.text(tags::STUDY_INSTANCE_UID, "1.2.9")),
            MixedSeries,
        ),
        (
            "two series alike",
            [series("1.2.4", 5), series("1.2.5", 5)].concat(),
            MixedSeries,
        ),
        (
            "compressed",
            all(|_, s| s.syntax(JPEG_LOSSLESS)),
            UnsupportedTransferSyntax,
        ),
    ];
    for (name, slices, code) in rows {
        match try_load(&slices) {
            Ok(_) => panic!("{name}: loaded"),
            Err(error) => {
                assert_eq!(error.code(), code, "{name}: {error}");
                let sentence = error.to_string();
                assert!(
                    !sentence.contains("P1") && !sentence.contains("P2"),
                    "{name}: {sentence}"
                );
            }
        }
    }
}

#[test]
fn harmless_deviations_pass() {
    // Positions rounded to one decimal: 1.25 mm apart becomes 1.2 and 1.3.
    let rounded = |k: u16| (12.5 * f64::from(k)).round() / 10.0;
    let slices: Vec<Slice> = series("1.2.4", 20)
        .into_iter()
        .zip(0..)
        .map(|(slice, k)| slice.at(0.0, 0.0, rounded(k)))
        .collect();
    let spacing = try_load(&slices).unwrap().volume.spacing_mm()[2];
    assert!((spacing - 1.25).abs() < 0.01, "{spacing}");

    // The same slice twice.
    let mut twice = series("1.2.4", 6);
    twice.push(twice[2].clone().text(tags::SOP_INSTANCE_UID, "1.2.99"));
    let loaded = try_load(&twice).unwrap();
    assert_eq!(loaded.volume.shape_kji()[0], 6);
    assert_eq!(loaded.warnings[0].code, ReasonCode::DuplicateSlice);

    // Feet first: columns run to the right, and the normal to the feet.
    let turned: Vec<Slice> = series("1.2.4", 6)
        .into_iter()
        .map(|slice| slice.text(tags::IMAGE_ORIENTATION_PATIENT, "-1\\0\\0\\0\\1\\0"))
        .collect();
    let volume = try_load(&turned).unwrap().volume;
    assert_eq!(
        volume.i16_view().unwrap()[[0, 1, 1]],
        50,
        "slices ascend along row x column"
    );
    assert!((volume.affine().matrix()[2][2] + 2.5).abs() < 1e-9);
}

#[test]
fn what_does_not_belong_is_set_aside() {
    let mut slices = series("1.2.4", 6);
    slices.extend(series("1.2.5", 4));
    slices.push(slice("1.2.6", 1).text(tags::IMAGE_TYPE, "ORIGINAL\\PRIMARY\\LOCALIZER"));
    slices.push(slice("1.2.7", 1).text(tags::MODALITY, "MR"));
    slices.push(
        slice("1.2.8", 1)
            .without(tags::SOP_INSTANCE_UID)
            .text(tags::SOP_INSTANCE_UID, "x"),
    );
    let mut files = scrambled(&slices);
    files.push(("notes.txt".into(), b"hello".to_vec()));
    files.push(("broken.dcm".into(), slice("1.2.4", 8).bytes()[..600].to_vec()));
    let loaded = load_instances(files.clone(), &LoadOptions::default(), &NoProgress).unwrap();
    let count = |code| loaded.set_aside.iter().filter(|aside| aside.code == code).count();
    assert_eq!(count(ReasonCode::OtherSeries), 4);
    assert_eq!(count(ReasonCode::Localizer), 1);
    assert_eq!(count(ReasonCode::NotCt), 1);
    assert_eq!(count(ReasonCode::MissingAttribute), 1);
    assert_eq!(count(ReasonCode::NotDicom), 1);
    assert_eq!(count(ReasonCode::LengthBeyondInput), 1);
    assert_eq!(loaded.volume.shape_kji()[0], 6);
    assert_eq!(loaded.warnings.len(), 1, "damaged files are worth a warning");

    let named = LoadOptions {
        series_uid: Some(Uid::parse("1.2.5").unwrap()),
        ..LoadOptions::default()
    };
    let small = load_instances(files.clone(), &named, &NoProgress).unwrap();
    assert_eq!(small.volume.shape_kji()[0], 4);
    let absent = LoadOptions {
        series_uid: Some(Uid::parse("1.2.55").unwrap()),
        ..LoadOptions::default()
    };
    let error = load_instances(files, &absent, &NoProgress).unwrap_err();
    assert!(matches!(error, VolumeError::NoSuchSeries { .. }), "{error}");
}

#[test]
fn stored_bits_become_hu() {
    // (signed, stored, high bit, intercept, stored value) to HU; bits above HighBit are old overlays.
    let rows: [(u16, u16, u16, &str, u16, f32); 10] = [
        (0, 12, 11, "-1024", 0xF400, 0.0),
        (1, 12, 11, "0", 0x0FFF, -1.0),
        (1, 12, 11, "0", 0x1800, -2048.0),
        (1, 16, 15, "0", 0xF830, -2000.0),
        (1, 16, 15, "-1024", 0x8000, -33_792.0),
        (1, 16, 15, "1024", 0x7FFF, 33_791.0),
        (0, 15, 14, "-1024", 0x7FFF, 31_743.0),
        (0, 16, 15, "-1024", 0xFFFF, 64_511.0),
        (0, 12, 15, "-1024", 0x400F, 0.0),
        (0, 12, 11, "-1024.5", 1024, -0.5),
    ];
    for (signed, bits, high, intercept, stored, hu) in rows {
        let slices: Vec<Slice> = series("1.2.4", 3)
            .into_iter()
            .map(|slice| {
                slice
                    .number(tags::PIXEL_REPRESENTATION, signed)
                    .number(tags::BITS_STORED, bits)
                    .number(tags::HIGH_BIT, high)
                    .text(tags::RESCALE_INTERCEPT, intercept)
                    .pixels(vec![stored; usize::from(ROWS * COLUMNS)])
            })
            .collect();
        let volume = try_load(&slices).unwrap().volume;
        let whole = hu.fract() == 0.0 && (-32_768.0..32_768.0).contains(&hu);
        assert_eq!(matches!(volume.voxels(), Voxels::I16(_)), whole, "{hu}");
        let got = volume.hu(hilum_domain::VoxelIndex([1, 1, 1]));
        assert_eq!(got.to_bits(), hu.to_bits(), "{got} {hu}");
    }
}

/// A folder and its archives give the same volume; hidden files and DICOMDIR are left out.
#[test]
fn folders_and_archives() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("study/ct");
    std::fs::create_dir_all(&place).unwrap();
    let mut files = scrambled(&series("1.2.4", 5));
    files.push(("DICOMDIR".into(), b"x".to_vec()));
    files.push((".hidden".into(), b"x".to_vec()));
    files.push(("readme".into(), b"x".to_vec()));
    let tar_gz = folder.path().join("a.tar.gz");
    let zipped = folder.path().join("a.zip");
    let gz = flate2::write::GzEncoder::new(
        std::fs::File::create(&tar_gz).unwrap(),
        flate2::Compression::fast(),
    );
    let mut tar = tar::Builder::new(gz);
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&zipped).unwrap());
    for (name, bytes) in &files {
        std::fs::write(place.join(name), bytes).unwrap();
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, format!("ct/{name}"), bytes.as_slice())
            .unwrap();
        zip.start_file(format!("ct/{name}"), zip::write::SimpleFileOptions::default())
            .unwrap();
        std::io::Write::write_all(&mut zip, bytes).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap();
    zip.finish().unwrap();

    let options = LoadOptions::default();
    let from_folder = load(&[folder.path().join("study")], &options, &NoProgress).unwrap();
    for archive in [&tar_gz, &zipped] {
        let loaded = load(std::slice::from_ref(archive), &options, &NoProgress).unwrap();
        assert_eq!(loaded.volume.inputs_sha256(), from_folder.volume.inputs_sha256());
        assert_eq!(loaded.set_aside.len(), 1, "{:?}", loaded.set_aside);
    }
    assert_eq!(from_folder.set_aside.len(), 1, "{:?}", from_folder.set_aside);

    let mut few = LoadOptions::default();
    few.limits.archive_entries = 3;
    let mut small = LoadOptions::default();
    small.limits.archive_bytes = 2000;
    for options in [few, small] {
        for archive in [&tar_gz, &zipped] {
            let error = load(std::slice::from_ref(archive), &options, &NoProgress).unwrap_err();
            assert_eq!(error.code(), ReasonCode::LimitExceeded, "{error}");
        }
    }
    let cut = folder.path().join("cut.tar.gz");
    let bytes = std::fs::read(&tar_gz).unwrap();
    std::fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    let error = load(&[cut], &options, &NoProgress).unwrap_err();
    assert!(matches!(error, VolumeError::Unreadable { .. }), "{error}");
}
