//! Weight files: safetensors with one card, as JSON, in the metadata.

use std::collections::HashMap;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::FusionError;
use crate::member::Member;

/// Members under their prefixes, with a card under `key`. The same weights give the same bytes.
pub(crate) fn write(
    members: &[(String, &Member)],
    key: &'static str,
    card: &impl Serialize,
) -> Result<Vec<u8>, FusionError> {
    let mut tensors = Vec::new();
    for (prefix, member) in members {
        for (name, tensor) in member.tensors() {
            let shape: Vec<usize> = tensor.size().iter().map(|&n| n as usize).collect();
            let numbers: Vec<f32> = Vec::try_from(&tensor.f_flatten(0, -1)?)?;
            let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
            tensors.push((format!("{prefix}{name}"), shape, bytes));
        }
    }
    let views = tensors
        .iter()
        .map(|(name, shape, bytes)| Ok((name, TensorView::new(Dtype::F32, shape.clone(), bytes)?)))
        .collect::<Result<Vec<_>, FusionError>>()?;
    let card = serde_json::to_string(card).map_err(FusionError::Record)?;
    Ok(safetensors::serialize(
        views,
        Some(HashMap::from([(key.to_owned(), card)])),
    )?)
}

/// The card under `key`.
pub(crate) fn read_card<T: DeserializeOwned>(bytes: &[u8], key: &'static str) -> Result<T, FusionError> {
    let (_, header) = SafeTensors::read_metadata(bytes)?;
    let card = header
        .metadata()
        .as_ref()
        .and_then(|metadata| metadata.get(key))
        .ok_or(FusionError::NoCard(key))?;
    serde_json::from_str(card).map_err(FusionError::Card)
}
