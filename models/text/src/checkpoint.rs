//! `model.safetensors` into the network's variables.

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use tch::nn::VarStore;
use tch::{Device, Kind, Tensor};

use crate::{Bert, BertConfig, TextError};

/// A network with the weights of a file. Every tensor that the configuration asks for has to be there in its shape,
/// finite, as f32, f16 or bf16; this is checked before anything is allocated for the network. Other tensors (pooler,
/// heads) are left alone.
pub fn load(config: &BertConfig, file: &[u8], device: Device) -> Result<(VarStore, Bert), TextError> {
    let tensors = SafeTensors::deserialize(file).map_err(|error| TextError::Weights(error.to_string()))?;
    let layers = (0..config.num_hidden_layers)
        .take_while(|at| find(&tensors, &format!("encoder.layer.{at}.output.dense.bias")).is_some())
        .count() as i64;
    if layers < config.num_hidden_layers {
        return Err(TextError::Weights(format!(
            "holds {layers} layers, config.json says {}",
            config.num_hidden_layers
        )));
    }
    expect_shape(
        &tensors,
        "embeddings.word_embeddings.weight",
        &[config.vocab_size, config.hidden_size],
    )?;
    expect_shape(
        &tensors,
        "embeddings.position_embeddings.weight",
        &[config.max_position_embeddings, config.hidden_size],
    )?;
    expect_shape(
        &tensors,
        "encoder.layer.0.intermediate.dense.weight",
        &[config.intermediate_size, config.hidden_size],
    )?;

    let store = VarStore::new(device);
    let bert = Bert::new(&store.root(), config);
    copy(&tensors, &store)?;
    Ok((store, bert))
}

/// Fills every variable of a store, heads included, from a file.
pub(crate) fn fill(store: &VarStore, file: &[u8]) -> Result<(), TextError> {
    let tensors = SafeTensors::deserialize(file).map_err(|error| TextError::Weights(error.to_string()))?;
    copy(&tensors, store)
}

/// The variables of a store as a file, f32. The same weights give the same bytes.
pub(crate) fn write(store: &VarStore) -> Result<Vec<u8>, TextError> {
    let mut named: Vec<(String, Tensor)> = store.variables().into_iter().collect();
    named.sort_by(|a, b| a.0.cmp(&b.0));
    let mut data = Vec::with_capacity(named.len());
    for (name, tensor) in named {
        let shape: Vec<usize> = tensor.size().iter().map(|&side| side as usize).collect();
        let values = Vec::<f32>::try_from(tensor.f_detach()?.f_reshape([-1])?)?;
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        data.push((name, shape, bytes));
    }
    let refused = |error: safetensors::SafeTensorError| TextError::Weights(error.to_string());
    let views = data
        .iter()
        .map(|(name, shape, bytes)| Ok((name, TensorView::new(Dtype::F32, shape.clone(), bytes)?)))
        .collect::<Result<Vec<_>, _>>()
        .map_err(refused)?;
    safetensors::serialize(views, None).map_err(refused)
}

fn copy(tensors: &SafeTensors, store: &VarStore) -> Result<(), TextError> {
    for (name, mut variable) in store.variables() {
        let view = expect_shape(tensors, &name, &variable.size())?;
        let values = tensor_of(&name, &view)?;
        tch::no_grad(|| variable.f_copy_(&values))?;
    }
    Ok(())
}

/// The tensor of a name, as is, under `bert.`, or with the norms' old names.
fn find<'a>(tensors: &SafeTensors<'a>, name: &str) -> Option<TensorView<'a>> {
    let old = name
        .replace("LayerNorm.weight", "LayerNorm.gamma")
        .replace("LayerNorm.bias", "LayerNorm.beta");
    [
        name.to_owned(),
        format!("bert.{name}"),
        format!("bert.{old}"),
        old,
    ]
    .iter()
    .find_map(|name| tensors.tensor(name).ok())
}

fn expect_shape<'a>(
    tensors: &SafeTensors<'a>,
    name: &str,
    expected: &[i64],
) -> Result<TensorView<'a>, TextError> {
    let view = find(tensors, name).ok_or_else(|| TextError::Weights(format!("tensor {name} is missing")))?;
    let found: Vec<i64> = view.shape().iter().map(|&side| side as i64).collect();
    if found != expected {
        return Err(TextError::Weights(format!(
            "tensor {name} has the shape {found:?}, config.json asks for {expected:?}"
        )));
    }
    Ok(view)
}

fn tensor_of(name: &str, view: &TensorView) -> Result<Tensor, TextError> {
    let shape: Vec<i64> = view.shape().iter().map(|&side| side as i64).collect();
    let kind = match view.dtype() {
        Dtype::F32 => Kind::Float,
        Dtype::F16 => Kind::Half,
        Dtype::BF16 => Kind::BFloat16,
        other => {
            return Err(TextError::Weights(format!(
                "tensor {name} is {other:?}, expected F32, F16 or BF16"
            )));
        }
    };
    let tensor = Tensor::f_from_data_size(view.data(), &shape, kind)?.f_to_kind(Kind::Float)?;
    if tensor.f_isfinite()?.f_all()?.f_int64_value(&[])? == 0 {
        return Err(TextError::Weights(format!(
            "tensor {name} holds a value that is not finite"
        )));
    }
    Ok(tensor)
}
