//! The indication file in force: the one that ships, or a site's own with its own key.

use std::{fs, path::Path};

use anyhow::{Context as _, bail};
use hilum_indication::{Indication, PublicKey};
use rustls::pki_types::{SubjectPublicKeyInfoDer, pem::PemObject as _};

/// Reads and verifies FILE with FILE.sig and the public key (PEM); without a file, the one that ships.
pub(crate) fn load(file: Option<&Path>, key: Option<&Path>) -> anyhow::Result<Indication> {
    let (file, key) = match (file, key) {
        (None, None) => return Ok(Indication::shipped()?),
        (Some(file), Some(key)) => (file, key),
        (Some(_), None) => bail!("an indication file is given without the public key that it is signed with"),
        (None, Some(_)) => bail!("a public key is given without the indication file that it signs"),
    };
    let read = |path: &Path| fs::read(path).with_context(|| path.display().to_string());
    let mut signature = file.as_os_str().to_owned();
    signature.push(".sig");
    let key = public_key(key).with_context(|| key.display().to_string())?;
    let signature = read(Path::new(&signature))?;
    Indication::verified(&read(file)?, &signature, key).with_context(|| file.display().to_string())
}

/// A public key as `openssl pkey -pubout` writes it.
fn public_key(path: &Path) -> anyhow::Result<PublicKey> {
    let der = SubjectPublicKeyInfoDer::from_pem_file(path).context("no public key in PEM form")?;
    Ok(PublicKey::from_spki(&der)?)
}
