//! A model that is not whole, or not the one its configuration describes, is refused by name.

use std::fs;
use std::path::Path;

use hilum_text::TextEncoder;
use tch::Device;
use tempfile::TempDir;

/// A copy of the small golden model.
fn copy() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/small");
    for name in ["config.json", "vocab.txt", "model.safetensors"] {
        fs::copy(golden.join(name), folder.path().join(name)).unwrap();
    }
    folder
}

fn check(change: impl Fn(&Path), why: &str) {
    let folder = copy();
    change(folder.path());
    let error = TextEncoder::open(folder.path(), Device::Cpu)
        .unwrap_err()
        .to_string();
    assert!(error.contains(why), "{error:?} does not say {why:?}");
}

fn edit(file: &'static str, from: &'static str, to: &'static str) -> impl Fn(&Path) {
    move |folder| {
        let path = folder.join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from));
        fs::write(path, text.replace(from, to)).unwrap();
    }
}

#[test]
fn untouched_copy_opens() {
    TextEncoder::open(copy().path(), Device::Cpu).unwrap();
}

#[test]
fn what_does_not_fit_is_named() {
    check(
        |folder| fs::remove_file(folder.join("model.safetensors")).unwrap(),
        "model.safetensors: No such file",
    );
    check(
        edit("config.json", "12", "13"),
        "holds 12 layers, config.json says 13",
    );
    check(
        edit("config.json", "\"hidden_size\": 16", "\"hidden_size\": 32"),
        "embeddings.word_embeddings.weight has the shape [96, 16], config.json asks for [96, 32]",
    );
    check(
        edit("config.json", "\"vocab_size\": 96", "\"vocab_size\": 90"),
        "has 96 tokens",
    );
    check(edit("vocab.txt", "[SEP]", "[SEPARATOR]"), "has no token [SEP]");
    check(
        |folder| {
            let path = folder.join("model.safetensors");
            let bytes = fs::read(&path).unwrap();
            fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
        },
        "model.safetensors: ",
    );
    check(
        |folder| {
            let path = folder.join("model.safetensors");
            let mut bytes = fs::read(&path).unwrap();
            // The exponent of every number becomes that of a NaN.
            let header = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
            for number in bytes[header..].chunks_exact_mut(4) {
                number[2] |= 0x80;
                number[3] |= 0x7f;
            }
            fs::write(path, bytes).unwrap();
        },
        "holds a value that is not finite",
    );
}
