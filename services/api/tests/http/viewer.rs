//! Studies, results, nodules, slices, models.

use std::time::Duration;

use hilum_domain::{EdgeKind, NewFact, NodeId, NodeKind, Provenance, Sha256, Statement, StudyResult};
use hilum_store::SavedResult;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use crate::dicom::{RELATED, related, slice};
use crate::server::Server;

fn result() -> Value {
    json!({
        "study_instance_uid": "1.2.1", "series_instance_uid": "1.2.1.1", "status": "scored", "reason": null,
        "nodules": [{
            "id": "n1", "score_id": "score/s1", "tracking_uid": "2.25.1", "center_lps_mm": [1.5, 2.0, 3.0], "center_voxel_ijk": [1, 2, 3],
            "seed_lps_mm": [1.5, 2.0, 3.5], "lobe": "RUL", "lobe_confidence": 0.93, "long_axis_mm": 9.1, "short_axis_mm": 7.3, "mean_diameter_mm": 8.2, "volume_mm3": 290.25, "volume_interval_mm3": null,
            "type": "solid", "mean_hu": 21.5, "mass_mg": 296.5, "solid_volume_mm3": 290.25, "solid_diameter_mm": 8.2,
            "consolidation_tumour_ratio": 1.0, "sphericity": 0.93, "spiculation_index": 0.1, "lobulation_index": 0.02,
            "distance_to_pleura_mm": 3.5, "distance_to_fissure_mm": null,
            "neighbours": [{"kind": "vessel", "id": null, "distance_mm": 0.5, "nearest_lps_mm": [2.5, 2.0, 3.0]}],
            "detection_probability": 0.97, "change": null,
            "malignancy": {"probability": 0.1, "target": "reader_consensus", "training_prevalence": 0.25,
                "interval": [0.05, 0.2], "band": "low", "abstained": null},
            "modalities": {"ct": {"present": true, "weight": 0.7, "score_without": null}},
            "characteristics": {"texture": 4.9, "margin": 4.0, "spiculation": 1.1, "lobulation": 1.2,
                "sphericity": 4.0, "calcification": 6.0, "internal_structure": 1.0, "subtlety": 5.0},
            "guidelines": {}, "evidence": []
        }],
        "model": {"name": "ct", "version": "1", "sha256": Sha256::of(b"model")}, "exam": {}, "prior": null,
        "inputs_sha256": Sha256::of(b"input"),
        "elapsed_ms": {"read": 1, "detect": 2, "prior": 0, "encode": 3, "fuse": 4, "total": 10}, "warnings": []
    })
}

fn fact(statement: Statement) -> NewFact {
    NewFact {
        statement,
        provenance: Provenance::Rule { name: "test".into() },
        valid_from: OffsetDateTime::from_unix_timestamp(1_700_000_000).unwrap(),
    }
}

fn facts() -> Vec<NewFact> {
    let series = NodeId::new(NodeKind::Series, "1.2.1.1");
    let nodule = NodeId::new(NodeKind::Nodule, "n1");
    let node = |id: &NodeId, kind| Statement::Node {
        id: id.clone(),
        kind,
        attributes: Map::new(),
    };
    let part_of = Statement::Edge {
        from: nodule.clone(),
        to: series.clone(),
        kind: EdgeKind::PartOf,
        attributes: Map::new(),
    };
    [
        node(&series, NodeKind::Series),
        node(&nodule, NodeKind::Nodule),
        part_of,
    ]
    .map(fact)
    .to_vec()
}

#[test]
fn from_upload_to_result() {
    let server = Server::start();
    let get = |path: &str| server.client.get(path, Some(&server.radiologist));
    get("/api/v1/studies/1.2.1").assert_problem(404);
    get("/api/v1/studies/1.2.1/result").assert_problem(404);
    server
        .client
        .post(
            "/dicom-web/studies",
            &server.pacs,
            RELATED,
            &related(&[&slice(1, 1, "P1")]),
        )
        .assert_status(200);

    let waiting = get("/api/v1/studies/1.2.1/result");
    assert_eq!(
        waiting.assert_status(202).json()["series_list"][0]["analysis"]["state"],
        "queued"
    );
    let job = server
        .runtime
        .block_on(server.state.store.claim(Duration::from_mins(1)))
        .unwrap()
        .unwrap();
    assert_eq!(
        get("/api/v1/studies/1.2.1").json()["series_list"][0]["analysis"]["state"],
        "running"
    );

    let parsed: StudyResult = serde_json::from_value(result()).unwrap();
    let saved = server
        .runtime
        .block_on(server.state.store.save_result(&parsed, &facts(), Some(&job)))
        .unwrap();
    assert!(matches!(saved, SavedResult::Recorded { .. }));
    let answer = get("/api/v1/studies/1.2.1/result");
    assert_eq!(
        answer.assert_status(200).body,
        serde_json::to_vec(&parsed).unwrap()
    );
    assert_eq!(get("/api/v1/studies/1.2.1/result?series=1.2.1.1").status, 200);
    get("/api/v1/studies/1.2.1/result?series=1.2.1.2").assert_problem(404);
    assert_eq!(get("/api/v1/studies/1.2.1").json()["status"], "done");

    // The nodule is found once its facts are in the graph.
    get("/api/v1/nodules/n1").assert_problem(404);
    server.catch_up();
    let nodule = get("/api/v1/nodules/n1").assert_status(200).json();
    assert_eq!(nodule["nodule"], result()["nodules"][0]);
    assert_eq!(nodule["series_instance_uid"], "1.2.1.1");
    get("/api/v1/nodules/n2").assert_problem(404);
}

#[test]
fn failed_analysis_has_no_result_and_says_why() {
    let server = Server::start();
    let get = |path: &str| server.client.get(path, Some(&server.radiologist));
    server
        .client
        .post(
            "/dicom-web/studies",
            &server.pacs,
            RELATED,
            &related(&[&slice(1, 1, "P1")]),
        )
        .assert_status(200);
    let job = server
        .runtime
        .block_on(server.state.store.claim(Duration::from_mins(1)))
        .unwrap()
        .unwrap();
    server
        .runtime
        .block_on(server.state.store.fail(&job, "no model", None))
        .unwrap();
    get("/api/v1/studies/1.2.1/result").assert_problem(404);
    let study = get("/api/v1/studies/1.2.1").json();
    assert_eq!(study["status"], "failed");
    assert_eq!(
        study["series_list"][0]["analysis"],
        json!({"state": "failed", "reason": "no model"})
    );
}

#[test]
fn ids_from_outside_go_nowhere() {
    let server = Server::start();
    let get = |path: &str| server.client.get(path, Some(&server.radiologist));
    for (path, status) in [
        ("/api/v1/studies/..%2F..%2Fetc%2Fpasswd", 400),
        ("/api/v1/studies/%00", 400),
        ("/api/v1/studies/1.2.1'--/result", 400),
        ("/api/v1/series/..%2F..%2Flock/slices/0.png", 400),
        ("/api/v1/series/1.2.1.1/slices/..%2F..%2Flock", 404),
        ("/api/v1/nodules/..%2F..%2Flock", 404),
        ("/api/v1/graph/nodes/../../lock", 404),
        ("/api/v1/studies/1.2.1/../../../../etc/passwd", 404),
        ("/nothing/here", 404),
        ("/api/v1/studies?limit=x", 400),
        ("/api/v1/studies?limit=-1", 400),
    ] {
        get(path).assert_problem(status);
    }
    assert!(server.folder().join("lock").exists());
    let answer = server.client.exchange(
        "DELETE /api/v1/studies HTTP/1.1\nHost: localhost\nConnection: close",
        b"",
    );
    answer.assert_problem(405);
    assert!(answer.head.contains("allow: "), "{}", answer.head);
}

#[test]
fn slices() {
    let server = Server::start();
    let get = |path: &str| {
        server
            .client
            .get(&format!("/api/v1/series/{path}"), Some(&server.radiologist))
    };
    let text = |path: &str| String::from_utf8(get(path).assert_status(200).body.clone()).unwrap();
    assert_eq!(text("1.2.1.1/slices/3.png"), "1.2.1.1 3 -600 1500 None");
    assert_eq!(
        text("1.2.1.1/slices/0.png?window=mediastinum&nodule=n1"),
        "1.2.1.1 0 40 400 Some(\"n1\")"
    );
    assert_eq!(
        text("1.2.1.1/slices/0.png?window=50,350.5"),
        "1.2.1.1 0 50 350.5 None"
    );
    assert!(
        get("1.2.1.1/slices/0.png")
            .head
            .contains("content-type: image/png")
    );
    for (path, status) in [
        ("1.2.1.1/slices/10.png", 404),
        ("1.2.1.1/slices/x.png", 404),
        ("1.2.1.1/slices/-1.png", 404),
        ("1.2.1.1/slices/3.jpg", 404),
        ("1.2.1.1/slices/99999999999999999999999.png", 404),
        ("1.2.1.1/slices/3.png?window=bone", 400),
        ("1.2.9/slices/3.png", 422),
    ] {
        get(path).assert_problem(status);
    }
}

/// The renderer panics with a name in its text; the answer is a problem without it.
#[test]
fn panic_is_a_problem() {
    let server = Server::start();
    let detail = server
        .client
        .get("/api/v1/series/1.2.1.1/slices/7.png", Some(&server.radiologist))
        .assert_problem(500);
    assert!(!detail.contains("Doe"), "{detail}");
    server.client.get("/health/live", None).assert_status(200);
}

#[test]
fn models() {
    let server = Server::start();
    let get = || {
        server
            .client
            .get("/api/v1/models", Some(&server.auditor))
            .assert_status(200)
            .json()
    };
    assert_eq!(get()["active"], Value::Null);
    let model = server.load_model();
    assert_eq!(get()["active"]["sha256"], model.sha256.as_str());
    assert_eq!(get()["registered"][0]["name"], "m");
}
