//! The detector's weight file: safetensors with the operating point and the training series in its metadata.

use std::collections::HashMap;

use hilum_domain::Sha256;
use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use crate::network::Network;
use crate::{Candidate, NoduleError};

/// Format of the file; another one is refused.
const FORMAT: &str = "hilum-detector/1";
/// Metadata key of the header.
const KEY: &str = "hilum";

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
    let mut data: Vec<(String, Vec<usize>, Vec<u8>)> = Vec::new();
    for (at, network) in members.iter().enumerate() {
        for (name, tensor) in network.store.variables() {
            let shape = tensor.size().iter().map(|&side| side as usize).collect();
            let values = Vec::<f32>::try_from(tensor.f_detach()?.f_reshape([-1])?.f_to_kind(Kind::Float)?)?;
            let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            data.push((format!("member{at}.{name}"), shape, bytes));
        }
    }
    data.sort_by(|a, b| a.0.cmp(&b.0));
    let refuse = |error: &dyn std::fmt::Display| NoduleError::Weights(error.to_string());
    let views = data
        .iter()
        .map(|(name, shape, bytes)| Ok((name, TensorView::new(Dtype::F32, shape.clone(), bytes)?)))
        .collect::<Result<Vec<_>, safetensors::SafeTensorError>>()
        .map_err(|error| refuse(&error))?;
    let text = serde_json::to_string(header).map_err(|error| refuse(&error))?;
    serialize(views, Some(HashMap::from([(KEY.to_owned(), text)]))).map_err(|error| refuse(&error))
}

/// Header and members of a weight file.
pub(crate) fn read(bytes: &[u8]) -> Result<(Header, Vec<Network>), NoduleError> {
    let refuse = |error: &dyn std::fmt::Display| NoduleError::Weights(error.to_string());
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|error| refuse(&error))?;
    let text = metadata
        .metadata()
        .as_ref()
        .and_then(|map| map.get(KEY))
        .ok_or_else(|| NoduleError::Weights(format!("no metadata under {KEY:?}")))?;
    let header: Header = serde_json::from_str(text).map_err(|error| refuse(&error))?;
    if header.format != FORMAT {
        return Err(NoduleError::Weights(format!(
            "format is {:?}, expected {FORMAT:?}",
            header.format
        )));
    }
    if header.members.is_empty() {
        return Err(NoduleError::Weights("the file names no member".into()));
    }
    let tensors = SafeTensors::deserialize(bytes).map_err(|error| refuse(&error))?;
    let members = (0..header.members.len())
        .map(|at| member(&tensors, at))
        .collect::<Result<_, _>>()?;
    Ok((header, members))
}

fn member(tensors: &SafeTensors<'_>, at: usize) -> Result<Network, NoduleError> {
    let network = Network::new()?;
    for (name, mut variable) in network.store.variables() {
        let name = format!("member{at}.{name}");
        let view = tensors
            .tensor(&name)
            .map_err(|_| NoduleError::Weights(format!("tensor {name} is missing")))?;
        let shape: Vec<i64> = view.shape().iter().map(|&side| side as i64).collect();
        if view.dtype() != Dtype::F32 || shape != variable.size() {
            return Err(NoduleError::Weights(format!(
                "tensor {name} is {:?} {shape:?}, expected F32 {:?}",
                view.dtype(),
                variable.size()
            )));
        }
        let values: Vec<f32> = view
            .data()
            .chunks_exact(4)
            .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
            .collect();
        if values.iter().any(|value| !value.is_finite()) {
            return Err(NoduleError::Weights(format!(
                "tensor {name} holds a value that is not finite"
            )));
        }
        let tensor = Tensor::f_from_slice::<f32>(&values)?.f_reshape(&shape)?;
        tch::no_grad(|| variable.f_copy_(&tensor))?;
    }
    Ok(network)
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
