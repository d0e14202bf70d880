//! `hilum findings` on files, standard input and tables of cases.

use std::fs;

use hilum_tests::server::hilum;
use serde_json::Value;

fn json(arguments: &[&str]) -> Vec<Value> {
    let answer = hilum(arguments);
    assert_eq!(
        answer.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&answer.stderr)
    );
    let lines = String::from_utf8(answer.stdout).unwrap();
    lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_file_and_its_ill_formed_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let note = folder.path().join("note.txt");
    fs::write(&note, b"\xffNo cough. 8 mm nodule in the right upper lobe.").unwrap();
    let path = note.to_str().unwrap();
    let [line] = &json(&["findings", path, "--json"])[..] else {
        panic!("one object")
    };
    assert_eq!(line["language"], "en");
    assert_eq!(line["entities"][0]["assertion"], "negated");
    assert_eq!(
        (&line["entities"][0]["start"], &line["entities"][0]["end"]),
        (&4.into(), &9.into())
    );
    assert_eq!(line["entities"][0]["code"]["system"], "SCT");
    assert_eq!(line["nodules"][0]["lobe"], "RUL");
    assert_eq!(line["discrepancies"], Value::Array(vec![]));
    assert_eq!(line["warnings"][0]["code"], "ill_formed_text");

    let table = hilum(&["findings", path]);
    let table = String::from_utf8(table.stdout).unwrap();
    assert!(
        table.contains("“cough”") && table.contains("RUL, 8 mm"),
        "{table}"
    );

    fs::write(&note, b"\xff\xfea\0").unwrap();
    let refused = hilum(&["findings", path]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("UTF-16"));
}

#[test]
fn tables_of_cases() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cases.json");
    let path = file.to_str().unwrap();
    fs::write(
        &file,
        r#"{"schema":"clinical.ehr_cases/1","cases":[{"id":"a","text":"\ud800 无咯血"}]}"#,
    )
    .unwrap();
    let [line] = &json(&["findings", "--cases", path])[..] else {
        panic!("one case")
    };
    assert_eq!(
        (&line["id"], &line["entities"][0]["start"]),
        (&"a".into(), &3.into())
    );

    fs::write(
        &file,
        r#"{"cases":[{"id":"b","text":"No nodule.","findings":[]}]}"#,
    )
    .unwrap();
    let [line] = &json(&["findings", "--cases", path])[..] else {
        panic!("one case")
    };
    assert_eq!(line["findings"], Value::Array(vec![]));
    assert_eq!(line["other"]["impression"], "no nodule");

    fs::write(&file, r#"{"cases":[{"id":"c","text":"No nodule."}]}"#).unwrap();
    let refused = hilum(&["findings", "--cases", path]);
    assert_eq!(refused.status.code(), Some(1));
}
