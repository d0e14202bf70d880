//! What the server refuses, and that it lives on.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    process::{Command, Stdio},
    sync::Arc,
};

use hilum_phantom::{ChestPhantom, PhantomOptions};
use hilum_tests::{server::Server, stow};
use rustls::pki_types::{ServerName, pem::PemObject as _};

/// Resident memory of a process in KiB.
fn resident_kib(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// A TLS connection to write raw HTTP on.
fn connect(
    server: &Server,
    data_dir: &std::path::Path,
) -> rustls::StreamOwned<rustls::ClientConnection, TcpStream> {
    let mut roots = rustls::RootCertStore::empty();
    let certificate =
        rustls::pki_types::CertificateDer::from_pem_file(data_dir.join("tls/cert.pem")).unwrap();
    roots.add(certificate).unwrap();
    let config = rustls::ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let connection = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
    let address = server.base.strip_prefix("https://").unwrap();
    rustls::StreamOwned::new(connection, TcpStream::connect(address).unwrap())
}

/// First line of the answer to a raw request whose body never ends.
fn answer_to(server: &Server, data_dir: &std::path::Path, head: &str, chunk: &[u8], chunks: usize) -> String {
    let mut stream = connect(server, data_dir);
    stream.write_all(head.as_bytes()).unwrap();
    for _ in 0..chunks {
        // The server may close as soon as it has seen enough.
        if stream.write_all(chunk).and_then(|()| stream.flush()).is_err() {
            break;
        }
    }
    let mut answer = Vec::new();
    let mut buffer = [0; 1024];
    while !answer.contains(&b'\n') {
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(read) => answer.extend_from_slice(&buffer[..read]),
        }
    }
    String::from_utf8_lossy(&answer)
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned()
}

#[test]
fn refusals_leave_the_server_alive_and_its_memory_flat() {
    let data_dir = tempfile::tempdir().unwrap();
    let mut server = Server::start(data_dir.path(), &[]);
    let token = server.token.clone().unwrap();
    let before_kib = resident_kib(server.pid());

    // TLS 1.1 is refused in the handshake, TLS 1.2 and 1.3 are not.
    let address = server.base.strip_prefix("https://").unwrap().to_owned();
    for (version, want) in [("-tls1_1", false), ("-tls1_2", true), ("-tls1_3", true)] {
        let answer = Command::new("openssl")
            .args([
                "s_client",
                "-connect",
                &address,
                version,
                "-cipher",
                "DEFAULT:@SECLEVEL=0",
            ])
            .stdin(Stdio::null())
            .output()
            .expect("openssl is installed by scripts/setup.sh test");
        let text = String::from_utf8_lossy(&answer.stdout).into_owned();
        let connected = !text.contains("Cipher is (NONE)");
        assert_eq!(connected, want, "{version}: {text}");
    }

    // Without a token, and with a wrong one.
    for authorization in [None, Some("Bearer wrong"), Some("Basic YTpi")] {
        let mut request = server.agent.get(format!("{}/api/v1/studies", server.base));
        if let Some(value) = authorization {
            request = request.header("Authorization", value);
        }
        let response = request.call().unwrap();
        assert_eq!(response.status().as_u16(), 401, "{authorization:?}");
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        assert!(response.headers().contains_key("www-authenticate"));
    }

    // Five gigabytes, said in advance: refused before the body; without a token even earlier.
    let head = |extra: &str| {
        format!(
            "POST /dicom-web/studies HTTP/1.1\r\nHost: localhost\r\nContent-Type: {}\r\n{extra}\r\n\r\n",
            stow::content_type()
        )
    };
    let with_token = format!("Authorization: Bearer {token}\r\n");
    let said = "Content-Length: 5368709120";
    let answer = answer_to(
        &server,
        data_dir.path(),
        &head(&format!("{with_token}{said}")),
        b"",
        0,
    );
    assert!(answer.contains(" 413 "), "{answer}");
    let answer = answer_to(&server, data_dir.path(), &head(said), b"", 0);
    assert!(answer.contains(" 401 "), "{answer}");

    // A file cut in the middle: refused by name, nothing kept.
    let phantom = tempfile::tempdir().unwrap();
    ChestPhantom::new(1, &PhantomOptions::default())
        .unwrap()
        .write_dicom(phantom.path())
        .unwrap();
    let whole = stow::files(phantom.path()).remove(0);
    let cut = &whole[..whole.len() / 2];
    let mut response = server
        .agent
        .post(format!("{}/dicom-web/studies", server.base))
        .header("Authorization", format!("Bearer {token}"))
        .header("Content-Type", stow::content_type())
        .send(&stow::body([cut]))
        .unwrap();
    assert_eq!(response.status().as_u16(), 409);
    let body: serde_json::Value = response.body_mut().read_json().unwrap();
    assert!(
        body["00081198"]["Value"][0]["00081197"]["Value"][0].is_u64(),
        "{body}"
    );
    assert_eq!(server.json("/api/v1/studies")["studies"], serde_json::json!([]));

    assert!(server.alive());
    let grown_kib = resident_kib(server.pid()).saturating_sub(before_kib);
    assert!(grown_kib < 64 * 1024, "memory grew by {grown_kib} KiB");
}

#[test]
fn an_endless_body_is_cut_off() {
    let data_dir = tempfile::tempdir().unwrap();
    let limits = [
        ("HILUM__HTTP__MAX_UPLOAD_BYTES", "67108864"),
        ("HILUM__HTTP__MAX_INSTANCE_BYTES", "67108864"),
    ];
    let mut server = Server::start(data_dir.path(), &limits);
    let before_kib = resident_kib(server.pid());
    let head = format!(
        "POST /dicom-web/studies HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nContent-Type: {}\r\nTransfer-Encoding: chunked\r\n\r\n",
        server.token.as_ref().unwrap(),
        stow::content_type()
    );
    let part = format!("--{}\r\nContent-Type: application/dicom\r\n\r\n", stow::BOUNDARY);
    let head = format!("{head}{:x}\r\n{part}\r\n", part.len());
    let mut chunk = b"100000\r\n".to_vec();
    chunk.resize(chunk.len() + 0x0010_0000, 0);
    chunk.extend_from_slice(b"\r\n");
    let answer = answer_to(&server, data_dir.path(), &head, &chunk, 200);
    // The answer may be lost when the server closes while we are still writing; what counts is that it lives
    // and that neither memory nor disk hold what was sent.
    assert!(answer.is_empty() || answer.contains(" 413 "), "{answer}");
    assert!(server.alive());
    let grown_kib = resident_kib(server.pid()).saturating_sub(before_kib);
    assert!(grown_kib < 64 * 1024, "memory grew by {grown_kib} KiB");
    let incoming = data_dir.path().join("objects/incoming");
    assert_eq!(
        fs::read_dir(incoming)
            .unwrap()
            .filter(|e| e.as_ref().unwrap().path().is_file())
            .count(),
        0
    );
}
