//! The segmenter's weight file.

use std::collections::BTreeMap;

use hilum_domain::Sha256;
use serde::{Deserialize, Serialize};

use crate::NoduleError;
use crate::segmenter::network::UNet;
use crate::tensor_file::{self, TensorFile};

/// Format of the file; another one is refused.
const FORMAT: &str = "hilum-segmenter/1";
/// Name of the model in errors.
pub(crate) const MODEL: &str = "segmenter";

/// What the file says about itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    pub(crate) format: String,
    /// Fold that each member has not seen.
    pub(crate) members: Vec<u8>,
    /// Members (by their place in `members`) that judge a CT that nobody was trained on.
    pub(crate) jury: Vec<usize>,
    /// Fold of each series that was trained on, by the digest of its Series Instance UID.
    pub(crate) series: BTreeMap<String, u8>,
    /// The record of the run.
    pub(crate) training: serde_json::Value,
}

impl Header {
    pub(crate) fn new(
        members: Vec<u8>,
        jury: Vec<usize>,
        series: BTreeMap<String, u8>,
        training: serde_json::Value,
    ) -> Self {
        Self {
            format: FORMAT.to_owned(),
            members,
            jury,
            series,
            training,
        }
    }

    /// Members that may judge a series: those that have not seen its fold, or the jury where it is unknown.
    pub(crate) fn judges(&self, series: &Sha256) -> Vec<usize> {
        match self.series.get(series.as_str()) {
            Some(fold) => (0..self.members.len())
                .filter(|&at| self.members[at] == *fold)
                .collect(),
            None => self.jury.clone(),
        }
    }
}

/// The bytes of a weight file.
pub(crate) fn write(header: &Header, members: &[UNet]) -> Result<Vec<u8>, NoduleError> {
    let stores: Vec<_> = members.iter().map(|member| &member.store).collect();
    tensor_file::write(MODEL, header, &stores)
}

/// Header and members of a weight file.
pub(crate) fn read(bytes: &[u8]) -> Result<(Header, Vec<UNet>), NoduleError> {
    let (header, file) = TensorFile::open::<Header>(MODEL, FORMAT, bytes)?;
    if header.members.is_empty() || header.jury.is_empty() {
        return Err(refused(&"the file names no member, or none for an unknown CT"));
    }
    if let Some(at) = header.jury.iter().find(|&&at| at >= header.members.len()) {
        return Err(refused(&format!(
            "the jury names member {at} of {}",
            header.members.len()
        )));
    }
    let members = (0..header.members.len())
        .map(|at| {
            let member = UNet::new()?;
            file.load(at, &member.store)?;
            Ok(member)
        })
        .collect::<Result<_, NoduleError>>()?;
    Ok((header, members))
}

/// What is wrong with a file.
pub(crate) fn refused(why: &dyn std::fmt::Display) -> NoduleError {
    tensor_file::refused(MODEL, why)
}
