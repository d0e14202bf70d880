//! Sentences and reports with what they say: our own tables, and the shared ones where they are there.

use std::path::PathBuf;

use hilum_findings::{Entity, read};
use serde_json::{Map, Value, json};

fn cut(text: &str, start: u32, end: u32) -> String {
    text.chars()
        .skip(start as usize)
        .take((end - start) as usize)
        .collect()
}

fn number(value: Option<f64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn line(entity: &Entity) -> String {
    [
        entity.concept,
        entity.assertion.as_str(),
        entity.experiencer.as_str(),
        &number(entity.value),
        entity.unit.as_deref().unwrap_or_default(),
        &entity.text,
    ]
    .join(" | ")
}

/// A table whose cases are a line each, with what they say indented below.
fn table(text: &str) -> Vec<(&str, Vec<String>)> {
    let mut cases: Vec<(&str, Vec<String>)> = Vec::new();
    for line in text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
    {
        match line.strip_prefix("    ") {
            Some(row) => cases
                .last_mut()
                .expect("a case before its rows")
                .1
                .push(row.to_owned()),
            None => cases.push((line, Vec::new())),
        }
    }
    cases
}

#[test]
fn statements() {
    let cases = table(include_str!("data/entities.txt"));
    assert!(cases.len() >= 60);
    let mut wrong = Vec::new();
    for (text, rows) in cases {
        let tidy = |row: &String| row.split('|').map(str::trim).collect::<Vec<_>>().join(" | ");
        let mut want: Vec<String> = rows.iter().map(tidy).collect();
        let found = read(text, None).entities;
        for entity in &found {
            assert_eq!(cut(text, entity.start, entity.end), entity.text, "{text}");
        }
        let mut got: Vec<String> = found.iter().map(line).collect();
        want.sort();
        got.sort();
        if want != got {
            wrong.push(format!("{text}\n  want {want:#?}\n  got {got:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A value without what is empty and without places.
fn said(value: &Value) -> Value {
    let Value::Object(members) = value else {
        return value.clone();
    };
    let empty = |value: &Value| value.is_null() || *value == json!([]) || *value == json!(false);
    let keep = |(key, value): &(&String, &Value)| {
        !empty(value) && !matches!(key.as_str(), "kind" | "section" | "start" | "end" | "mentions")
    };
    let members = members
        .iter()
        .filter(keep)
        .map(|(key, value)| (key.clone(), value.clone()));
    Value::Object(members.collect::<Map<_, _>>())
}

#[test]
fn reports() {
    let cases = table(include_str!("data/nodules.txt"));
    assert!(cases.len() >= 25);
    let mut wrong = Vec::new();
    for (text, rows) in cases {
        let found = read(text, None);
        let mut got: Vec<String> = found
            .nodules
            .iter()
            .map(|nodule| format!("nodule {}", said(&serde_json::to_value(nodule).unwrap())))
            .collect();
        let other = serde_json::to_value(&found.other).unwrap();
        if other != json!({}) {
            got.push(format!("other {other}"));
        }
        got.extend(found.discrepancies.iter().map(|d| d.code.as_str().to_owned()));
        if rows != got {
            wrong.push(format!("{text}\n    {}", got.join("\n    ")));
        }
    }
    assert!(
        wrong.is_empty(),
        "other than the table has it:\n{}",
        wrong.join("\n")
    );
}

/// Members of `want` that `got` has otherwise; an absent one equals an empty one.
fn equal(want: &Value, got: &Value) -> bool {
    let empty = |value: &Value| value.is_null() || *value == json!([]) || *value == json!("");
    let same = |a: &Value, b: &Value| match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => (a - b).abs() < 1e-9,
        _ => a == b,
    };
    want.as_object().unwrap().iter().all(|(key, value)| {
        let other = &got[key.as_str()];
        same(value, other) || (empty(value) && empty(other))
    })
}

#[test]
fn the_shared_tables() {
    let data = std::env::var("HILUM_DATA").map(PathBuf::from);
    let folder = data.ok().and_then(|data| Some(data.parent()?.join("clinical")));
    let Some(folder) = folder.filter(|folder| folder.is_dir()) else {
        eprintln!("skipped: no folder clinical beside HILUM_DATA");
        return;
    };
    for (file, member) in [("ehr_cases.json", "entities"), ("dictations.json", "findings")] {
        let table: Value = serde_json::from_slice(&std::fs::read(folder.join(file)).unwrap()).unwrap();
        for case in table["cases"].as_array().unwrap() {
            let found = read(case["text"].as_str().unwrap(), None);
            let got = if member == "entities" {
                serde_json::to_value(&found.entities).unwrap()
            } else {
                assert_eq!(
                    serde_json::to_string(&found.other).unwrap().len() > 2,
                    case["other"] != json!({}),
                    "{}",
                    case["id"]
                );
                serde_json::to_value(&found.nodules).unwrap()
            };
            let mut left: Vec<Value> = got.as_array().unwrap().clone();
            for want in case[member].as_array().unwrap() {
                let place = left.iter().position(|got| equal(want, got));
                let place = place.unwrap_or_else(|| panic!("{}: {want} is not among {left:#?}", case["id"]));
                left.remove(place);
            }
            assert!(left.is_empty(), "{}: not expected {left:#?}", case["id"]);
        }
    }
}
