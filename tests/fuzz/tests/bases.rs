//! What mutants descend from is valid, and the tree gives back what it read.

use std::path::Path;

use hilum_fuzz::part10::File;
use hilum_fuzz::{bases, decoding, mutation, targets};

#[test]
fn generated_bases_are_volumes() {
    for size in [8, 64] {
        for base in bases::generated(size).unwrap() {
            let files: Vec<_> = base.slices.iter().map(File::to_bytes).collect();
            for bytes in &files {
                let same = File::parse(bytes).is_some_and(|file| file.to_bytes() == *bytes);
                assert!(same, "{} of {size} is not read back", base.name);
            }
            let loaded = targets::import(files, None).map_err(|error| error.to_string());
            assert_eq!(loaded, Ok(3), "{} of {size}", base.name);
        }
    }
}

#[test]
fn compressed_bases_are_volumes() {
    for base in bases::compressed().unwrap() {
        let files = base.slices.iter().map(File::to_bytes).collect();
        let loaded = targets::import(files, Some(decoding::decoder())).map_err(|error| error.to_string());
        assert_eq!(loaded, Ok(3), "{}", base.name);
    }
}

#[test]
fn the_same_seed_gives_the_same_mutant() {
    let all = bases::generated(8).unwrap();
    let mut differ = 0;
    for seed in 0..200 {
        let mutant = mutation::mutant(&all[0], seed);
        assert_eq!(mutant, mutation::mutant(&all[0], seed));
        differ += usize::from(mutant[1] != all[0].slices[1].to_bytes());
    }
    assert!(differ > 100, "{differ} of 200 mutants differ from their base");
}

#[test]
fn samples_are_read_back_as_they_are() {
    let Some(data) = std::env::var_os("HILUM_DATA") else {
        eprintln!("skipped: HILUM_DATA is not set");
        return;
    };
    let folder = Path::new(&data).join("dicom_samples/cornerstone_ct_all_syntaxes");
    let samples = bases::samples(&folder).unwrap();
    assert!(samples.len() >= 20, "{} samples", samples.len());
    for name in [
        "CTImage.dcm",
        "CTImage.dcm_BigEndianExplicitTransferSyntax_1.2.840.10008.1.2.2.dcm",
    ] {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let same = File::parse(&bytes).map(|file| file.to_bytes()[132..] == bytes[132..]);
        assert_eq!(same, Some(true), "{name}");
    }
}
