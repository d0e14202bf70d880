//! `hilum score CT --prior PRIOR` and the same through the server, on SYNTHETIC pairs.

use std::{
    path::{Path, PathBuf},
    sync::LazyLock,
    time::{Duration, Instant},
};

use hilum_domain::NoduleType;
use hilum_phantom::{ChestPhantom, FollowUp, PhantomOptions, PhantomTruth, WantedNodule};
use hilum_tests::{
    server::{Server, hilum},
    stow,
};
use serde_json::Value;

const DAYS: u32 = 180;

/// Two CTs of a patient on disk. The first nodule stays, the second grows by 80 %, the third goes, a fourth is new.
struct Pair {
    folder: tempfile::TempDir,
    truth: [PhantomTruth; 2],
}

impl Pair {
    fn of(seed: u64) -> Self {
        let ball = |diameter_mm| WantedNodule::ball(diameter_mm, NoduleType::Solid);
        let options = PhantomOptions {
            size: 256,
            wanted: vec![ball(12.0), ball(11.0), ball(10.0)],
            ..PhantomOptions::default()
        };
        let prior = ChestPhantom::new(seed, &options).unwrap();
        let current = prior
            .follow_up(&FollowUp {
                volume_factors: vec![1.0, 1.8, 0.0],
                new: vec![ball(12.0)],
                ..FollowUp::unchanged(DAYS)
            })
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let truth = [(&prior, "prior"), (&current, "current")].map(|(phantom, name)| {
            let path = folder.path().join(name);
            std::fs::create_dir(&path).unwrap();
            phantom.write_dicom(&path).unwrap();
            phantom.truth().clone()
        });
        Self { folder, truth }
    }

    fn prior(&self) -> PathBuf {
        self.folder.path().join("prior")
    }

    fn current(&self) -> PathBuf {
        self.folder.path().join("current")
    }
}

static PAIR: LazyLock<Pair> = LazyLock::new(|| Pair::of(5));

/// Result of the command line with its exit code and what it said.
fn score(arguments: &[&str]) -> Value {
    let answer = hilum(&[&["score"], arguments, &["--json"]].concat());
    assert!(
        answer.status.success(),
        "{}",
        String::from_utf8_lossy(&answer.stderr)
    );
    serde_json::from_slice(&answer.stdout).unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The comparison of the pair, made once.
static COMPARED: LazyLock<Value> =
    LazyLock::new(|| score(&[text(&PAIR.current()), "--prior", text(&PAIR.prior())]));

fn nodule_at(result: &Value, point: [f64; 3]) -> &Value {
    let nodules = result["nodules"].as_array().unwrap();
    let near = nodules.iter().find(|nodule| {
        let square: f64 = (0..3)
            .map(|axis| (nodule["center_lps_mm"][axis].as_f64().unwrap() - point[axis]).powi(2))
            .sum();
        square.sqrt() < 5.0
    });
    near.unwrap_or_else(|| panic!("no nodule at {point:?} among {nodules:#?}"))
}

/// Where the nodule of this identity lies.
fn place(truth: &PhantomTruth, identity: usize) -> [f64; 3] {
    let nodule = truth.nodules.iter().find(|nodule| nodule.identity == identity);
    nodule.unwrap().center_lps_mm.0
}

#[test]
fn stable_growing_new_and_resolved() {
    let result = &*COMPARED;
    let [_, current] = &PAIR.truth;
    let change = |identity| &nodule_at(result, place(current, identity))["change"];

    assert_eq!(change(0)["state"], "stable", "{}", change(0));
    assert_eq!(
        change(0)["vdt_days"],
        Value::Null,
        "within the error there is no pace"
    );
    let grown = change(1);
    assert_eq!(grown["state"], "growing", "{grown}");
    assert_eq!(grown["interval_days"], DAYS);
    let percent = grown["volume_change_percent"].as_f64().unwrap();
    assert!((percent - 80.0).abs() < 30.0, "{grown}");
    assert!(grown["error_percent"].as_f64().unwrap() < percent, "{grown}");
    let true_days = f64::from(DAYS) * 2.0_f64.ln() / 1.8_f64.ln();
    let days = grown["vdt_days"].as_f64().unwrap();
    assert!((days / true_days - 1.0).abs() < 0.3, "{days} of {true_days}");
    let new = change(3);
    assert_eq!(new["state"], "new", "{new}");
    assert_eq!(new["prior_tracking_uids"], serde_json::json!([]));

    let prior = &result["prior"];
    assert_eq!(prior["interval_days"], DAYS);
    let resolved = prior["resolved"].as_array().unwrap();
    assert_eq!(resolved.len(), 1, "{prior}");
    let gone = prior["nodules"]
        .as_array()
        .unwrap()
        .iter()
        .find(|nodule| nodule["id"] == resolved[0]["prior_id"])
        .unwrap();
    let expected = place(&PAIR.truth[0], 2);
    let off = (0..3).map(|axis| (gone["center_lps_mm"][axis].as_f64().unwrap() - expected[axis]).abs());
    assert!(off.fold(0.0, f64::max) < 5.0, "{gone}");
    for (state, least) in [("stable", 1), ("growing", 1), ("new", 1), ("resolved", 1)] {
        assert!(
            prior["counts"][state].as_u64().unwrap() >= least,
            "{state}: {prior}"
        );
    }
}

/// The identity of a nodule is that of the prior CT's own analysis.
#[test]
fn one_identity_over_time() {
    let alone = score(&[text(&PAIR.prior())]);
    let [prior, current] = &PAIR.truth;
    for identity in [0, 1] {
        let then = nodule_at(&alone, place(prior, identity));
        let now = nodule_at(&COMPARED, place(current, identity));
        assert_eq!(now["tracking_uid"], then["tracking_uid"]);
        assert_eq!(now["change"]["prior_ids"], serde_json::json!([then["id"]]));
        assert_ne!(now["id"], then["id"]);
    }
    let new = nodule_at(&COMPARED, place(current, 3));
    let ids = alone["nodules"].as_array().unwrap();
    assert!(ids.iter().all(|then| then["tracking_uid"] != new["tracking_uid"]));
    let evidence = nodule_at(&COMPARED, place(current, 1))["evidence"]
        .as_array()
        .unwrap();
    let growth = evidence
        .iter()
        .find(|evidence| evidence["source"] == alone["series_instance_uid"])
        .unwrap();
    assert_eq!(growth["supports"], true);
    assert!(
        growth["statement"]
            .as_str()
            .unwrap()
            .starts_with("growing: volume +"),
        "{growth}"
    );
}

/// A prior that may not be used is left out, and the warning says why without a patient's data.
#[test]
fn refused_priors() {
    let stranger = tempfile::tempdir().unwrap();
    let options = PhantomOptions {
        size: 64,
        slices: 60,
        slice_spacing_mm: 5.0,
        study_date: time::macros::date!(2000 - 01 - 01),
        ..PhantomOptions::default()
    };
    ChestPhantom::new(6, &options)
        .unwrap()
        .write_dicom(stranger.path())
        .unwrap();
    let no_ct = tempfile::tempdir().unwrap();
    std::fs::write(no_ct.path().join("note.dcm"), b"not DICOM").unwrap();
    let pair = &*PAIR;
    let [x, y, z] = place(&pair.truth[1], 0);
    let seed = format!("--seed={x},{y},{z}");
    let [px, py, pz] = place(&pair.truth[0], 0);
    let seed_in_prior = format!("--seed={px},{py},{pz}");
    for (ct, seed, prior, code) in [
        (
            pair.current(),
            &seed,
            stranger.path().to_owned(),
            "patient_mismatch",
        ),
        (pair.current(), &seed, pair.current(), "prior_same_series"),
        (pair.prior(), &seed_in_prior, pair.current(), "prior_not_earlier"),
        (pair.current(), &seed, no_ct.path().to_owned(), "prior_unreadable"),
    ] {
        let answer = hilum(&["score", text(&ct), seed, "--prior", text(&prior), "--json"]);
        let said = [&answer.stdout, &answer.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        assert!(answer.status.success(), "{code}: {}", said[1]);
        let result: Value = serde_json::from_str(&said[0]).unwrap();
        assert_eq!(result["status"], "scored");
        assert_eq!(result["prior"], Value::Null, "{code}");
        assert_eq!(result["nodules"][0]["change"], Value::Null, "{code}");
        let codes: Vec<&Value> = result["warnings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|w| &w["code"])
            .collect();
        assert!(
            codes.contains(&&Value::from(code)),
            "{code} is not among {codes:?}"
        );
        assert!(
            said.iter().all(|said| !said.contains("HILUM-PHANTOM")),
            "{code} names a patient"
        );
    }
    let answer = hilum(&[
        "score",
        text(&pair.current()),
        &seed,
        "--prior",
        "/nowhere/at/all",
    ]);
    assert_eq!(answer.status.code(), Some(1), "a path that leads nowhere");
}

/// A person pointed at one nodule: what became of it is said, of the others nothing.
#[test]
fn a_seed_with_a_prior() {
    let [x, y, z] = place(&PAIR.truth[1], 1);
    let seed = format!("--seed={x},{y},{z}");
    let result = score(&[text(&PAIR.current()), &seed, "--prior", text(&PAIR.prior())]);
    assert_eq!(result["nodules"].as_array().unwrap().len(), 1);
    assert_eq!(result["nodules"][0]["change"]["state"], "growing", "{result}");
    assert_eq!(result["prior"]["resolved"], serde_json::json!([]));
}

/// Without what depends on the moment.
fn timeless(mut result: Value) -> Value {
    result.as_object_mut().unwrap().remove("elapsed_ms");
    result
}

/// The prior arrives after the CT: the CT is analysed again, and says what the command line says.
#[test]
fn the_server_compares_with_what_it_keeps() {
    let data_dir = tempfile::tempdir().unwrap();
    let server = Server::start(data_dir.path(), &[("HILUM__WORK__QUIET_PERIOD_MS", "200")]);
    let study = PAIR.truth[1].study_instance_uid.as_str();
    assert_eq!(server.upload(&stow::files(&PAIR.current())).0, 200);
    let alone = server.result(study);
    assert_eq!(alone["prior"], Value::Null);
    assert_eq!(server.upload(&stow::files(&PAIR.prior())).0, 200);
    let deadline = Instant::now() + Duration::from_mins(5);
    let served = loop {
        let served = server.result(study);
        if !served["prior"].is_null() {
            break served;
        }
        assert!(Instant::now() < deadline, "not compared with the prior in time");
        std::thread::sleep(Duration::from_millis(200));
    };
    assert_eq!(timeless(served.clone()), timeless(COMPARED.clone()));

    let grown = nodule_at(&served, place(&PAIR.truth[1], 1));
    let before = format!("nodule/{}", grown["change"]["prior_ids"][0].as_str().unwrap());
    let why = server.json(&format!(
        "/api/v1/graph/why/{}",
        grown["score_id"].as_str().unwrap()
    ));
    let edges = why["edges"].as_array().unwrap();
    let same = edges
        .iter()
        .find(|edge| edge["kind"] == "same_as_over_time")
        .unwrap_or_else(|| panic!("no edge to the nodule before: {why}"));
    assert_eq!(same["to"], Value::from(before));
    assert_eq!(same["attributes"]["interval_days"], DAYS);
    assert_eq!(same["attributes"]["state"], "growing");
    let hash = server.json("/api/v1/graph/hash?verify=true");
    assert_eq!(hash["canonical_hash"], hash["rebuilt_hash"]);
}
