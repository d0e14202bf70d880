//! The built program: run once, or started as a server on loopback and stopped again.

use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::stow;

/// The program `hilum` of this build.
///
/// # Panics
/// When it was not built: `cargo build --workspace` first, as `make test` does.
pub fn program() -> PathBuf {
    let tests = std::env::current_exe().expect("path of the test");
    let program = tests.ancestors().nth(2).expect("target folder").join("hilum");
    assert!(
        program.is_file(),
        "{} is not built: run `cargo build --workspace` first",
        program.display()
    );
    program
}

/// Runs `hilum` with these arguments to its end.
///
/// # Panics
/// When it cannot be started.
pub fn hilum(arguments: &[&str]) -> Output {
    Command::new(program())
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("hilum starts")
}

/// A running `hilum serve`.
pub struct Server {
    child: Child,
    /// `https://127.0.0.1:PORT`
    pub base: String,
    /// Bearer token, printed by the first start on a data folder.
    pub token: Option<String>,
    /// Client that trusts the server's own certificate.
    pub agent: ureq::Agent,
}

impl Server {
    /// Starts `hilum serve` on a free port of loopback and waits until it is ready.
    ///
    /// # Panics
    /// When it does not get ready within a minute.
    pub fn start(data_dir: &Path, environment: &[(&str, &str)]) -> Self {
        let mut child = Command::new(program())
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(data_dir)
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("hilum starts");
        let mut base = None;
        let mut token = None;
        let lines = BufReader::new(child.stdout.take().expect("stdout is piped")).lines();
        for line in lines.map_while(Result::ok) {
            if let Some(rest) = line.strip_prefix("token ") {
                token = Some(rest.to_owned());
            }
            if let Some(rest) = line.strip_prefix("listening ") {
                base = Some(rest.to_owned());
                break;
            }
        }
        let base = base.expect("hilum serve says where it listens");
        let server = Self {
            child,
            base,
            token,
            agent: agent(data_dir),
        };
        let deadline = Instant::now() + Duration::from_mins(1);
        while server.get("/health/ready").0 != 200 {
            assert!(Instant::now() < deadline, "hilum serve did not get ready");
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    /// GET with the bearer token; status and body.
    ///
    /// # Panics
    /// When the connection fails.
    pub fn get(&self, path: &str) -> (u16, Vec<u8>) {
        let mut request = self.agent.get(format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        let mut response = request.call().expect("connection");
        let status = response.status().as_u16();
        let body = response
            .body_mut()
            .with_config()
            .limit(64 << 20)
            .read_to_vec()
            .expect("body");
        (status, body)
    }

    /// GET that must answer JSON with status 200.
    ///
    /// # Panics
    /// When it does not.
    pub fn json(&self, path: &str) -> serde_json::Value {
        let (status, body) = self.get(path);
        assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).expect("JSON")
    }

    /// Uploads instances by STOW-RS; status and body.
    ///
    /// # Panics
    /// When the connection fails or the answer is not JSON.
    pub fn upload(&self, instances: &[Vec<u8>]) -> (u16, serde_json::Value) {
        let body = stow::body(instances.iter().map(Vec::as_slice));
        let token = self.token.as_deref().unwrap_or_default();
        let mut response = self
            .agent
            .post(format!("{}/dicom-web/studies", self.base))
            .header("Authorization", format!("Bearer {token}"))
            .header("Content-Type", stow::content_type())
            .header("Accept", "application/dicom+json")
            .send(&body)
            .expect("connection");
        let answer = response.body_mut().read_json().expect("JSON");
        (response.status().as_u16(), answer)
    }

    /// Waits for the result of a study.
    ///
    /// # Panics
    /// When there is none within five minutes, or the server says that there will be none.
    pub fn result(&self, study: &str) -> serde_json::Value {
        let deadline = Instant::now() + Duration::from_mins(5);
        loop {
            let (status, body) = self.get(&format!("/api/v1/studies/{study}/result"));
            match status {
                200 => return serde_json::from_slice(&body).expect("JSON"),
                202 => assert!(Instant::now() < deadline, "no result in time"),
                _ => panic!("status {status}: {}", String::from_utf8_lossy(&body)),
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// The operating system's number of the server process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether the process is alive.
    pub fn alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// SIGKILL, as a power cut would.
    pub fn kill(mut self) {
        self.stop();
    }

    fn stop(&mut self) {
        // Already gone is as good as killed.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A client that trusts the certificate in the data folder and returns every status as an answer.
fn agent(data_dir: &Path) -> ureq::Agent {
    drop(rustls::crypto::ring::default_provider().install_default());
    let pem = std::fs::read(data_dir.join("tls").join("cert.pem")).expect("certificate of the server");
    let certificate = Certificate::from_pem(&pem).expect("PEM");
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::Specific(Arc::new(vec![certificate])))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build();
    ureq::Agent::config_builder()
        .tls_config(tls)
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_mins(2)))
        .build()
        .into()
}
