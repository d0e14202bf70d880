//! A model as one file: safetensors in half precision, configuration and vocabulary in its metadata.

use std::collections::HashMap;
use std::path::Path;

use half::f16;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use serde::{Deserialize, Serialize};
use tch::Device;

use crate::tokenizer::read;
use crate::{BertConfig, TextEncoder, TextError, Tokenizer};

/// Metadata key of the header.
const KEY: &str = "hilum";

/// What the file says of itself.
#[derive(Serialize, Deserialize)]
struct Header {
    config: BertConfig,
    /// `vocab.txt`.
    vocabulary: String,
}

/// The model of a folder in Hugging Face layout as one file; the head of the language model is left out. The same folder
/// gives the same bytes. Half precision moves a state by about a thousandth.
pub fn pack(folder: &Path) -> Result<Vec<u8>, TextError> {
    let header = Header {
        config: BertConfig::parse(&read(&folder.join("config.json"))?)?,
        vocabulary: String::from_utf8(read(&folder.join("vocab.txt"))?).map_err(|error| {
            TextError::Vocabulary {
                file: "vocab.txt",
                why: error.to_string(),
            }
        })?,
    };
    let weights = read(&folder.join("model.safetensors"))?;
    let refused = |error: safetensors::SafeTensorError| TextError::Weights(error.to_string());
    let tensors = SafeTensors::deserialize(&weights).map_err(refused)?;
    let mut halves = Vec::new();
    for (name, view) in tensors.iter().filter(|(name, _)| !name.starts_with("cls.")) {
        if view.dtype() != Dtype::F32 {
            return Err(TextError::Weights(format!(
                "tensor {name} is {:?}, expected F32",
                view.dtype()
            )));
        }
        let bytes: Vec<u8> = view
            .data()
            .chunks_exact(4)
            .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
            .flat_map(|number| f16::from_f32(number).to_le_bytes())
            .collect();
        halves.push((name.to_owned(), view.shape().to_vec(), bytes));
    }
    halves.sort_by(|a, b| a.0.cmp(&b.0));
    let views = halves
        .iter()
        .map(|(name, shape, bytes)| Ok((name, TensorView::new(Dtype::F16, shape.clone(), bytes)?)))
        .collect::<Result<Vec<_>, _>>()
        .map_err(refused)?;
    let header = serde_json::to_string(&header).map_err(|error| TextError::Config(error.to_string()))?;
    safetensors::serialize(views, Some(HashMap::from([(KEY.to_owned(), header)]))).map_err(refused)
}

impl TextEncoder {
    /// From a file that [`pack`] made.
    pub fn from_packed(file: &[u8], device: Device) -> Result<Self, TextError> {
        let (_, metadata) =
            SafeTensors::read_metadata(file).map_err(|error| TextError::Weights(error.to_string()))?;
        let header = metadata
            .metadata()
            .as_ref()
            .and_then(|entries| entries.get(KEY))
            .ok_or_else(|| TextError::Weights(format!("no metadata under {KEY:?}")))?;
        let header: Header =
            serde_json::from_str(header).map_err(|error| TextError::Config(error.to_string()))?;
        let config = BertConfig::parse(
            &serde_json::to_vec(&header.config).map_err(|error| TextError::Config(error.to_string()))?,
        )?;
        let tokenizer = Tokenizer::from_vocabulary(header.vocabulary.as_bytes(), b"{}")?;
        Self::new(tokenizer, config, file, device)
    }
}
