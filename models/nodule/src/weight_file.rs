//! The detector's weight file: safetensors with the operating point and the training series in its metadata.

use hilum_domain::Sha256;
use serde::{Deserialize, Serialize};

use crate::network::Network;
use crate::tensor_file::{self, TensorFile, refused};
use crate::{Candidate, NoduleError};

/// Format of the file; another one is refused.
const FORMAT: &str = "hilum-detector/1";
/// Name of the model in errors.
pub(crate) const MODEL: &str = "detector";

/// What the file says about itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    pub(crate) format: String,
    pub(crate) operating_point: OperatingPoint,
    pub(crate) members: Vec<MemberHeader>,
    pub(crate) training: serde_json::Value,
}

/// Where the detector works.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperatingPoint {
    /// Mean probability of all members from which a candidate is reported.
    pub probability: f64,
    /// Of two candidates closer than this share of the larger one's diameter the less probable is dropped.
    pub overlap: f64,
    /// Candidates closer than this are always the same nodule.
    pub overlap_mm: f64,
    /// No more nodules than these are reported, most probable first.
    pub most: usize,
}

impl OperatingPoint {
    /// Whether two candidates are one nodule.
    pub fn is_same(&self, a: &Candidate, b: &Candidate) -> bool {
        let reach = (self.overlap * a.diameter_mm.max(b.diameter_mm)).max(self.overlap_mm);
        a.center.distance_mm(b.center) < reach
    }
}

/// One member.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MemberHeader {
    /// Digests of the Series Instance UIDs of the CTs that it was trained on.
    pub(crate) series_sha256: Vec<Sha256>,
    /// Operating probability when it works alone.
    pub(crate) probability: f64,
}

/// The bytes of a weight file.
pub(crate) fn write(header: &Header, members: &[Network]) -> Result<Vec<u8>, NoduleError> {
    let stores: Vec<_> = members.iter().map(|network| &network.store).collect();
    tensor_file::write(MODEL, header, &stores)
}

/// Header and members of a weight file.
pub(crate) fn read(bytes: &[u8]) -> Result<(Header, Vec<Network>), NoduleError> {
    let (header, file) = TensorFile::open::<Header>(MODEL, FORMAT, bytes)?;
    if header.members.is_empty() {
        return Err(refused(MODEL, &"the file names no member"));
    }
    let members = (0..header.members.len())
        .map(|at| {
            let network = Network::new()?;
            file.load(at, &network.store)?;
            Ok(network)
        })
        .collect::<Result<_, NoduleError>>()?;
    Ok((header, members))
}

impl Header {
    pub(crate) fn new(
        operating_point: OperatingPoint,
        members: Vec<MemberHeader>,
        training: serde_json::Value,
    ) -> Self {
        Self {
            format: FORMAT.to_owned(),
            operating_point,
            members,
            training,
        }
    }
}

/// The digest by which a series is recognised.
pub(crate) fn series_digest(volume: &hilum_volume::Volume) -> Sha256 {
    Sha256::of(volume.series_instance_uid().as_str().as_bytes())
}
