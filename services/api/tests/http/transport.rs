//! Below HTTP: TLS versions, headers, slow clients, stopping.

use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

use hilum_api::ApiLimits;

use crate::client;
use crate::dicom::slice;
use crate::server::Server;

#[test]
fn tls_1_3_and_alpn() {
    let server = Server::start();
    let mut stream = server.client.connect();
    stream
        .write_all(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .unwrap();
    let mut byte = [0];
    stream.read_exact(&mut byte).unwrap();
    assert_eq!(
        stream.conn.protocol_version(),
        Some(rustls::ProtocolVersion::TLSv1_3)
    );
    assert_eq!(stream.conn.alpn_protocol(), Some(b"http/1.1".as_slice()));
}

#[test]
fn plain_http_gets_nothing() {
    let server = Server::start();
    let mut stream = server.client.connect();
    let socket = &mut stream.sock;
    socket
        .write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .unwrap();
    let mut bytes = Vec::new();
    let _ = socket.read_to_end(&mut bytes);
    assert!(!bytes.starts_with(b"HTTP"), "{bytes:?}");
}

/// The answer is 431; a client that still sends may see the connection end before it.
#[test]
fn huge_header_is_refused() {
    let server = Server::start();
    let mut stream = server.client.connect();
    let head = format!(
        "GET / HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n",
        "y".repeat(64 * 1024)
    );
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.flush());
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    assert!(
        bytes.is_empty() || bytes.starts_with(b"HTTP/1.1 431"),
        "{:?}",
        String::from_utf8_lossy(&bytes)
    );
}

#[test]
fn slow_header_is_given_up() {
    let limits = ApiLimits {
        header_time: Duration::from_millis(300),
        ..ApiLimits::default()
    };
    let server = Server::with_limits(limits);
    let mut stream = server.client.connect();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: loc").unwrap();
    stream.flush().unwrap();
    let started = Instant::now();
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    assert!(
        started.elapsed() < Duration::from_secs(5),
        "the connection stayed open"
    );
    assert!(!bytes.starts_with(b"HTTP/1.1 200"), "{bytes:?}");
}

#[test]
fn answers_say_how_they_may_be_used() {
    let server = Server::start();
    let answer = server.client.get("/", None);
    for header in ["x-content-type-options: nosniff", "cache-control: no-store"] {
        assert!(answer.head.contains(header), "{}", answer.head);
    }
}

/// A request that runs when the stop comes is answered; afterwards nobody listens.
#[test]
fn stop_lets_running_requests_end() {
    let mut server = Server::start();
    let mut stream = server.client.connect();
    let body = slice(1, 1, "P1");
    let head = format!(
        "POST /dicom-web/studies HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/dicom\r\nContent-Length: {}\r\n\r\n",
        server.pacs,
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&body[..100]).unwrap();
    stream.flush().unwrap();
    while server.staged() == 0 {
        std::thread::sleep(Duration::from_millis(10));
    }
    server.stop();
    std::thread::sleep(Duration::from_millis(100));
    stream.write_all(&body[100..]).unwrap();
    client::read(stream).assert_status(200);
    server.served().unwrap();
    assert!(server.client.try_connect().is_err());
}
