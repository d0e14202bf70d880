//! States equal those of Hugging Face transformers. Recipe: `golden/recipe.py`; tolerance 1e-4 on every number.

use std::path::{Path, PathBuf};

use hilum_text::TextEncoder;
use serde::Deserialize;
use tch::{Device, Tensor};

const TOLERANCE: f64 = 1e-4;

#[derive(Deserialize)]
struct Small {
    text: String,
    ids: Vec<i64>,
    states: Vec<Vec<f64>>,
}

#[derive(Deserialize)]
struct Real {
    text: String,
    ids: Vec<i64>,
    mean: Vec<f64>,
    last: Vec<f64>,
}

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
}

fn rows<T: for<'a> Deserialize<'a>>(file: &Path) -> Vec<T> {
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

fn numbers(tensor: &Tensor) -> Vec<f64> {
    Vec::try_from(tensor.to_kind(tch::Kind::Double).flatten(0, -1)).unwrap()
}

fn check(what: &str, found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!(
            (found - expected).abs() <= TOLERANCE,
            "{what}, number {at}: {found}, expected {expected}"
        );
    }
}

#[test]
fn random_weights_in_the_layout_of_bert_base_chinese() {
    let encoder = TextEncoder::open(&golden("small"), Device::Cpu).unwrap();
    for row in rows::<Small>(&golden("small/golden.json")) {
        let found = encoder.encode(&row.text).unwrap();
        let ids: Vec<i64> = found.tokens.iter().map(|token| token.id).collect();
        assert_eq!(ids, row.ids, "{}", row.text);
        check(&row.text, &numbers(&found.states), &row.states.concat());
    }
}

#[test]
fn real_weights_of_minilm() {
    let Some(folder) = std::env::var_os("HILUM_MINILM").filter(|folder| Path::new(folder).is_dir()) else {
        eprintln!(
            "skipped: HILUM_MINILM names no folder with the real weights (scripts/setup.sh test fetches them)"
        );
        return;
    };
    let encoder = TextEncoder::open(Path::new(&folder), Device::Cpu).unwrap();
    for row in rows::<Real>(&golden("minilm.json")) {
        let found = encoder.encode(&row.text).unwrap();
        let ids: Vec<i64> = found.tokens.iter().map(|token| token.id).collect();
        assert_eq!(ids, row.ids, "{}", row.text);
        let mean = found.states.mean_dim(0, false, tch::Kind::Double);
        check(&row.text, &numbers(&mean), &row.mean);
        check(&row.text, &numbers(&found.states.get(-1)), &row.last);
    }
}

#[test]
fn offsets_are_code_points_of_the_text_as_given() {
    let encoder = TextEncoder::open(&golden("small"), Device::Cpu).unwrap();
    let text = "RUL结节 Résumé ＡＢＣ\u{3000}14 mm";
    let characters: Vec<char> = text.chars().collect();
    let words: Vec<String> = encoder
        .encode(text)
        .unwrap()
        .tokens
        .iter()
        .map(|token| characters[token.start..token.end].iter().collect())
        .collect();
    assert_eq!(words.concat(), "RUL结节RésuméＡＢＣ14mm");
    assert!(words.contains(&"节".to_owned()) && words.contains(&"14".to_owned()));
}

#[test]
fn long_note_has_a_state_for_every_token_and_begins_with_its_first_window() {
    // 64 positions leave 62 tokens, of which neighbours share 31: the first window keeps 46.
    let (window, kept) = (62, 46);
    let encoder = TextEncoder::open(&golden("small"), Device::Cpu).unwrap();
    let text = "right upper lobe nodule 14 mm ".repeat(500);
    let long = encoder.encode(&text).unwrap();
    assert!(long.tokens.len() > 2500);
    assert_eq!(long.states.size(), [long.tokens.len() as i64, encoder.width()]);

    let first = encoder.encode(&text[..long.tokens[window - 1].end]).unwrap();
    assert_eq!(first.tokens.len(), window);
    let head = |states: &Tensor, rows| numbers(&states.narrow(0, 0, rows));
    check(
        "first window",
        &head(&long.states, kept),
        &head(&first.states, kept),
    );
    let difference = (long.states.get(kept) - first.states.get(kept)).abs().max();
    assert!(
        difference.double_value(&[]) > TOLERANCE,
        "the next token has more context"
    );
}
