//! Detached Ed25519 signatures (RFC 8032) and public keys (RFC 8410).

use std::fmt;

use hilum_domain::Sha256;
use ring::signature::{ED25519, UnparsedPublicKey};

use crate::IndicationError;

const KEY_BYTES: usize = 32;
const SIGNATURE_BYTES: usize = 64;

/// What precedes the key in a `SubjectPublicKeyInfo` of Ed25519: SEQUENCE, algorithm 1.3.101.112, BIT STRING.
const SPKI_HEAD: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

/// An Ed25519 public key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; KEY_BYTES]);

impl PublicKey {
    /// From the key's own 32 bytes.
    pub const fn new(bytes: [u8; KEY_BYTES]) -> Self {
        Self(bytes)
    }

    /// From DER as `openssl pkey -pubout -outform DER` writes it.
    pub fn from_spki(der: &[u8]) -> Result<Self, IndicationError> {
        let key = der.strip_prefix(&SPKI_HEAD).ok_or(IndicationError::NotAKey)?;
        key.try_into().map(Self).map_err(|_| IndicationError::NotAKey)
    }

    /// The first 16 hexadecimal digits of the SHA-256 of the key.
    pub fn fingerprint(&self) -> String {
        Sha256::of(&self.0).as_str()[..16].to_owned()
    }

    /// Refuses what is not signed by this key.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), IndicationError> {
        if signature.len() != SIGNATURE_BYTES {
            return Err(IndicationError::SignatureLength(signature.len()));
        }
        UnparsedPublicKey::new(&ED25519, self.0)
            .verify(message, signature)
            .map_err(|_| IndicationError::SignatureInvalid {
                key: self.fingerprint(),
            })
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.fingerprint())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8032, section 7.1, test 2: one byte, 0x72.
    #[test]
    fn the_test_vector_of_the_standard() {
        let bytes = |hex: &str| -> Vec<u8> {
            let digits = hex.as_bytes().chunks(2);
            digits
                .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
                .collect()
        };
        let key = bytes("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        let signature = bytes(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
             085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        );
        let key = PublicKey::from_spki(&[&SPKI_HEAD[..], &key].concat()).unwrap();
        key.verify(&[0x72], &signature).unwrap();
        for (message, signature) in [
            (&[0x73][..], signature.clone()),
            (&[0x72][..], [&[0x93], &signature[1..]].concat()),
        ] {
            let error = key.verify(message, &signature).unwrap_err();
            assert!(
                matches!(error, IndicationError::SignatureInvalid { .. }),
                "{error}"
            );
        }
        assert!(matches!(
            key.verify(&[0x72], &signature[..63]),
            Err(IndicationError::SignatureLength(63))
        ));
    }

    #[test]
    fn other_keys_are_refused() {
        for der in [
            &[][..],
            &SPKI_HEAD,
            &[0; 44],
            &[&SPKI_HEAD[..], &[0; 33]].concat(),
        ] {
            assert!(matches!(PublicKey::from_spki(der), Err(IndicationError::NotAKey)));
        }
    }
}
