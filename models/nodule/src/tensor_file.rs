//! Weight files: safetensors of several networks with one header, as JSON, in the metadata.

use std::collections::HashMap;

use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tch::nn::VarStore;
use tch::{Kind, Tensor};

use crate::NoduleError;

/// Metadata key of the header.
const KEY: &str = "hilum";

/// Which model a file is of: named in errors.
pub(crate) type Model = &'static str;

/// The bytes of a file. Names are `member0.` ... and the variable's name; the same weights give the same bytes.
pub(crate) fn write(
    model: Model,
    header: &impl Serialize,
    members: &[&VarStore],
) -> Result<Vec<u8>, NoduleError> {
    let mut data: Vec<(String, Vec<usize>, Vec<u8>)> = Vec::new();
    for (at, store) in members.iter().enumerate() {
        for (name, tensor) in store.variables() {
            let shape = tensor.size().iter().map(|&side| side as usize).collect();
            let values = Vec::<f32>::try_from(tensor.f_detach()?.f_reshape([-1])?.f_to_kind(Kind::Float)?)?;
            let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            data.push((format!("member{at}.{name}"), shape, bytes));
        }
    }
    data.sort_by(|a, b| a.0.cmp(&b.0));
    let views = data
        .iter()
        .map(|(name, shape, bytes)| Ok((name, TensorView::new(Dtype::F32, shape.clone(), bytes)?)))
        .collect::<Result<Vec<_>, safetensors::SafeTensorError>>()
        .map_err(|error| refused(model, &error))?;
    let text = serde_json::to_string(header).map_err(|error| refused(model, &error))?;
    serialize(views, Some(HashMap::from([(KEY.to_owned(), text)]))).map_err(|error| refused(model, &error))
}

/// A file whose header was read.
pub(crate) struct TensorFile<'a> {
    model: Model,
    tensors: SafeTensors<'a>,
}

impl<'a> TensorFile<'a> {
    /// Reads the header; `format` is what its member `format` has to say.
    pub(crate) fn open<H: DeserializeOwned>(
        model: Model,
        format: &str,
        bytes: &'a [u8],
    ) -> Result<(H, Self), NoduleError> {
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|error| refused(model, &error))?;
        let text = metadata
            .metadata()
            .as_ref()
            .and_then(|map| map.get(KEY))
            .ok_or_else(|| refused(model, &format!("no metadata under {KEY:?}")))?;
        let value: serde_json::Value = serde_json::from_str(text).map_err(|error| refused(model, &error))?;
        let found = value
            .get("format")
            .and_then(|found| found.as_str())
            .unwrap_or_default();
        if found != format {
            return Err(refused(
                model,
                &format!("format is {found:?}, expected {format:?}"),
            ));
        }
        let header = serde_json::from_value(value).map_err(|error| refused(model, &error))?;
        let tensors = SafeTensors::deserialize(bytes).map_err(|error| refused(model, &error))?;
        Ok((header, Self { model, tensors }))
    }

    /// Fills the variables of member `at`.
    pub(crate) fn load(&self, at: usize, store: &VarStore) -> Result<(), NoduleError> {
        for (name, mut variable) in store.variables() {
            let name = format!("member{at}.{name}");
            let view = self
                .tensors
                .tensor(&name)
                .map_err(|_| refused(self.model, &format!("tensor {name} is missing")))?;
            let shape: Vec<i64> = view.shape().iter().map(|&side| side as i64).collect();
            if view.dtype() != Dtype::F32 || shape != variable.size() {
                return Err(refused(
                    self.model,
                    &format!(
                        "tensor {name} is {:?} {shape:?}, expected F32 {:?}",
                        view.dtype(),
                        variable.size()
                    ),
                ));
            }
            let values: Vec<f32> = view
                .data()
                .chunks_exact(4)
                .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
                .collect();
            if values.iter().any(|value| !value.is_finite()) {
                return Err(refused(
                    self.model,
                    &format!("tensor {name} holds a value that is not finite"),
                ));
            }
            let tensor = Tensor::f_from_slice::<f32>(&values)?.f_reshape(&shape)?;
            tch::no_grad(|| variable.f_copy_(&tensor))?;
        }
        Ok(())
    }
}

/// What is wrong with a file.
pub(crate) fn refused(model: Model, why: &dyn std::fmt::Display) -> NoduleError {
    NoduleError::Weights {
        model,
        why: why.to_string(),
    }
}
