//! Why an indication file is refused.

use crate::Measure;

/// Why an indication file is refused. None of it falls back to another file.
#[derive(Debug, thiserror::Error)]
pub enum IndicationError {
    /// The signature is not over these bytes by this key: the file, the signature or the key is another one.
    #[error("the indication file does not carry a valid signature by key {key}")]
    SignatureInvalid {
        /// Fingerprint of the key.
        key: String,
    },
    /// Not a detached Ed25519 signature.
    #[error("the signature has {0} bytes, a detached Ed25519 signature has 64")]
    SignatureLength(usize),
    /// Not an Ed25519 public key in its standard form.
    #[error("not an Ed25519 public key (SubjectPublicKeyInfo, RFC 8410)")]
    NotAKey,
    /// Signed, but not UTF-8.
    #[error("the indication file is not UTF-8")]
    NotUtf8,
    /// Signed, but not in the expected form.
    #[error("the indication file, line {line}: {why}")]
    Form {
        /// Counted from 1.
        line: usize,
        /// What the parser says.
        why: String,
    },
    /// A schema of another version.
    #[error("the indication file has schema {0}, this program reads {expected}", expected = crate::indication::SCHEMA)]
    Schema(String),
    /// A limit whose rule does not fit its measure.
    #[error("limit {number} ({measure}): {why}")]
    Limit {
        /// Counted from 1.
        number: usize,
        /// Which measure.
        measure: Measure,
        /// What does not fit.
        why: String,
    },
    /// A measure without any limit would be a check left out by mistake.
    #[error("no limit is set for {0}")]
    NotLimited(Measure),
}
