//! temporary
use hilum_domain::NoProgress;
use sha2::Digest;
#[test]
fn smoke() {
    for case in ["0001", "0003", "0028"] {
        for path in [
            format!("/tmp/ct/LIDC-IDRI-{case}/CT"),
            format!("/work/shared/data/ct/LIDC-IDRI-{case}.tar.xz"),
        ] {
            let t = std::time::Instant::now();
            let r = hilum_volume::load(&[path.into()], &Default::default(), &NoProgress);
            let e = t.elapsed();
            match r {
                Ok(s) => {
                    println!(
                        "{case} {e:?} {:?} {:?} {:?}",
                        s.set_aside,
                        s.warnings,
                        s.volume.inputs_sha256()
                    );
                    println!(
                        "{}",
                        serde_json::to_string(&hilum_volume::VolumeReport::new(&s, 0.0)).unwrap()
                    );
                    let t = std::time::Instant::now();
                    let d: Vec<u8> = s
                        .volume
                        .i16_view()
                        .unwrap()
                        .iter()
                        .flat_map(|v| v.to_le_bytes())
                        .collect();
                    println!("{} {:?}", hex::encode(sha2::Sha256::digest(&d)), t.elapsed());
                    hilum_volume::write_nifti(&s.volume, format!("/tmp/v_{case}.nii").as_ref()).unwrap();
                    hilum_volume::write_nifti(&s.volume, format!("/tmp/v_{case}.nii.gz").as_ref()).unwrap();
                    hilum_volume::write_npy(&s.volume, format!("/tmp/v_{case}.npy").as_ref()).unwrap();
                }
                Err(e) => println!("{case} {e} {:?}", e.code()),
            }
        }
    }
}
