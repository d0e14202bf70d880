//! A study goes in over HTTPS, the result comes out, and survives SIGKILL.

use std::path::Path;

use hilum_phantom::{ChestPhantom, PhantomOptions};
use hilum_tests::{
    data,
    server::{Server, hilum},
    stow,
};
use serde_json::Value;

/// Without what depends on the moment: timings, and warnings about files that an upload does not carry.
fn timeless(mut result: Value) -> Value {
    result.as_object_mut().unwrap().remove("elapsed_ms");
    result
}

/// The whole way, for the instances in `source` as files and `instances` as bytes.
fn check_the_whole_way(source: &Path, instances: &[Vec<u8>]) {
    let answer = hilum(&["score", source.to_str().unwrap(), "--json"]);
    assert!(
        answer.status.success(),
        "{}",
        String::from_utf8_lossy(&answer.stderr)
    );
    let from_files: Value = serde_json::from_slice(&answer.stdout).unwrap();
    assert!(
        !from_files["nodules"].as_array().unwrap().is_empty(),
        "{from_files}"
    );
    let study = from_files["study_instance_uid"].as_str().unwrap().to_owned();

    let data_dir = tempfile::tempdir().unwrap();
    let server = Server::start(data_dir.path(), &[("HILUM__WORK__QUIET_PERIOD_MS", "200")]);
    let (status, stored) = server.upload(instances);
    assert_eq!(status, 200, "{stored}");
    let served = server.result(&study);
    assert_eq!(
        timeless(served.clone()),
        timeless(from_files),
        "HTTPS and command line must agree"
    );

    // Same bytes again are fine.
    let (status, _) = server.upload(&instances[..1]);
    assert_eq!(status, 200);

    let token = server.token.clone();
    let before = server.json("/api/v1/graph/hash?verify=true");
    server.kill();

    let mut server = Server::start(data_dir.path(), &[]);
    assert_eq!(server.token, None, "the token is printed once");
    server.token = token;
    assert_eq!(server.result(&study), served, "the result survives SIGKILL");
    let after = server.json("/api/v1/graph/hash?verify=true");
    assert_eq!(before["canonical_hash"], after["canonical_hash"]);
    assert_eq!(after["canonical_hash"], after["rebuilt_hash"]);

    let nodule = &served["nodules"][0];
    check_graph_and_picture(&server, &served, nodule);
}

fn check_graph_and_picture(server: &Server, served: &Value, nodule: &Value) {
    let detail = server.json(&format!("/api/v1/nodules/{}", nodule["id"].as_str().unwrap()));
    assert_eq!(detail["nodule"], *nodule);
    let why = server.json(&format!(
        "/api/v1/graph/why/{}",
        nodule["score_id"].as_str().unwrap()
    ));
    let kinds: Vec<_> = why["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| n["kind"].as_str().unwrap())
        .collect();
    for kind in [
        "score",
        "nodule",
        "series",
        "study",
        "observation",
        "model_version",
    ] {
        assert!(kinds.contains(&kind), "why lacks {kind}: {kinds:?}");
    }
    assert!(!kinds.contains(&"patient"), "why must not show the patient");

    let series = served["series_instance_uid"].as_str().unwrap();
    let slice = nodule["center_voxel_ijk"][2].as_u64().unwrap();
    let id = nodule["id"].as_str().unwrap();
    let on_nodule = coloured_pixels(
        server,
        &format!("/api/v1/series/{series}/slices/{slice}.png?nodule={id}"),
    );
    assert!(on_nodule > 8, "the outline is drawn: {on_nodule} coloured pixels");
    let far_away = coloured_pixels(
        server,
        &format!("/api/v1/series/{series}/slices/0.png?nodule={id}"),
    );
    assert_eq!(far_away, 0, "no outline where the nodule is not");
}

/// Pixels of a served PNG that are not grey.
fn coloured_pixels(server: &Server, path: &str) -> usize {
    let (status, png) = server.get(path);
    assert_eq!(status, 200, "{path}");
    let picture = image::load_from_memory(&png).unwrap().to_rgb8();
    picture
        .pixels()
        .filter(|pixel| pixel[0] != pixel[1] || pixel[1] != pixel[2])
        .count()
}

#[test]
fn phantom_the_whole_way() {
    let dir = tempfile::tempdir().unwrap();
    ChestPhantom::new(7, &PhantomOptions::default())
        .unwrap()
        .write_dicom(dir.path())
        .unwrap();
    check_the_whole_way(dir.path(), &stow::files(dir.path()));
}

#[test]
fn lidc_0001_the_whole_way() {
    let Some(archive) = data::ct("LIDC-IDRI-0001") else {
        return;
    };
    check_the_whole_way(&archive, &stow::archive(&archive));
}
