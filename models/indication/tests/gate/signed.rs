//! Only what is signed is read, and only what is whole is accepted.

use hilum_domain::ReasonCode;
use hilum_indication::{Indication, IndicationError, Measure, Measures, PublicKey, Value};
use proptest::prelude::*;
use ring::signature::{Ed25519KeyPair, KeyPair as _};

const FILE: &str = include_str!("../../data/indication.toml");
const SIGNATURE: &[u8] = include_bytes!("../../data/indication.toml.sig");
const KEY: &[u8; 32] = include_bytes!("../../data/release.pub");

/// A site's own key, from a fixed seed.
fn site_key() -> (Ed25519KeyPair, PublicKey) {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let public = PublicKey::new(pair.public_key().as_ref().try_into().unwrap());
    (pair, public)
}

/// A file signed by the site.
fn signed(file: &str) -> Result<Indication, IndicationError> {
    let (pair, public) = site_key();
    Indication::verified(file.as_bytes(), pair.sign(file.as_bytes()).as_ref(), public)
}

#[test]
fn the_shipped_file_is_signed_by_the_release_key() {
    let shipped = Indication::shipped().unwrap();
    assert_eq!(shipped.signed_by, PublicKey::new(*KEY));
    assert_eq!(
        (shipped.name.as_str(), shipped.version.as_str()),
        ("hilum-ct", "1")
    );
    for measure in Measure::ALL {
        assert!(
            shipped.limits.iter().any(|limit| limit.measure == measure),
            "{measure}"
        );
    }
}

#[test]
fn another_key_is_refused() {
    let (_, site) = site_key();
    let error = Indication::verified(FILE.as_bytes(), SIGNATURE, site).unwrap_err();
    assert!(
        matches!(&error, IndicationError::SignatureInvalid { key } if *key == site.fingerprint()),
        "{error}"
    );
}

proptest! {
    /// Every changed byte of the file and of the signature is refused.
    #[test]
    fn a_changed_byte_is_refused(at in 0..FILE.len(), bit in 0..8_u8, of_signature in any::<bool>()) {
        let (mut file, mut signature) = (FILE.as_bytes().to_vec(), SIGNATURE.to_vec());
        if of_signature {
            let at = at % signature.len();
            signature[at] ^= 1 << bit;
        } else {
            file[at] ^= 1 << bit;
        }
        let refused = Indication::verified(&file, &signature, PublicKey::new(*KEY));
        let by_name = matches!(refused, Err(IndicationError::SignatureInvalid { .. }));
        prop_assert!(by_name);
    }

    /// Whatever is signed, reading it gives limits or an error.
    #[test]
    fn any_signed_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let (pair, public) = site_key();
        let _ = Indication::verified(&bytes, pair.sign(&bytes).as_ref(), public);
    }
}

#[test]
fn a_site_signs_its_own_limits() {
    let own = signed(&FILE.replace("below = 18", "below = 21")).unwrap();
    let age = |years| Measures::default().with(Measure::AgeYears, Value::Number(years));
    assert_eq!(
        own.judge(&age(20.0)).refusal.unwrap().code,
        ReasonCode::Paediatric
    );
    assert_eq!(own.judge(&age(21.0)).refusal, None);
    assert_eq!(
        own.judge(&age(f64::NAN)).refusal.unwrap().code,
        ReasonCode::Paediatric
    );
}

/// The age is the patient's: no sentence holds it.
#[test]
fn sentences_hold_image_numbers_only() {
    let shipped = Indication::shipped().unwrap();
    let measures = Measures::default()
        .with(Measure::AgeYears, Value::Number(13.0))
        .with(Measure::BodyPart, Value::Name("DOE^JANE".into()))
        .with(Measure::NoiseHu, Value::Number(71.5))
        .with(Measure::MotionMm, Value::Unknown);
    let verdict = shipped.judge(&measures);
    assert_eq!(
        verdict.refusal.as_ref().unwrap().text,
        "the patient is under 18 years"
    );
    let texts: Vec<&str> = verdict
        .warnings
        .iter()
        .map(|reason| reason.text.as_str())
        .collect();
    assert_eq!(
        texts,
        [
            "Body Part Examined names another part of the body than the chest",
            "the scan is noisy (standard deviation of soft tissue): 71.50 HU, the limit is 50 HU",
        ]
    );
}

#[test]
fn files_that_are_signed_and_wrong() {
    let without_motion = FILE
        .split("\n[[limit]]")
        .filter(|limit| !limit.contains("motion_mm"));
    let without_motion: Vec<&str> = without_motion.collect();
    let rows = [
        (
            FILE.replace("hilum.indication/1", "hilum.indication/9"),
            "the indication file has schema hilum.indication/9",
        ),
        (
            FILE.replace("below = 18", "belov = 18"),
            "the indication file, line ",
        ),
        (
            FILE.replace("below = 18", "below = nan"),
            "limit 1 (age_years): the rule does not fit the measure",
        ),
        (
            FILE.replace("below = 18", ""),
            "limit 1 (age_years): want exactly one of",
        ),
        (
            FILE.replace("below = 18", "below = 18\nabove = 90"),
            "limit 1 (age_years): want exactly one of",
        ),
        (
            FILE.replace("below = 18", "present = true"),
            "limit 1 (age_years): the rule does not fit the measure",
        ),
        (
            FILE.replacen("unit = \"a\"", "unit = \"mo\"", 1),
            "limit 1 (age_years): the unit is \"a\"",
        ),
        (
            FILE.replacen("action = \"refuse\"", "action = \"ignore\"", 1),
            "limit 1 (age_years): action is warn or refuse",
        ),
        (
            FILE.replacen("code = \"paediatric\"", "code = \"young\"", 1),
            "the indication file, line ",
        ),
        (
            without_motion.join("\n[[limit]]"),
            "no limit is set for motion_mm",
        ),
        ("\u{feff}".to_owned(), "the indication file, line 1: "),
    ];
    for (file, want) in rows {
        let error = signed(&file).unwrap_err().to_string();
        assert!(error.starts_with(want), "{error}, not {want}");
    }
    let (pair, public) = site_key();
    let error = Indication::verified(b"\xff", pair.sign(b"\xff").as_ref(), public).unwrap_err();
    assert!(matches!(error, IndicationError::NotUtf8));
    let error = Indication::verified(FILE.as_bytes(), &SIGNATURE[..10], public).unwrap_err();
    assert!(matches!(error, IndicationError::SignatureLength(10)));
}
