//! The quality gate and its signed limits, from the command line.

use std::{fs, path::Path, process::Command};

use hilum_phantom::{ChestPhantom, PhantomOptions};
use hilum_tests::server::hilum;
use serde_json::Value;

/// Standard output, and the first line of standard error.
fn outcome(arguments: &[&str]) -> (i32, String, String) {
    let answer = hilum(arguments);
    let error = String::from_utf8_lossy(&answer.stderr);
    let error = error.lines().find(|line| line.starts_with("hilum: "));
    (
        answer.status.code().unwrap(),
        String::from_utf8_lossy(&answer.stdout).into_owned(),
        error.unwrap_or_default().to_owned(),
    )
}

fn openssl(dir: &Path, arguments: &[&str]) {
    let status = Command::new("openssl").args(arguments).current_dir(dir).status();
    assert!(
        status
            .expect("openssl is installed by scripts/setup.sh test")
            .success()
    );
}

/// A child is refused by its header, in seconds; a site that signs another limit of its own gets past it.
#[test]
fn a_site_signs_its_own_limits() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    fs::create_dir(dir.path().join("ct")).unwrap();
    let child = PhantomOptions {
        size: 128,
        age_years: 12,
        body_part: "HEAD".to_owned(),
        ..PhantomOptions::default()
    };
    let phantom = ChestPhantom::new(3, &child).unwrap();
    phantom.write_dicom(&dir.path().join("ct")).unwrap();

    let (code, text, _) = outcome(&["score", &path("ct"), "--json"]);
    let result: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(code, 0);
    assert_eq!(result["status"], "not_analysed");
    assert_eq!(result["reason"]["code"], "paediatric");
    assert_eq!(result["warnings"][1]["code"], "wrong_body_part", "{result}");
    assert!(!text.contains("12 years"), "{text}");

    let (_, shipped, _) = outcome(&["indication", "show", "--source"]);
    let own = shipped.replace("below = 18", "below = 10");
    assert_ne!(own, shipped);
    fs::write(dir.path().join("own.toml"), &own).unwrap();
    openssl(
        dir.path(),
        &["genpkey", "-algorithm", "ed25519", "-out", "site.pem"],
    );
    openssl(
        dir.path(),
        &["pkey", "-in", "site.pem", "-pubout", "-out", "site.pub.pem"],
    );
    openssl(
        dir.path(),
        &[
            "pkeyutl",
            "-sign",
            "-rawin",
            "-inkey",
            "site.pem",
            "-in",
            "own.toml",
            "-out",
            "own.toml.sig",
        ],
    );
    let (file, key) = (path("own.toml"), path("site.pub.pem"));
    let with_own = ["--indication", &file, "--indication-key", &key];

    let (code, text, error) = outcome(&[&["indication", "verify"][..], &with_own].concat());
    assert_eq!((code, error.as_str()), (0, ""), "{text}");
    let (_, text, _) = outcome(&[&["score", &path("ct"), "--json"][..], &with_own].concat());
    let result: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(result["reason"]["code"], "wrong_body_part", "{result}");

    // One changed byte, and nothing is analysed.
    fs::write(
        dir.path().join("own.toml"),
        own.replace("below = 10", "below = 11"),
    )
    .unwrap();
    for command in [&["indication", "verify"][..], &["score", &path("ct"), "--json"]] {
        let (code, text, error) = outcome(&[command, &with_own].concat());
        assert_eq!((code, text.as_str()), (1, ""));
        assert!(error.contains("does not carry a valid signature"), "{error}");
    }
    // A private key is no public key, and a file alone is a mistake of usage.
    let (code, _, error) = outcome(&[
        "indication",
        "verify",
        "--indication",
        &file,
        "--indication-key",
        &path("site.pem"),
    ]);
    assert_eq!(code, 1);
    assert!(error.contains("no public key in PEM form"), "{error}");
    assert_eq!(outcome(&["indication", "verify", "--indication", &file]).0, 2);
}

#[test]
fn the_limits_are_shown() {
    let (code, text, _) = outcome(&["indication", "show", "--json"]);
    assert_eq!(code, 0);
    let shown: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(shown["limits"][0]["code"], "paediatric");
    assert_eq!(shown["limits"][0]["below"], 18.0);
    let (_, text, _) = outcome(&["indication", "show"]);
    assert!(text.contains("signed by key "), "{text}");
    assert_eq!(outcome(&["indication", "verify"]).0, 0);
}
