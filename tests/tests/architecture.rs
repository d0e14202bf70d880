//! The arrows between crates, and who may use which foreign crate. See ARCHITECTURE.md, "The house".

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

/// Crate -> the crates of ours that it may depend on (development dependencies are free).
const ARROWS: &[(&str, &[&str])] = &[
    ("torch-rpath", &[]),
    ("domain", &[]),
    ("gate", &["domain"]),
    ("weights", &["domain"]),
    ("audio", &["domain"]),
    ("speech", &["domain", "audio"]),
    ("cohort", &["domain"]),
    ("codec", &[]),
    ("volume", &["domain", "gate", "codec"]),
    ("phantom", &["domain", "volume"]),
    (
        "nodule",
        &["domain", "volume", "weights", "cohort", "imaging", "validation"],
    ),
    ("followup", &["domain", "volume", "nodule"]),
    ("layers", &[]),
    ("text", &["domain", "layers"]),
    ("record", &["domain", "findings"]),
    ("dictation", &["domain", "concepts"]),
    ("simulation", &[]),
    ("imaging", &["domain", "volume", "cohort", "layers"]),
    ("indication", &["domain", "volume"]),
    ("validation", &["domain"]),
    (
        "fusion",
        &["domain", "imaging", "volume", "cohort", "weights", "validation"],
    ),
    ("concepts", &["domain"]),
    ("findings", &["domain", "concepts"]),
    ("graph", &["domain"]),
    ("guidelines", &["domain"]),
    ("store", &["domain"]),
    ("decoder", &["codec", "audio"]),
    (
        "pipeline",
        &[
            "domain",
            "gate",
            "codec",
            "volume",
            "nodule",
            "followup",
            "imaging",
            "indication",
            "fusion",
            "weights",
            "graph",
            "store",
        ],
    ),
    ("api", &["domain", "gate", "volume", "graph", "store"]),
    (
        "server",
        &[
            "domain",
            "audio",
            "speech",
            "gate",
            "volume",
            "phantom",
            "cohort",
            "nodule",
            "dictation",
            "imaging",
            "simulation",
            "text",
            "indication",
            "fusion",
            "weights",
            "findings",
            "graph",
            "guidelines",
            "validation",
            "store",
            "decoder",
            "pipeline",
            "api",
        ],
    ),
    ("tests", &[]),
    (
        "fuzz",
        &[
            "domain", "audio", "gate", "codec", "volume", "phantom", "decoder", "findings",
        ],
    ),
];

/// Foreign crate (or prefix ending in `-`) -> the crates of ours that may depend on it.
const OWNERS: &[(&str, &[&str])] = &[
    ("sqlx", &["store"]),
    ("axum", &["api", "server"]),
    ("petgraph", &["graph"]),
    ("dicom-", &["gate", "volume", "phantom", "api"]),
    (
        "tch",
        &["layers", "text", "dictation", "nodule", "imaging", "fusion"],
    ),
    ("tokenizers", &["text"]),
    ("symphonia", &["audio"]),
    ("symphonia-adapter-libopus", &["audio"]),
    ("rubato", &["audio"]),
    ("whisper-rs", &["speech"]),
    ("realfft", &["dictation"]),
    ("charls", &["codec"]),
    ("jpeg2k", &["codec"]),
    ("turbojpeg-sys", &["codec"]),
    ("rustix", &["decoder", "fuzz"]),
    ("seccompiler", &["decoder"]),
];

/// Crates that must stay free of network, SQL, clock and async runtime.
const PURE: &[&str] = &[
    "domain",
    "gate",
    "codec",
    "volume",
    "phantom",
    "cohort",
    "nodule",
    "followup",
    "layers",
    "record",
    "simulation",
    "text",
    "dictation",
    "imaging",
    "indication",
    "fusion",
    "weights",
    "concepts",
    "findings",
    "audio",
    "speech",
    "graph",
    "guidelines",
];
const IMPURE: &[&str] = &["tokio", "sqlx", "axum", "ureq", "rustls"];

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        .no_deps()
        .other_options(vec!["--offline".to_owned()])
        .exec()
        .expect("cargo metadata")
}

/// Crate (without prefix) -> names of its normal dependencies.
fn dependencies(metadata: &Metadata) -> BTreeMap<String, BTreeSet<String>> {
    metadata
        .packages
        .iter()
        .map(|package| {
            let normal = package
                .dependencies
                .iter()
                .filter(|d| d.kind == DependencyKind::Normal);
            (short(&package.name), normal.map(|d| d.name.clone()).collect())
        })
        .collect()
}

fn short(name: &str) -> String {
    name.strip_prefix("hilum-").unwrap_or(name).to_owned()
}

#[test]
fn arrows_point_one_way() {
    let allowed: BTreeMap<_, _> = ARROWS.iter().copied().collect();
    let mut wrong = Vec::new();
    for (krate, dependencies) in dependencies(&metadata()) {
        let Some(may) = allowed.get(krate.as_str()) else {
            wrong.push(format!("{krate} is not in the table of arrows"));
            continue;
        };
        for dependency in dependencies.iter().filter(|d| d.starts_with("hilum-")) {
            if !may.contains(&short(dependency).as_str()) {
                wrong.push(format!("{krate} -> {dependency}"));
            }
        }
    }
    assert!(wrong.is_empty(), "arrows not in the plan: {wrong:#?}");
}

#[test]
fn foreign_crates_have_owners() {
    let mut wrong = Vec::new();
    for (krate, dependencies) in dependencies(&metadata()) {
        for (foreign, owners) in OWNERS {
            let used = dependencies.iter().any(|d| {
                if foreign.ends_with('-') {
                    d.starts_with(foreign)
                } else {
                    d == foreign
                }
            });
            if used && !owners.contains(&krate.as_str()) {
                wrong.push(format!("{krate} uses {foreign}, which belongs to {owners:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn models_and_ontology_are_pure() {
    let all = dependencies(&metadata());
    for krate in PURE {
        for impure in IMPURE {
            assert!(!all[*krate].contains(*impure), "{krate} depends on {impure}");
        }
    }
}

#[test]
fn every_crate_stands_in_the_architecture_page() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../ARCHITECTURE.md")).unwrap();
    let metadata = metadata();
    for package in &metadata.packages {
        let folder = package
            .manifest_path
            .parent()
            .unwrap()
            .strip_prefix(&metadata.workspace_root)
            .unwrap();
        assert!(
            page.contains(&format!("`{folder}`")),
            "ARCHITECTURE.md does not mention `{folder}`"
        );
    }
}
