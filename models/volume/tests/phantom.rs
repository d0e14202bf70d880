//! A phantom goes through the loader and out to files.

use hilum_domain::{Lps, NoProgress, NoduleType, ReasonCode};
use hilum_phantom::{ChestPhantom, PhantomOptions};
use hilum_volume::{LoadOptions, load, load_instances, write_nifti, write_npy};
use ndarray::Array3;
use nifti::{IntoNdArray as _, NiftiObject as _, ReaderOptions};

fn small() -> ChestPhantom {
    let options = PhantomOptions {
        size: 128,
        ..PhantomOptions::default()
    };
    ChestPhantom::new(3, &options).unwrap()
}

#[test]
fn voxels_and_geometry_survive_dicom() {
    let phantom = small();
    let folder = tempfile::tempdir().unwrap();
    phantom.write_dicom(folder.path()).unwrap();
    let loaded = load(&[folder.path().to_owned()], &LoadOptions::default(), &NoProgress).unwrap();
    let shape = phantom.shape_kji();
    assert_eq!(loaded.volume.shape_kji(), shape);
    let wanted = Array3::from_shape_vec((shape[0], shape[1], shape[2]), phantom.hu()).unwrap();
    assert_eq!(loaded.volume.i16_view().unwrap(), wanted);
    for (got, wanted) in loaded
        .volume
        .affine()
        .matrix()
        .iter()
        .flatten()
        .zip(phantom.affine().matrix().iter().flatten())
    {
        assert!((got - wanted).abs() < 1e-5);
    }
    assert_eq!(loaded.warnings[0].code, ReasonCode::Synthetic);
    assert_eq!(loaded.patient.id.reveal(), "HILUM-PHANTOM-3");
    assert_eq!(
        loaded.volume.series_instance_uid(),
        &phantom.truth().series_instance_uid
    );

    for nodule in &phantom.truth().nodules {
        let centre = loaded.volume.voxel_at(nodule.center_lps_mm).unwrap();
        let hu = loaded.volume.hu(centre);
        let wanted = match nodule.kind {
            NoduleType::Calcified => 150.0..500.0,
            NoduleType::GroundGlass => -750.0..-450.0,
            _ => -200.0..120.0,
        };
        assert!(wanted.contains(&hu), "{nodule:?}: {hu}");
    }
}

#[test]
fn nifti_and_npy_hold_the_same_voxels() {
    let phantom = small();
    let instances = phantom.instances().unwrap();
    let volume = load_instances(instances, &LoadOptions::default(), &NoProgress)
        .unwrap()
        .volume;
    let folder = tempfile::tempdir().unwrap();

    let npy = folder.path().join("v.npy");
    write_npy(&volume, &npy).unwrap();
    let read: Array3<i16> = ndarray_npy::read_npy(&npy).unwrap();
    assert_eq!(read, volume.i16_view().unwrap());

    for name in ["v.nii", "v.nii.gz"] {
        let path = folder.path().join(name);
        write_nifti(&volume, &path).unwrap();
        let object = ReaderOptions::new().read_file(&path).unwrap();
        let header = object.header();
        assert_eq!((header.qform_code, header.sform_code, header.datatype), (1, 1, 4));
        let corner = volume.affine().to_lps([0.0; 3]);
        let Lps([x, y, z]) = corner;
        let srow = [header.srow_x[3], header.srow_y[3], header.srow_z[3]];
        for (got, wanted) in srow.into_iter().zip([-x, -y, z]) {
            assert!((f64::from(got) - wanted).abs() < 1e-3);
        }
        let data = object.into_volume().into_ndarray::<i16>().unwrap();
        let [nk, nj, ni] = volume.shape_kji();
        assert_eq!(data.shape(), [ni, nj, nk]);
        let wanted = volume.i16_view().unwrap().reversed_axes().into_dyn();
        assert_eq!(data, wanted);
    }
}
