//! The command line: exit codes, errors, help, golden gate weights.

use std::fs;

use hilum_phantom::{ChestPhantom, PhantomOptions};
use hilum_tests::server::hilum;
use serde_json::Value;

/// Exit code and first line of standard error.
fn outcome(arguments: &[&str]) -> (i32, String) {
    let answer = hilum(arguments);
    let error = String::from_utf8_lossy(&answer.stderr)
        .lines()
        .find(|l| l.starts_with("hilum: "))
        .map(str::to_owned);
    (answer.status.code().unwrap(), error.unwrap_or_default())
}

#[test]
fn exit_codes_and_first_lines() {
    let empty = tempfile::tempdir().unwrap();
    let text = empty.path().join("note.txt");
    fs::write(&text, "not an image").unwrap();
    let text = text.to_str().unwrap();
    let rows: &[(&[&str], i32, &str)] = &[
        (&[], 2, ""),
        (&["score"], 2, ""),
        (&["score", "x", "--seed", "1,2"], 2, ""),
        (&["nonsense"], 2, ""),
        (&["volume", "/nowhere/at/all"], 1, "hilum: all: No such file"),
        (&["volume", text], 1, "hilum: no CT slice among the inputs"),
        (&["score", text], 1, "hilum: no CT slice among the inputs"),
        (
            &["volume", text, "--out", "x.png"],
            1,
            "hilum: --out x.png: want a name",
        ),
        (&["calc", "dmwa", "--cases", text], 1, "hilum: --cases "),
        (&["calc", "brock"], 2, ""),
        (&["calc", "brock", "--cases", "a.csv", "--json", "{}"], 2, ""),
        (
            &["calc", "brock", "--cases", "/nowhere.csv"],
            1,
            "hilum: --cases /nowhere.csv: No such file",
        ),
        (&["calc", "vdt", "--json", "{"], 1, "hilum: --json: not JSON"),
        (&["models", "verify"], 0, ""),
    ];
    for (arguments, code, line) in rows {
        let got = outcome(arguments);
        assert_eq!(got.0, *code, "{arguments:?}: {got:?}");
        assert!(got.1.starts_with(line), "{arguments:?}: {got:?}");
    }
}

#[test]
fn every_command_shows_an_example() {
    for command in [
        "demo",
        "serve",
        "work",
        "score",
        "volume",
        "calc",
        "indication",
        "train",
        "models",
        "graph",
        "token",
        "config",
    ] {
        let answer = hilum(&[command, "--help"]);
        let text = String::from_utf8_lossy(&answer.stdout).into_owned();
        assert!(text.contains("Example"), "{command}: {text}");
        assert!(text.contains(&format!("hilum {command}")), "{command}: {text}");
    }
}

/// Gate weights by hand from `alpha = sigmoid(W2 . ReLU(W1 . [q ; m]) + b)`:
/// `W1 [q ; m] = (1.2, -1.15, 1.15)`, `ReLU = (1.2, 0, 1.15)`, `logit = 0.7 * 1.2 + 0.5 * 1.15 + 0.1 = 1.515`.
#[test]
fn gate_weights() {
    let dir = tempfile::tempdir().unwrap();
    let cases = dir.path().join("dmwa.json");
    let case = serde_json::json!({ "cases": [{
        "id": "one", "q": [0.5, -1.0],
        "W1": [[0.2, -0.1, 0.4, 0.3], [-0.5, 0.6, 0.1, -0.2], [0.3, 0.3, -0.3, 0.8]],
        "W2": [0.7, -1.2, 0.5], "b": 0.1,
        "modalities": [{ "name": "image", "m": [1.0, 2.0] }],
    }] });
    fs::write(&cases, case.to_string()).unwrap();
    let answer = hilum(&["calc", "dmwa", "--cases", cases.to_str().unwrap()]);
    assert_eq!(
        String::from_utf8_lossy(&answer.stdout),
        "id,image,reason\none,0.819801,\n"
    );
}

/// A table and JSON in, CSV and JSON out; a row that cannot be computed is an answer with its reason.
#[test]
fn calculators_answer_tables() {
    let dir = tempfile::tempdir().unwrap();
    let cases = dir.path().join("nodules.csv");
    fs::write(&cases, "id,volume_mm3,expected\na,50,positive\nb,,\nc,500.1,\n").unwrap();
    let answer = hilum(&["calc", "nelson", "--cases", cases.to_str().unwrap()]);
    assert_eq!(
        String::from_utf8_lossy(&answer.stdout),
        "id,expected,reason\na,indeterminate,\nb,,missing: volume_mm3\nc,positive,\n"
    );
    assert_eq!(answer.status.code(), Some(0));
    let answer = hilum(&[
        "calc",
        "herder",
        "--json",
        r#"{"id":"a","mayo_p":0.187,"fdg":"intense"}"#,
    ]);
    let line: Value = serde_json::from_slice(&answer.stdout).unwrap();
    assert_eq!((&line["id"], &line["reason"]), (&Value::from("a"), &Value::Null));
    assert!((line["p"].as_f64().unwrap() - 0.673_095).abs() < 1e-6, "{line}");
}

/// A phantom in which one slice is taken away is not analysed, and says why; that is a result, not a failure.
#[test]
fn a_missing_slice_is_a_result_with_a_reason() {
    let dir = tempfile::tempdir().unwrap();
    ChestPhantom::new(3, &PhantomOptions::default())
        .unwrap()
        .write_dicom(dir.path())
        .unwrap();
    let mut files: Vec<_> = fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    fs::remove_file(&files[files.len() / 2]).unwrap();
    let answer = hilum(&["score", dir.path().to_str().unwrap(), "--json"]);
    assert_eq!(answer.status.code(), Some(0));
    let result: Value = serde_json::from_slice(&answer.stdout).unwrap();
    assert_eq!(result["status"], "not_analysed");
    assert_eq!(result["reason"]["code"], "missing_slice");
    assert_eq!(result["nodules"], serde_json::json!([]));
}
