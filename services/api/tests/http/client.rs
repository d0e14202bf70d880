//! A client that sends exactly the bytes it is given.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::Value;

pub(crate) struct Client {
    address: SocketAddr,
    config: Arc<ClientConfig>,
}

/// An answer read to the end of the connection.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Client {
    /// Trusts this certificate alone and speaks HTTP/1.1.
    pub(crate) fn new(address: SocketAddr, certificate: CertificateDer<'static>) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(certificate).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Self {
            address,
            config: Arc::new(config),
        }
    }

    /// A bare connection.
    pub(crate) fn try_connect(&self) -> std::io::Result<TcpStream> {
        TcpStream::connect(self.address)
    }

    pub(crate) fn connect(&self) -> StreamOwned<ClientConnection, TcpStream> {
        let socket = self.try_connect().unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let connection = ClientConnection::new(Arc::clone(&self.config), "localhost".try_into().unwrap());
        StreamOwned::new(connection.unwrap(), socket)
    }

    /// Sends head and body, then reads; what the server does not want to read any more is no error.
    pub(crate) fn exchange(&self, head: &str, body: &[u8]) -> Answer {
        let mut stream = self.connect();
        let request = format!("{}\r\n\r\n", head.trim_end().replace('\n', "\r\n"));
        stream.write_all(request.as_bytes()).unwrap();
        let _ = stream.write_all(body).and_then(|()| stream.flush());
        read(stream)
    }

    /// `GET` with an optional token.
    pub(crate) fn get(&self, path: &str, token: Option<&str>) -> Answer {
        let authorization = token
            .map(|token| format!("Authorization: Bearer {token}\n"))
            .unwrap_or_default();
        self.exchange(
            &format!("GET {path} HTTP/1.1\nHost: localhost\nConnection: close\n{authorization}"),
            b"",
        )
    }

    /// `POST` with a Content-Length.
    pub(crate) fn post(&self, path: &str, token: &str, content_type: &str, body: &[u8]) -> Answer {
        let head = format!(
            "POST {path} HTTP/1.1\nHost: localhost\nConnection: close\nAuthorization: Bearer {token}\n\
             Content-Type: {content_type}\nContent-Length: {}",
            body.len()
        );
        self.exchange(&head, body)
    }
}

pub(crate) fn read(mut stream: StreamOwned<ClientConnection, TcpStream>) -> Answer {
    let mut bytes = Vec::new();
    // A connection that ends without goodbye ends the answer too; what came is judged below.
    let _ = stream.read_to_end(&mut bytes);
    let end = bytes.windows(4).position(|w| w == b"\r\n\r\n");
    let end = end.unwrap_or_else(|| panic!("no answer but {:?}", String::from_utf8_lossy(&bytes)));
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    Answer {
        status: head[9..12].parse().unwrap(),
        head: head.to_ascii_lowercase(),
        body: bytes[end + 4..].to_vec(),
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("{} {}", self.head, String::from_utf8_lossy(&self.body)))
    }

    /// Holds the answer against a status and checks that it is a proper problem.
    #[track_caller]
    pub(crate) fn assert_problem(&self, status: u16) -> String {
        assert_eq!(
            self.status,
            status,
            "{} {}",
            self.head,
            String::from_utf8_lossy(&self.body)
        );
        assert!(
            self.head.contains("content-type: application/problem+json"),
            "{}",
            self.head
        );
        let problem = self.json();
        assert_eq!(problem["status"], status);
        assert_eq!(problem["type"], "about:blank");
        assert!(problem["title"].is_string());
        problem["detail"].as_str().unwrap().to_owned()
    }

    #[track_caller]
    pub(crate) fn assert_status(&self, status: u16) -> &Self {
        assert_eq!(
            self.status,
            status,
            "{} {}",
            self.head,
            String::from_utf8_lossy(&self.body)
        );
        self
    }
}
