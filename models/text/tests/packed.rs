//! One file instead of a folder, and the model that ships.

use std::path::Path;

use hilum_text::{TextEncoder, pack};
use tch::{Device, Kind, Tensor};

fn mean(encoder: &TextEncoder, text: &str) -> Tensor {
    encoder
        .encode(text)
        .unwrap()
        .states
        .mean_dim(0, false, Kind::Float)
}

#[test]
fn packed_model_answers_as_its_folder() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/small");
    let bytes = pack(&folder).unwrap();
    assert_eq!(bytes, pack(&folder).unwrap());
    let text = "右肺上叶 nodule 14 mm";
    let packed = TextEncoder::from_packed(&bytes, Device::Cpu).unwrap();
    let whole = TextEncoder::open(&folder, Device::Cpu).unwrap();
    let difference = (mean(&packed, text) - mean(&whole, text))
        .abs()
        .max()
        .double_value(&[]);
    // Half precision, twelve layers.
    assert!(difference < 0.02, "{difference}");
    assert!(TextEncoder::from_packed(&bytes[..bytes.len() - 1], Device::Cpu).is_err());
}

#[test]
fn shipped_model_reads_both_languages_and_tells_sides_apart() {
    let weights = hilum_weights::load("text").unwrap();
    let encoder = TextEncoder::from_packed(weights.bytes, Device::Cpu).unwrap();
    let near = |a: &str, b: &str| {
        Tensor::cosine_similarity(&mean(&encoder, a), &mean(&encoder, b), 0, 1e-8).double_value(&[])
    };
    for text in [
        "Former smoker, quit 8 years ago.",
        "吸烟40年，每日20支，已戒烟5年。",
    ] {
        let encoded = encoder.encode(text).unwrap();
        assert_eq!(
            encoded.states.size(),
            [encoded.tokens.len() as i64, encoder.width()]
        );
    }
    // A wording of the same is nearer than another subject.
    let same = near(
        "a solid nodule in the right upper lobe",
        "right upper lobe solid nodule is seen",
    );
    let other = near(
        "a solid nodule in the right upper lobe",
        "No family history of lung cancer.",
    );
    assert!(same > other, "{same} against {other}");
}
