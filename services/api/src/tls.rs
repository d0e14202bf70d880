//! The server's certificate and what TLS it speaks: 1.3 and 1.2, by ring.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256,
};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use time::{Duration, OffsetDateTime};

/// File of the certificate chain, PEM.
pub const CERTIFICATE_FILE: &str = "cert.pem";
/// File of the private key, PEM, mode 0600.
pub const KEY_FILE: &str = "key.pem";

/// What browsers accept at most, less than 398 days.
const VALID_DAYS: i64 = 397;

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// One file of the pair is missing. Nothing was replaced.
    #[error("{} is there, but {} is not; put it back, or remove both for a new certificate", there.display(), missing.display())]
    HalfThere {
        /// The file that exists.
        there: PathBuf,
        /// The file that does not.
        missing: PathBuf,
    },
    /// A file is not what it should be.
    #[error("{} holds no readable PEM {what}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Certificate or key.
        what: &'static str,
    },
    /// No certificate could be made.
    #[error("cannot make a certificate: {0}")]
    Generate(#[from] rcgen::Error),
    /// Certificate and key do not fit each other, or are of a kind that is not supported.
    #[error("certificate and key cannot be used: {0}")]
    Rustls(#[from] rustls::Error),
}

/// The server side of TLS from `cert.pem` and `key.pem` in a folder.
///
/// Where neither is there, a certificate signed by itself is made for localhost, 127.0.0.1, `::1` and
/// this machine's name, ECDSA P-256, valid for 397 days from the day before `now`.
pub fn load_or_create(folder: &Path, now: OffsetDateTime) -> Result<Arc<ServerConfig>, TlsError> {
    let certificate = folder.join(CERTIFICATE_FILE);
    let key = folder.join(KEY_FILE);
    match (certificate.exists(), key.exists()) {
        (true, true) => {}
        (false, false) => create(folder, &certificate, &key, now)?,
        (true, false) => {
            return Err(TlsError::HalfThere {
                there: certificate,
                missing: key,
            });
        }
        (false, true) => {
            return Err(TlsError::HalfThere {
                there: key,
                missing: certificate,
            });
        }
    }
    load(&certificate, &key)
}

fn load(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    let unreadable = |path: &Path, what| TlsError::Unreadable {
        path: path.to_owned(),
        what,
    };
    let chain = CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let chain = chain.ok().filter(|chain| !chain.is_empty());
    let chain = chain.ok_or_else(|| unreadable(certificate, "certificate"))?;
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|_| unreadable(key, "private key"))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_no_client_auth()
        .with_single_cert(chain, secret)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn create(folder: &Path, certificate: &Path, key: &Path, now: OffsetDateTime) -> Result<(), TlsError> {
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    names.extend(host_name());
    let mut parameters = CertificateParams::new(names)?;
    parameters.not_before = now - Duration::DAY;
    parameters.not_after = parameters.not_before + Duration::days(VALID_DAYS);
    parameters.distinguished_name = DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, "Hilum");
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let secret = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let signed = parameters.self_signed(&secret)?;

    let mut folders = DirBuilder::new();
    let made = folders.recursive(true).mode(0o700).create(folder);
    made.map_err(io_error("create", folder))?;
    write_new(key, &secret.serialize_pem(), 0o600)?;
    write_new(certificate, &signed.pem(), 0o644)
}

/// Never replaces a file, even one that another process has just made.
fn write_new(path: &Path, text: &str, mode: u32) -> Result<(), TlsError> {
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path);
    let mut file = file.map_err(io_error("create", path))?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(io_error("write", path))
}

/// This machine's name where the kernel tells it and it can stand in a certificate.
fn host_name() -> Option<String> {
    let name = fs::read_to_string("/proc/sys/kernel/hostname")
        .ok()?
        .trim()
        .to_ascii_lowercase();
    let is_dns = (1..=253).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
        && name.split('.').all(|label| (1..=63).contains(&label.len()));
    (is_dns && name != "localhost").then_some(name)
}

fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> TlsError {
    move |source| TlsError::Io {
        action,
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn now() -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap()
    }

    #[test]
    fn made_once_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("tls");
        load_or_create(&folder, now()).unwrap();
        let mode = fs::metadata(folder.join(KEY_FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let first = fs::read(folder.join(CERTIFICATE_FILE)).unwrap();
        load_or_create(&folder, now()).unwrap();
        assert_eq!(fs::read(folder.join(CERTIFICATE_FILE)).unwrap(), first);
    }

    #[test]
    fn half_or_damaged_pairs_are_named() {
        let folder = tempfile::tempdir().unwrap();
        load_or_create(folder.path(), now()).unwrap();
        let key = folder.path().join(KEY_FILE);
        fs::write(&key, "no key").unwrap();
        assert!(matches!(
            load_or_create(folder.path(), now()),
            Err(TlsError::Unreadable {
                what: "private key",
                ..
            })
        ));
        fs::remove_file(&key).unwrap();
        assert!(matches!(
            load_or_create(folder.path(), now()),
            Err(TlsError::HalfThere { .. })
        ));
        assert!(!key.exists());
    }
}
