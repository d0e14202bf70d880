//! Access tokens.

use std::fs;

use hilum_store::Role;

use crate::sample::Bench;

#[tokio::test]
async fn a_token_holds_until_it_is_revoked() {
    let bench = Bench::new().await;
    for role in Role::ALL {
        let token = bench.store.create_token("reading room", role).await.unwrap();
        let known = bench.store.verify_token(&token).await.unwrap().unwrap();
        assert_eq!((known.label.as_str(), known.role), ("reading room", role));

        assert!(bench.store.revoke_token(known.id).await.unwrap());
        assert!(!bench.store.revoke_token(known.id).await.unwrap());
        assert_eq!(bench.store.verify_token(&token).await.unwrap(), None);
    }
    let all = bench.store.tokens().await.unwrap();
    assert_eq!(all.len(), 5);
    assert!(all.iter().all(|token| token.revoked_at.is_some()));
}

#[tokio::test]
async fn nothing_else_is_a_token() {
    let bench = Bench::new().await;
    let token = bench.store.create_token("a", Role::Admin).await.unwrap();
    assert_ne!(token, bench.store.create_token("a", Role::Admin).await.unwrap());
    let digest = hilum_domain::Sha256::of(token.as_bytes());
    for text in [
        "",
        "hilum_",
        &token[..token.len() - 1],
        &token.to_uppercase(),
        digest.as_str(),
    ] {
        assert_eq!(bench.store.verify_token(text).await.unwrap(), None, "{text}");
    }
}

#[tokio::test]
async fn the_folder_does_not_hold_the_token() {
    let bench = Bench::new().await;
    let token = bench.store.create_token("a", Role::Admin).await.unwrap();
    for name in ["hilum.sqlite", "hilum.sqlite-wal"] {
        let bytes = fs::read(bench.folder.path().join(name)).unwrap();
        let secret = token.trim_start_matches("hilum_").as_bytes();
        assert!(!bytes.windows(secret.len()).any(|w| w == secret), "{name}");
    }
}
