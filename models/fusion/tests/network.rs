//! The fusion core with made-up modalities: it knows names only.

use std::collections::BTreeMap;

use hilum_fusion::{Fused, FusionConfig, FusionError, FusionNet, Modality};
use hilum_imaging::Tokens;
use tch::nn::VarStore;
use tch::{Device, IndexOp, Kind, Tensor, no_grad};

const WIDTH: i64 = 16;

fn name(text: &str) -> Modality {
    Modality::new(text).unwrap()
}

fn net() -> (VarStore, FusionNet) {
    tch::manual_seed(11);
    let vs = VarStore::new(Device::Cpu);
    let config = FusionConfig {
        width: WIDTH,
        layers: 2,
        heads: 2,
        modalities: vec![name("camera"), name("sensor_series")],
        questions: vec!["fault".into(), "wear".into()],
    };
    let net = FusionNet::new(&vs.root(), config).unwrap();
    (vs, net)
}

/// Tokens of two samples; `present` says which sample has them.
fn tokens(count: i64, fill: f64, present: [bool; 2]) -> Tokens {
    let values = Tensor::arange(2 * count * WIDTH, (Kind::Float, Device::Cpu))
        .view([2, count, WIDTH])
        .sin()
        * fill;
    let present = Tensor::from_slice(&present)
        .view([2, 1])
        .expand([2, count], false);
    Tokens { values, present }
}

fn fuse(net: &FusionNet, parts: Vec<(&str, Tokens)>) -> Result<Fused, FusionError> {
    let parts: BTreeMap<_, _> = parts
        .into_iter()
        .map(|(modality, tokens)| (name(modality), tokens))
        .collect();
    no_grad(|| net.forward(&parts, 0.0))
}

fn difference(a: &Tensor, b: &Tensor) -> f64 {
    (a - b).abs().max().double_value(&[])
}

#[test]
fn fused_feature_is_the_normalised_alpha_weighted_sum() {
    let (_vs, net) = net();
    let fused = fuse(
        &net,
        vec![
            ("camera", tokens(5, 1.0, [true; 2])),
            ("sensor_series", tokens(3, 2.0, [true; 2])),
        ],
    )
    .unwrap();
    assert_eq!(fused.logits.size(), [2, 2]);
    assert_eq!(fused.alphas.size(), [2, 2, 2]);
    assert_eq!(fused.features.size(), [2, 2, WIDTH]);
    let (low, high) = (
        fused.alphas.min().double_value(&[]),
        fused.alphas.max().double_value(&[]),
    );
    assert!(low > 0.0 && high < 1.0, "{low} {high}");
    // Two questions weigh differently.
    assert!(difference(&fused.alphas.i((.., 0)), &fused.alphas.i((.., 1))) > 1e-6);
}

/// A sample that lacks a modality is scored as if nobody had it: the values in its place change nothing.
#[test]
fn absent_is_not_zero() {
    let (_vs, net) = net();
    let alone = fuse(&net, vec![("camera", tokens(5, 1.0, [true; 2]))]).unwrap();
    for fill in [0.0, 2.0, 1e3] {
        let mixed = fuse(
            &net,
            vec![
                ("camera", tokens(5, 1.0, [true; 2])),
                ("sensor_series", tokens(3, fill, [true, false])),
            ],
        )
        .unwrap();
        assert!(
            difference(&mixed.logits.i(1), &alone.logits.i(1)) < 1e-5,
            "fill {fill}"
        );
        assert!(
            difference(&mixed.logits.i(0), &alone.logits.i(0)) > 1e-4,
            "fill {fill}"
        );
        let alpha = mixed.alphas.i((1, .., 1)).abs().max().double_value(&[]);
        assert!(alpha == 0.0, "{alpha}");
    }
}

#[test]
fn refusals_name_modality_and_sample() {
    let (_vs, net) = net();
    let narrow = Tokens {
        values: Tensor::zeros([2, 5, 8], (Kind::Float, Device::Cpu)),
        present: Tensor::ones([2, 5], (Kind::Bool, Device::Cpu)),
    };
    for (parts, want) in [
        (vec![], "sample 0 of the batch has no modality"),
        (
            vec![("camera", tokens(5, 1.0, [true, false]))],
            "sample 1 of the batch has no modality",
        ),
        (
            vec![("smell", tokens(5, 1.0, [true; 2]))],
            "modality smell is not registered",
        ),
        (
            vec![("camera", narrow)],
            "tokens of modality camera have shape [2, 5, 8], expected [batch, tokens, 16]",
        ),
    ] {
        let error = fuse(&net, parts).unwrap_err().to_string();
        assert!(error.contains(want), "{error} should say {want}");
    }
    for bad in ["", "CT", "1ct", "c t", &"x".repeat(33)] {
        assert!(Modality::new(bad).is_err(), "{bad:?}");
    }
}
