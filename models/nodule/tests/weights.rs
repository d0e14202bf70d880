//! Weight files that are not what they should be.

use std::collections::HashMap;

use hilum_domain::ReasonCode;
use hilum_nodule::Detector;
use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};

const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../weights/detector.safetensors");

type Tensors = Vec<(String, Vec<usize>, Vec<u8>)>;

/// The shipped file taken apart, changed and put together again.
fn changed(change: impl FnOnce(&mut Tensors, &mut HashMap<String, String>)) -> Vec<u8> {
    let bytes = std::fs::read(SHIPPED).unwrap();
    let (_, metadata) = SafeTensors::read_metadata(&bytes).unwrap();
    let mut metadata = metadata.metadata().clone().unwrap();
    let mut tensors: Tensors = SafeTensors::deserialize(&bytes)
        .unwrap()
        .iter()
        .map(|(name, view)| (name.to_owned(), view.shape().to_vec(), view.data().to_vec()))
        .collect();
    change(&mut tensors, &mut metadata);
    let views = tensors
        .iter()
        .map(|(name, shape, data)| (name, TensorView::new(Dtype::F32, shape.clone(), data).unwrap()));
    serialize(views, Some(metadata)).unwrap()
}

fn message(bytes: &[u8]) -> String {
    let error = Detector::from_safetensors(bytes)
        .err()
        .expect("the file is damaged");
    assert_eq!(error.reason_code(), Some(ReasonCode::ModelUnavailable));
    error.to_string()
}

#[test]
fn the_shipped_file_has_three_members_and_an_operating_point() {
    let detector = Detector::from_safetensors(&changed(|_, _| ())).unwrap();
    assert_eq!(detector.members(), 3);
    let point = detector.operating_point();
    assert!((0.5..1.0).contains(&point.probability), "{point:?}");
}

#[test]
fn damage_is_named() {
    let first = "member0.far.conv0.scale";
    let of = |tensors: &mut Tensors, name: &str| tensors.iter().position(|t| t.0 == name).unwrap();
    let rows: Vec<(Vec<u8>, &str)> = vec![
        (Vec::new(), "detector weights: "),
        (b"not a weight file at all".to_vec(), "detector weights: "),
        (changed(|_, metadata| metadata.clear()), "no metadata"),
        (
            changed(|_, metadata| {
                let text = metadata.get_mut("hilum").unwrap();
                *text = text.replace("hilum-detector/1", "hilum-detector/9");
            }),
            "format is \"hilum-detector/9\"",
        ),
        (
            changed(|tensors, _| {
                let at = of(tensors, first);
                tensors.remove(at);
            }),
            "tensor member0.far.conv0.scale is missing",
        ),
        (
            changed(|tensors, _| {
                let at = of(tensors, first);
                tensors[at].1 = vec![4, 4];
            }),
            "tensor member0.far.conv0.scale is F32 [4, 4], expected F32 [16]",
        ),
        (
            changed(|tensors, _| {
                let at = of(tensors, first);
                tensors[at].2[..4].copy_from_slice(&f32::NAN.to_le_bytes());
            }),
            "tensor member0.far.conv0.scale holds a value that is not finite",
        ),
    ];
    for (bytes, want) in rows {
        let got = message(&bytes);
        assert!(got.contains(want), "{got:?} does not contain {want:?}");
    }
}
