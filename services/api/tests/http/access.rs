//! Who gets in.

use crate::dicom::{RELATED, related, slice};
use crate::server::Server;

#[test]
fn public_routes_need_no_token() {
    let server = Server::start();
    let root = server.client.get("/", None);
    assert_eq!(root.assert_status(200).json()["name"], "hilum");
    server.client.get("/health/live", None).assert_status(200);
    let ready = server.client.get("/health/ready", None);
    let want = serde_json::json!({"ready": false, "database": true, "graph": true, "model": false});
    assert_eq!(ready.assert_status(503).json(), want);
    server.load_model();
    assert_eq!(
        server.client.get("/health/ready", None).assert_status(200).json()["ready"],
        true
    );
}

/// Every path of the description is guarded, but for the public ones: nothing can be added and forgotten.
#[test]
fn every_other_route_needs_one() {
    let server = Server::start();
    let description = server.client.get("/openapi.json", None).assert_status(200).json();
    let paths = description["paths"].as_object().unwrap();
    assert!(paths.len() >= 16, "{paths:?}");
    for (path, operations) in paths {
        assert!(!path.contains('*'), "{path}");
        let is_public = ["/", "/health/live", "/health/ready"].contains(&path.as_str());
        for method in operations.as_object().unwrap().keys() {
            let path = path.replace(['{', '}'], "");
            let head = format!(
                "{} {path} HTTP/1.1\nHost: localhost\nConnection: close",
                method.to_uppercase()
            );
            let answer = server.client.exchange(&head, b"");
            assert_eq!(
                answer.status == 401,
                !is_public,
                "{method} {path}: {}",
                answer.head
            );
        }
    }
    assert_eq!(
        description["components"]["securitySchemes"]["bearer"]["scheme"],
        "bearer"
    );
}

#[test]
fn absent_unknown_and_revoked_tokens_look_the_same() {
    let server = Server::start();
    let store = &server.state.store;
    let id = server.runtime.block_on(store.tokens()).unwrap()[0].id;
    server.runtime.block_on(store.revoke_token(id)).unwrap();
    let bodies = [
        None,
        Some("nonsense"),
        Some("hilum_00"),
        Some(server.pacs.as_str()),
    ]
    .map(|token| {
        let answer = server.client.get("/api/v1/studies", token);
        answer.assert_problem(401);
        assert!(
            answer.head.contains("\r\nwww-authenticate: bearer"),
            "{}",
            answer.head
        );
        answer.body
    });
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn roles_have_limits() {
    let server = Server::start();
    let detail = server
        .client
        .get("/api/v1/studies", Some(&server.auditor))
        .assert_problem(403);
    assert_eq!(detail, "role auditor may not do this");
    server
        .client
        .get("/api/v1/graph/nodes/study/1", Some(&server.pacs))
        .assert_problem(403);
    server
        .client
        .get("/api/v1/changes", Some(&server.radiologist))
        .assert_problem(403);
    let body = related(&[&slice(1, 1, "P1")]);
    server
        .client
        .post("/dicom-web/studies", &server.radiologist, RELATED, &body)
        .assert_problem(403);
}

/// The answer comes although not one byte of the promised body does.
#[test]
fn credentials_come_before_the_body() {
    let server = Server::start();
    for token in ["", "\nAuthorization: Bearer wrong"] {
        let head = format!(
            "POST /dicom-web/studies HTTP/1.1\nHost: localhost\nContent-Type: {RELATED}\nContent-Length: 1000000{token}"
        );
        server.client.exchange(&head, b"").assert_problem(401);
    }
    assert_eq!(server.staged(), 0);
}
