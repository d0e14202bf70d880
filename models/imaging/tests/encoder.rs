//! The encoder: shapes, both stems, and what an absent diameter means.

use hilum_cohort::{HuMap, Nodule, Slice};
use hilum_imaging::{CtBatch, CtConfig, CtEncoder, NoduleCrop, StemKind, View};
use tch::nn::VarStore;
use tch::{Device, IndexOp, Kind, Tensor, no_grad};

fn crop(eq_diam_mm: Option<f64>) -> NoduleCrop {
    let map = HuMap {
        slope: 5.0,
        intercept_hu: -1000.0,
        quality: 0.2,
    };
    let slice = Slice {
        z_mm: None,
        hu_map: Some(map),
        tile: Box::new(std::array::from_fn(|n| (n % 251) as u8)),
        mask: Box::new([0; 6400]),
    };
    NoduleCrop::from_nodule(&Nodule {
        id: "0001_00".into(),
        patient: "P".into(),
        fold: 0,
        series_uid: None,
        readings: vec![],
        n_masks: 0,
        volume_mm3: None,
        eq_diam_mm,
        diagnosis: None,
        slices: vec![slice],
    })
    .unwrap()
}

#[test]
fn one_token_per_patch_and_one_for_the_diameter() {
    for stem in [StemKind::Patch, StemKind::Conv] {
        for (side, slices) in [(32, 3), (48, 5), (80, 1)] {
            let config = CtConfig {
                side,
                slices,
                stem,
                ..CtConfig::default()
            };
            let vs = VarStore::new(Device::Cpu);
            let encoder = CtEncoder::new(&vs.root(), config).unwrap();
            let (with, without, view) = (crop(Some(9.0)), crop(None), View::default());
            let samples = [
                (&with, &view, true),
                (&without, &view, true),
                (&with, &view, false),
            ];
            let tokens = encoder
                .forward(&CtBatch::new(&config, &samples).unwrap(), 0.0)
                .unwrap();
            let count = slices * (side / 16).pow(2) + 1;
            assert_eq!(tokens.values.size(), [3, count, 64]);
            let has: Vec<bool> = Vec::try_from(tokens.present.i((.., count - 1))).unwrap();
            assert_eq!(has, [true, false, false]);
        }
    }
}

/// Nothing of an absent diameter may reach the other tokens, whatever number stands in its place.
#[test]
fn absent_diameter_has_no_influence() {
    tch::manual_seed(7);
    let config = CtConfig::default();
    let vs = VarStore::new(Device::Cpu);
    let encoder = CtEncoder::new(&vs.root(), config).unwrap();
    let (crop, view) = (crop(None), View::default());
    let patches = |placeholder: f64, present: bool| {
        let mut batch = CtBatch::new(&config, &[(&crop, &view, true)]).unwrap();
        batch.eq_diam_mm = Tensor::full([1], placeholder, (Kind::Float, Device::Cpu));
        batch.has_diameter = Tensor::from_slice(&[present]);
        let tokens = no_grad(|| encoder.forward(&batch, 0.0)).unwrap();
        tokens.values.i((.., ..45, ..))
    };
    let difference = |a: &Tensor, b: &Tensor| (a - b).abs().max().double_value(&[]);
    assert!(difference(&patches(1.0, false), &patches(30.0, false)) < 1e-6);
    assert!(difference(&patches(1.0, true), &patches(30.0, true)) > 1e-3);
}

#[test]
fn impossible_shapes_are_refused() {
    let fine = CtConfig::default();
    for (config, want) in [
        (CtConfig { side: 40, ..fine }, "side is 40"),
        (CtConfig { side: 96, ..fine }, "side is 96"),
        (CtConfig { slices: 0, ..fine }, "slices is 0"),
        (CtConfig { width: 60, ..fine }, "width is 60"),
        (CtConfig { heads: 0, ..fine }, "width is 64"),
        (CtConfig { layers: -1, ..fine }, "layers is -1"),
    ] {
        let vs = VarStore::new(Device::Cpu);
        let error = CtEncoder::new(&vs.root(), config).unwrap_err().to_string();
        assert!(error.contains(want), "{error} should say {want}");
    }
}
