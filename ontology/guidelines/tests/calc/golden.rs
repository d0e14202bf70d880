//! Golden cases, read as a user's table is. Their origin stands in `tests/data/README.md`.

use crate::table::{answer, text};
use hilum_guidelines::Calculator;

const BROCK: &str = include_str!("../data/brock.toml");
const RISK_MODELS: &str = include_str!("../data/risk_models.toml");
const VDT: &str = include_str!("../data/vdt_cases.csv");
const NELSON: &str = include_str!("../data/nelson_baseline_cases.csv");
const MEASUREMENT: &str = include_str!("../data/measurement_cases.csv");

/// Compares every computed column with the column of that name in the table.
fn check_toml(calculator: Calculator, file: &str, rows: usize) {
    let wanted: toml::Table = toml::from_str(file).unwrap();
    let wanted = wanted[calculator.toml_key()].as_array().unwrap();
    let answers = answer(calculator, "toml", file);
    assert_eq!((answers.len(), wanted.len()), (rows, rows));
    for (answer, wanted) in answers.iter().zip(wanted) {
        assert_eq!(answer["id"], wanted["id"].as_str().unwrap());
        assert_eq!(answer["reason"], "", "{answer:?}");
        for column in calculator.columns() {
            let want = wanted[*column].as_float().unwrap();
            let got: f64 = answer[*column].parse().unwrap();
            assert!(
                (got - want).abs() < 1e-6,
                "{} {column}: {got} not {want}",
                answer["id"]
            );
        }
    }
}

fn check_csv(calculator: Calculator, file: &str, rows: usize, tolerance: f64) {
    let mut reader = csv::Reader::from_reader(file.as_bytes());
    let header = reader.headers().unwrap().clone();
    let answers = answer(calculator, "csv", file);
    let wanted: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!((answers.len(), wanted.len()), (rows, rows));
    for (answer, wanted) in answers.iter().zip(&wanted) {
        let want = |column: &str| &wanted[header.iter().position(|name| name == column).unwrap()];
        assert_eq!(answer["id"], want("id"));
        assert_eq!(answer["reason"], "", "{answer:?}");
        for column in calculator.columns() {
            let (got, want) = (&answer[*column], want(column));
            match (got.parse::<f64>(), want.parse::<f64>()) {
                (Ok(got), Ok(want)) => assert!(
                    (got - want).abs() <= tolerance,
                    "{} {column}: {got} not {want}",
                    answer["id"]
                ),
                _ => assert_eq!(got, want, "{} {column}", answer["id"]),
            }
        }
    }
}

#[test]
fn brock() {
    check_toml(Calculator::Brock, BROCK, 11);
}

#[test]
fn mayo() {
    check_toml(Calculator::Mayo, RISK_MODELS, 7);
}

#[test]
fn va() {
    check_toml(Calculator::Va, RISK_MODELS, 5);
}

#[test]
fn herder() {
    check_toml(Calculator::Herder, RISK_MODELS, 7);
    check_toml(Calculator::HerderChain, RISK_MODELS, 2);
}

#[test]
fn vdt() {
    check_csv(Calculator::Vdt, VDT, 15, 5e-5 + 1e-6);
}

#[test]
fn nelson() {
    check_csv(Calculator::Nelson, NELSON, 5, 0.0);
}

#[test]
fn measurement() {
    check_csv(Calculator::Measurement, MEASUREMENT, 36, 1e-6);
}

/// Wrong results in the input change nothing: result columns are never read.
#[test]
fn result_columns_are_not_read() {
    let poisoned = RISK_MODELS.replace("\np = 0.", "\np = 9.");
    assert_ne!(poisoned, RISK_MODELS);
    for calculator in [
        Calculator::Mayo,
        Calculator::Va,
        Calculator::Herder,
        Calculator::HerderChain,
    ] {
        assert_eq!(
            text(calculator, "toml", &poisoned),
            text(calculator, "toml", RISK_MODELS)
        );
    }
    let chain = "id,age,smoker,cancer,diameter_mm,spiculation,upper_lobe,fdg,mayo_p,p\n\
                 a,65,yes,no,15,yes,yes,moderate,0.01,junk\n";
    assert_eq!(
        text(Calculator::HerderChain, "csv", chain),
        "id,mayo_p,p,reason\na,0.560083,0.874930,\n"
    );
}
