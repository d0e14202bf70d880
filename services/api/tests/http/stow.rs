//! Storing instances: what is kept, what is refused, what is left behind.

use std::io::Write as _;
use std::time::Duration;

use hilum_api::ApiLimits;
use serde_json::{Value, json};

use crate::client;
use crate::dicom::{RELATED, related, slice, slice_with};
use crate::server::Server;

const STUDIES: &str = "/dicom-web/studies";

/// SOP Instance UIDs of a sequence.
fn sops(answer: &Value, sequence: &str) -> Vec<String> {
    let items = answer[sequence]["Value"].as_array().cloned().unwrap_or_default();
    items
        .iter()
        .map(|item| item["00081155"]["Value"][0].as_str().unwrap_or("?").to_owned())
        .collect()
}

fn reasons(answer: &Value) -> Vec<u64> {
    let items = answer["00081198"]["Value"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    items
        .iter()
        .map(|item| item["00081197"]["Value"][0].as_u64().unwrap())
        .collect()
}

#[test]
fn kept_and_on_the_worklist() {
    let server = Server::start();
    let body = related(&[&slice(1, 1, "P1"), &slice(1, 2, "P1")]);
    let answer = server.client.post(STUDIES, &server.pacs, RELATED, &body);
    assert!(
        answer.head.contains("content-type: application/dicom+json"),
        "{}",
        answer.head
    );
    let json = answer.assert_status(200).json();
    assert_eq!(sops(&json, "00081199"), ["1.2.1.1.1", "1.2.1.1.2"]);
    assert_eq!(
        json["00081190"]["Value"][0],
        "https://localhost/dicom-web/studies/1.2.1"
    );
    assert_eq!(
        json["00081199"]["Value"][0]["00081190"]["Value"][0],
        "https://localhost/dicom-web/studies/1.2.1/series/1.2.1.1/instances/1.2.1.1.1"
    );
    assert!(json.get("00081198").is_none());
    assert_eq!(server.staged(), 0);
    // The worker was rung.
    let rung = async { tokio::time::timeout(Duration::from_secs(5), server.state.notify.notified()).await };
    server.runtime.block_on(rung).unwrap();

    let worklist = server
        .client
        .get("/api/v1/studies", Some(&server.radiologist))
        .assert_status(200)
        .json();
    let study = &worklist["studies"][0];
    assert_eq!(study["study_instance_uid"], "1.2.1");
    assert_eq!(study["patient_id"], "P1");
    assert_eq!(study["study_date"], "2024-02-29");
    assert_eq!(study["status"], "analysing");
    assert_eq!(study["progress"]["instances"], 2);
}

#[test]
fn single_instance_and_bare_type() {
    let server = Server::start();
    server
        .client
        .post(STUDIES, &server.pacs, "application/dicom", &slice(1, 1, "P1"))
        .assert_status(200);
    let bare = "multipart/related; boundary=XbX; type=application/dicom";
    server
        .client
        .post(STUDIES, &server.pacs, bare, &related(&[&slice(1, 2, "P1")]))
        .assert_status(200);
    server
        .client
        .post(
            "/dicom-web/studies/1.2.1",
            &server.pacs,
            RELATED,
            &related(&[&slice(1, 3, "P1")]),
        )
        .assert_status(200);
}

#[test]
fn same_bytes_again_are_fine_and_other_bytes_are_not() {
    let server = Server::start();
    let first = related(&[&slice(1, 1, "P1")]);
    server
        .client
        .post(STUDIES, &server.pacs, RELATED, &first)
        .assert_status(200);
    let again = server.client.post(STUDIES, &server.pacs, RELATED, &first);
    let again = again.assert_status(200).json();
    assert_eq!(again["00081199"]["Value"][0]["00081196"]["Value"][0], 0xB00E);

    let changed = related(&[&slice_with(1, 1, "P1", 9), &slice(1, 2, "P1")]);
    let partly = server.client.post(STUDIES, &server.pacs, RELATED, &changed);
    let partly = partly.assert_status(202).json();
    assert_eq!(
        (sops(&partly, "00081198"), reasons(&partly)),
        (vec!["1.2.1.1.1".into()], vec![0x0111])
    );
    assert_eq!(sops(&partly, "00081199"), ["1.2.1.1.2"]);

    let stranger = related(&[&slice(1, 3, "P2")]);
    let refused = server.client.post(STUDIES, &server.pacs, RELATED, &stranger);
    assert_eq!(reasons(&refused.assert_status(409).json()), [0xA900]);
    assert_eq!(server.staged(), 0);
}

#[test]
fn each_part_is_judged_on_its_own() {
    let server = Server::start();
    let whole = slice(1, 1, "P1");
    let truncated = &slice(1, 2, "P1")[..whole.len() - 7];
    let body = related(&[truncated, b"not dicom at all", &whole, b""]);
    let answer = server.client.post(STUDIES, &server.pacs, RELATED, &body);
    let json = answer.assert_status(202).json();
    assert_eq!(reasons(&json), [0xC000, 0xC000, 0xC000]);
    assert_eq!(sops(&json, "00081199"), ["1.2.1.1.1"]);
    let why = json["00081198"]["Value"][0]["00091001"]["Value"][0]
        .as_str()
        .unwrap();
    assert!(why.starts_with("part 1: ") && why.contains("declares"), "{why}");
    assert!(!String::from_utf8_lossy(&answer.body).contains("Doe"));

    let none = server
        .client
        .post(STUDIES, &server.pacs, RELATED, &related(&[truncated]));
    assert_eq!(reasons(&none.assert_status(409).json()), [0xC000]);
    let other_study = server.client.post(
        "/dicom-web/studies/1.2.99",
        &server.pacs,
        RELATED,
        &related(&[&whole]),
    );
    assert_eq!(reasons(&other_study.assert_status(409).json()), [0xA900]);
    assert_eq!(server.staged(), 0);
}

#[test]
fn part_of_another_type() {
    let server = Server::start();
    let mut body = b"--XbX\r\nContent-Type: image/jpeg\r\n\r\nabc\r\n".to_vec();
    body.extend(related(&[&slice(1, 1, "P1")]));
    let answer = server.client.post(STUDIES, &server.pacs, RELATED, &body);
    assert_eq!(reasons(&answer.assert_status(202).json()), [0xC000]);
}

#[test]
fn refused_requests() {
    let server = Server::start();
    let whole = related(&[&slice(1, 1, "P1")]);
    let without_end = &whole[..whole.len() - 10];
    let rows: &[(&str, &str, &[u8], u16)] = &[
        (STUDIES, "text/plain", &whole, 415),
        (STUDIES, "application/dicom+json", &whole, 415),
        (STUDIES, "multipart/form-data; boundary=XbX", &whole, 415),
        (
            STUDIES,
            "multipart/related; type=\"application/dicom+json\"; boundary=XbX",
            &whole,
            415,
        ),
        (
            STUDIES,
            "multipart/related; type=\"application/dicom\"",
            &whole,
            400,
        ),
        (
            STUDIES,
            "multipart/related; type=\"application/dicom\"; boundary=\"\"",
            &whole,
            400,
        ),
        (
            STUDIES,
            "multipart/related; type=\"application/dicom\"; boundary=other",
            &whole,
            400,
        ),
        (STUDIES, RELATED, b"this is not multipart", 400),
        (STUDIES, RELATED, b"", 400),
        (STUDIES, RELATED, b"--XbX--", 400),
        (STUDIES, RELATED, without_end, 400),
        ("/dicom-web/studies/..%2F..%2Fetc", RELATED, &whole, 400),
        ("/dicom-web/studies/1.2.x", RELATED, &whole, 400),
    ];
    for (path, content_type, body, status) in rows {
        server
            .client
            .post(path, &server.pacs, content_type, body)
            .assert_problem(*status);
        assert_eq!(server.staged(), 0, "{path} {content_type}");
    }
    let accept = format!("application/dicom+xml\nContent-Type: {RELATED}");
    let head = format!(
        "POST {STUDIES} HTTP/1.1\nHost: localhost\nConnection: close\nAuthorization: Bearer {}\nAccept: {accept}\n\
         Content-Length: 0",
        server.pacs
    );
    server.client.exchange(&head, b"").assert_problem(406);
    assert_eq!(
        server
            .runtime
            .block_on(server.state.store.studies(10, 0))
            .unwrap(),
        []
    );
}

fn small() -> ApiLimits {
    ApiLimits {
        upload_bytes: 64 * 1024,
        body_idle: Duration::from_millis(400),
        ..ApiLimits::default()
    }
}

/// Answered before any of the 5 TB arrives.
#[test]
fn content_length_over_the_limit() {
    let server = Server::with_limits(small());
    let head = format!(
        "POST {STUDIES} HTTP/1.1\nHost: localhost\nAuthorization: Bearer {}\nContent-Type: {RELATED}\n\
         Content-Length: 5000000000000",
        server.pacs
    );
    let answer = server.client.exchange(&head, b"");
    assert!(answer.assert_problem(413).contains("65536"));
}

/// No length is declared; the answer comes as soon as the count passes the limit, and the staged part goes.
#[test]
fn chunked_body_over_the_limit() {
    let server = Server::with_limits(small());
    let head = format!(
        "POST {STUDIES} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nContent-Type: {RELATED}\r\n\
         Transfer-Encoding: chunked\r\n\r\n",
        server.pacs
    );
    let mut stream = server.client.connect();
    stream.write_all(head.as_bytes()).unwrap();
    let start = b"--XbX\r\nContent-Type: application/dicom\r\n\r\n";
    stream
        .write_all(format!("{:x}\r\n", start.len()).as_bytes())
        .unwrap();
    stream.write_all(start).unwrap();
    stream.write_all(b"\r\n").unwrap();
    for _ in 0..65 {
        stream.write_all(b"400\r\n").unwrap();
        stream.write_all(&[0; 1024]).unwrap();
        stream.write_all(b"\r\n").unwrap();
    }
    stream.flush().unwrap();
    client::read(stream).assert_problem(413);
    assert_eq!(server.staged(), 0);
}

/// A client that sends everything before it reads still gets to know why, here and without a token.
#[test]
fn clients_that_send_first_and_read_later_see_the_answer() {
    let server = Server::with_limits(small());
    let body = vec![0; 8 << 20];
    server
        .client
        .post(STUDIES, &server.pacs, RELATED, &body)
        .assert_problem(413);
    server
        .client
        .post(STUDIES, "wrong", RELATED, &body)
        .assert_problem(401);
}

#[test]
fn instance_over_its_limit_is_refused_alone() {
    let mut limits = small();
    limits.instance.instance_bytes = 2000;
    let server = Server::with_limits(limits);
    let body = related(&[&[0; 5000], &slice(1, 1, "P1")]);
    let json = server
        .client
        .post(STUDIES, &server.pacs, RELATED, &body)
        .assert_status(202)
        .json();
    assert_eq!(reasons(&json), [0xA700]);
    assert_eq!(server.staged(), 0);
}

#[test]
fn too_many_parts() {
    let limits = ApiLimits {
        upload_parts: 2,
        ..ApiLimits::default()
    };
    let server = Server::with_limits(limits);
    let parts = [slice(1, 1, "P1"), slice(1, 2, "P1"), slice(1, 3, "P1")];
    let body = related(&parts.each_ref().map(Vec::as_slice));
    server
        .client
        .post(STUDIES, &server.pacs, RELATED, &body)
        .assert_problem(413);
    assert_eq!(server.staged(), 0);
}

#[test]
fn silent_upload_is_given_up() {
    let server = Server::with_limits(small());
    let head = format!(
        "POST {STUDIES} HTTP/1.1\nHost: localhost\nAuthorization: Bearer {}\nContent-Type: {RELATED}\n\
         Content-Length: 5000",
        server.pacs
    );
    server
        .client
        .exchange(&head, b"--XbX\r\nContent-Type: application/dicom\r\n\r\nabc")
        .assert_problem(408);
    assert_eq!(server.staged(), 0);
}

/// A client that goes away leaves nothing.
#[test]
fn broken_upload_leaves_nothing() {
    let server = Server::start();
    let mut stream = server.client.connect();
    let head = format!(
        "POST {STUDIES} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nContent-Type: {RELATED}\r\n\
         Content-Length: 5000\r\n\r\n--XbX\r\nContent-Type: application/dicom\r\n\r\nabc",
        server.pacs
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.flush().unwrap();
    wait_until(|| server.staged() == 1);
    drop(stream);
    wait_until(|| server.staged() == 0);
}

#[test]
fn more_uploads_than_allowed_are_told_to_come_back() {
    let limits = ApiLimits {
        concurrent_uploads: 1,
        upload_wait: Duration::from_millis(100),
        ..ApiLimits::default()
    };
    let server = Server::with_limits(limits);
    let mut first = server.client.connect();
    let head = format!(
        "POST {STUDIES} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nContent-Type: application/dicom\r\n\
         Content-Length: 5000\r\n\r\nabc",
        server.pacs
    );
    first.write_all(head.as_bytes()).unwrap();
    first.flush().unwrap();
    wait_until(|| server.staged() == 1);
    let second = server
        .client
        .post(STUDIES, &server.pacs, RELATED, &related(&[&slice(1, 1, "P1")]));
    second.assert_problem(503);
    assert!(second.head.contains("retry-after: 10"));
}

/// The Host header goes into URLs only where it is one.
#[test]
fn host_is_not_repeated_blindly() {
    let server = Server::start();
    let body = slice(1, 1, "P1");
    let head = format!(
        "POST {STUDIES} HTTP/1.1\nHost: a\"b@c\nConnection: close\nAuthorization: Bearer {}\n\
         Content-Type: application/dicom\nContent-Length: {}",
        server.pacs,
        body.len()
    );
    let json = server.client.exchange(&head, &body).assert_status(200).json();
    assert_eq!(
        json["00081190"],
        json!({"vr": "UR", "Value": ["/dicom-web/studies/1.2.1"]})
    );
}

#[track_caller]
fn wait_until(condition: impl Fn() -> bool) {
    for _ in 0..200 {
        if condition() {
            return;
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    panic!("waited in vain");
}
