//! The gate against golden numbers.
//!
//! Recipe: the formula in f64, rounded to 6 digits; tolerance 1e-6 in f64 and 1e-4 in f32.

use hilum_fusion::{DmwaGate, dmwa_cases};
use serde_json::json;
use tch::{Kind, Tensor};

/// dmwa-1: shared 3x4 `W1`. dmwa-2: all hidden units off, so alpha is sigmoid(b) for everybody.
fn cases() -> serde_json::Value {
    json!({"cases": [
        {"id": "dmwa-1", "q": [0.5, -1.0],
         "W1": [[0.2, -0.1, 0.4, 0.3], [-0.5, 0.6, 0.1, -0.2], [0.3, 0.3, -0.3, 0.8]],
         "W2": [0.7, -1.2, 0.5], "b": 0.1,
         "modalities": [{"name": "image", "m": [1.0, 2.0]}, {"name": "ehr", "m": [-0.5, 0.25]},
                        {"name": "voice", "m": [0.0, 0.0]}]},
        {"id": "dmwa-2", "q": [1.0, 1.0],
         "W1": [[-1.0, -1.0, -1.0, -1.0], [-0.5, -0.5, -0.5, -0.5]],
         "W2": [3.0, -2.0], "b": -0.4,
         "modalities": [{"name": "image", "m": [1.0, 1.0]}, {"name": "ehr", "m": [2.0, 0.5]}]}
    ]})
}

const GOLDEN: [(&str, &[(&str, f64)]); 2] = [
    (
        "dmwa-1",
        &[("image", 0.819_801), ("ehr", 0.562_792), ("voice", 0.559_714)],
    ),
    ("dmwa-2", &[("image", 0.401_312), ("ehr", 0.401_312)]),
];

#[test]
fn formula_gives_the_golden_alphas() {
    let results = dmwa_cases(&cases().to_string()).unwrap();
    assert_eq!(results.len(), GOLDEN.len());
    for (result, (id, alphas)) in results.iter().zip(GOLDEN) {
        assert_eq!((result.id.as_str(), result.alphas.len()), (id, alphas.len()));
        for ((name, alpha), (want_name, want)) in result.alphas.iter().zip(alphas) {
            assert_eq!(name, want_name);
            assert!((alpha.unwrap() - want).abs() < 1e-6, "{id} {name}: {alpha:?}");
        }
    }
}

#[test]
fn network_gate_gives_the_same() {
    let numbers = |value: &serde_json::Value| -> Vec<f32> {
        let list = value.as_array().unwrap();
        list.iter()
            .map(|number| number.as_f64().unwrap() as f32)
            .collect()
    };
    let table = cases();
    for (case, (id, alphas)) in table["cases"].as_array().unwrap().iter().zip(GOLDEN) {
        let q = numbers(&case["q"]);
        let w1: Vec<f32> = case["W1"].as_array().unwrap().iter().flat_map(numbers).collect();
        let w2 = numbers(&case["W2"]);
        let m: Vec<f32> = case["modalities"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|x| numbers(&x["m"]))
            .collect();
        let hidden = w2.len() as i64;
        let gate = DmwaGate::from_weights(
            Tensor::from_slice(&w1).view([hidden, -1]),
            Tensor::from_slice(&w2).view([1, hidden]),
            Tensor::from_slice(&[case["b"].as_f64().unwrap() as f32]),
        );
        let q = Tensor::from_slice(&q).view([1, -1]);
        let m = Tensor::from_slice(&m).view([1, alphas.len() as i64, -1]);
        let got: Vec<f64> =
            Vec::try_from(gate.alphas(&q, &m).unwrap().view(-1).to_kind(Kind::Double)).unwrap();
        for (got, (name, want)) in got.iter().zip(alphas) {
            assert!((got - want).abs() < 1e-4, "{id} {name}: {got}");
        }
    }
}

#[test]
fn an_absent_modality_gets_no_alpha() {
    let mut table = cases();
    table["cases"][0]["modalities"][2]["m"] = serde_json::Value::Null;
    let results = dmwa_cases(&table.to_string()).unwrap();
    assert_eq!(results[0].alphas[2], ("voice".to_owned(), None));
    assert!(results[0].alphas[0].1.is_some());
}

#[test]
fn misfits_are_named_by_case() {
    for (edit, want) in [
        (("W2", json!([1.0])), "dmwa-1: W1 has 3 rows, W2 has 1 columns"),
        (
            ("q", json!([1.0])),
            "dmwa-1: row 0 of W1 has 4 columns, [q ; m_i] has 3",
        ),
        (("b", json!("x")), "not in the expected form"),
    ] {
        let mut table = cases();
        table["cases"][0][edit.0] = edit.1;
        let error = dmwa_cases(&table.to_string()).unwrap_err().to_string();
        assert!(error.contains(want), "{error} should say {want}");
    }
}
