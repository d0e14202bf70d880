//! A signed set of limits, and what it says about a series.

use hilum_domain::{Reason, ReasonCode, Sha256};
use serde::Deserialize;

use crate::limit::LimitForm;
use crate::{Action, IndicationError, Limit, Measure, Measures, PublicKey, Value};

/// The form of the file that this program reads.
pub(crate) const SCHEMA: &str = "hilum.indication/1";

/// The file that ships with the program; signed by the release key.
pub const SHIPPED: &str = include_str!("../data/indication.toml");
const SHIPPED_SIGNATURE: &[u8] = include_bytes!("../data/indication.toml.sig");
const RELEASE_KEY: PublicKey = PublicKey::new(*include_bytes!("../data/release.pub"));

/// What Hilum may be used for: limits whose signature was verified.
#[derive(Debug, Clone)]
pub struct Indication {
    /// Name of the file's subject.
    pub name: String,
    /// Version of the file.
    pub version: String,
    /// The use in words.
    pub intended_use: String,
    /// The limits, in the order of the file.
    pub limits: Vec<Limit>,
    /// Digest of the file.
    pub sha256: Sha256,
    /// The key that signed it.
    pub signed_by: PublicKey,
}

/// What the limits say about measures.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Verdict {
    /// Why the series is not analysed: the first refusing limit, headers before voxels.
    pub refusal: Option<Reason>,
    /// Further refusing limits, and limits that warn.
    pub warnings: Vec<Reason>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    schema: String,
    name: String,
    version: String,
    intended_use: String,
    limit: Vec<LimitForm>,
}

impl Indication {
    /// The file that ships with the program.
    pub fn shipped() -> Result<Self, IndicationError> {
        Self::verified(SHIPPED.as_bytes(), SHIPPED_SIGNATURE, RELEASE_KEY)
    }

    /// A file with its detached signature. Nothing is parsed before the signature was found to be over these bytes
    /// and by this key.
    pub fn verified(file: &[u8], signature: &[u8], key: PublicKey) -> Result<Self, IndicationError> {
        key.verify(file, signature)?;
        let text = std::str::from_utf8(file).map_err(|_| IndicationError::NotUtf8)?;
        let form: Form = toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let before = text.get(..start).unwrap_or(text);
            IndicationError::Form {
                line: 1 + before.matches('\n').count(),
                why: error.message().to_owned(),
            }
        })?;
        if form.schema != SCHEMA {
            return Err(IndicationError::Schema(form.schema));
        }
        let limits = form.limit.into_iter().zip(1..);
        let limits: Vec<Limit> = limits
            .map(|(limit, number)| limit.check(number))
            .collect::<Result<_, _>>()?;
        let is_limited = |measure: &Measure| limits.iter().any(|limit| limit.measure == *measure);
        if let Some(measure) = Measure::ALL.into_iter().find(|measure| !is_limited(measure)) {
            return Err(IndicationError::NotLimited(measure));
        }
        Ok(Self {
            name: form.name,
            version: form.version,
            intended_use: form.intended_use,
            limits,
            sha256: Sha256::of(file),
            signed_by: key,
        })
    }

    /// Judges the measures that are there. Of several broken limits of one measure the strictest speaks.
    pub fn judge(&self, measures: &Measures) -> Verdict {
        let mut verdict = Verdict::default();
        for measure in Measure::ALL {
            let Some(value) = measures.get(measure) else {
                continue;
            };
            let limits = self.limits.iter().filter(|limit| limit.measure == measure);
            let spoken = if *value == Value::Unknown {
                limits.max_by_key(|limit| limit.absent).map(|limit| {
                    let text = format!("{measure} is not known, so its limit could not be checked");
                    (limit.absent, Reason::new(ReasonCode::LimitUnchecked, text))
                })
            } else {
                limits
                    .filter(|limit| limit.is_broken_by(value))
                    .max_by_key(|limit| limit.action)
                    .map(|limit| (limit.action, Reason::new(limit.code, limit.sentence(value))))
            };
            match spoken {
                Some((Action::Refuse, reason)) if verdict.refusal.is_none() => verdict.refusal = Some(reason),
                Some((Action::Refuse | Action::Warn, reason)) => verdict.warnings.push(reason),
                Some((Action::Ignore, _)) | None => {}
            }
        }
        verdict
    }
}
