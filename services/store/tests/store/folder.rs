//! The data folder: modes, leftovers, sharing, migrations, and objects that are being received.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use hilum_domain::Sha256;
use hilum_store::StoreError;

use crate::sample::{Bench, open, staged};

#[tokio::test]
async fn is_private() {
    let bench = Bench::new().await;
    let data = bench.folder.path().join("made/on/demand");
    let store = open(&data, bench.clock.clone()).await;
    store.create_token("t", hilum_store::Role::Admin).await.unwrap();
    let rows = [
        ("", 0o700),
        ("objects", 0o700),
        ("objects/incoming", 0o700),
        ("hilum.sqlite", 0o600),
        ("hilum.sqlite-wal", 0o600),
        ("lock", 0o600),
    ];
    for (name, mode) in rows {
        let found = fs::metadata(data.join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(found, mode, "{name:?} has mode {found:o}");
    }
}

#[tokio::test]
async fn leftovers_go_only_when_nobody_else_is_alive() {
    let Bench { store, clock, folder } = Bench::new().await;
    let leftover = folder.path().join("objects/incoming/left");
    fs::write(&leftover, "half an upload").unwrap();

    let second = open(folder.path(), clock.clone()).await;
    assert!(
        leftover.exists(),
        "removed a file that the first store might be writing"
    );

    store.close().await;
    second.close().await;
    drop((store, second));
    let _third = open(folder.path(), clock).await;
    assert!(!leftover.exists());
}

#[tokio::test]
async fn opens_again_with_what_was_there() {
    let Bench { store, clock, folder } = Bench::new().await;
    let token = store.create_token("t", hilum_store::Role::Auditor).await.unwrap();
    store.close().await;
    drop(store);
    let store = open(folder.path(), clock).await;
    assert!(store.verify_token(&token).await.unwrap().is_some());
}

#[tokio::test]
async fn an_object_is_digested_while_it_comes() {
    let bench = Bench::new().await;
    for bytes in [Vec::new(), b"four".to_vec(), vec![7; 300_000]] {
        let object = staged(&bench.store, &bytes).await;
        assert_eq!(object.sha256(), &Sha256::of(&bytes));
        assert_eq!(object.size_bytes(), bytes.len() as u64);
        assert_eq!(fs::read(object.path()).unwrap(), bytes);
    }
}

#[tokio::test]
async fn an_object_that_is_dropped_or_too_large_leaves_nothing() {
    let bench = Bench::new().await;
    drop(staged(&bench.store, b"refused by its reader").await);

    let mut incoming = bench.store.stage(4).await.unwrap();
    incoming.write(b"four").await.unwrap();
    let refused = incoming.write(b"!").await;
    assert!(matches!(refused, Err(StoreError::TooLarge { limit_bytes: 4 })));
    drop(incoming);

    let left = fs::read_dir(bench.folder.path().join("objects/incoming")).unwrap();
    assert_eq!(left.count(), 0);
}

#[tokio::test]
async fn a_full_or_missing_disk_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let clock = Arc::new(hilum_domain::SystemClock);
    let error = hilum_store::Store::open(file.path(), clock).await.unwrap_err();
    assert!(
        matches!(&error, StoreError::Io { action: "create", .. }),
        "{error}"
    );
}
