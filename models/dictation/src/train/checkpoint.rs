//! A run on disk: network, moments of the optimizer, how far it is.

use std::collections::HashMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use super::optimizer::AdamW;
use crate::network::{Network, Shape};
use crate::{DictationError, Vocabulary};

const FORMAT: &str = "hilum-dictation-checkpoint/1";
const KEY: &str = "hilum";

/// A point of the loss curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// Step.
    pub step: usize,
    /// Mean loss of the decoder since the last point.
    pub decoder: f64,
    /// Mean loss of the classification since the last point.
    pub ctc: f64,
    /// Error rate on a few test recordings, by characters.
    pub errors: Option<f64>,
}

/// Header of the file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    format: String,
    pub(crate) shape: Shape,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) phonemes: Vec<char>,
    pub(crate) step: usize,
    pub(crate) curve: Vec<CurvePoint>,
}

impl Header {
    pub(super) fn new(shape: Shape, vocabulary: Vocabulary, phonemes: Vec<char>) -> Self {
        Self {
            format: FORMAT.to_owned(),
            shape,
            vocabulary,
            phonemes,
            step: 0,
            curve: Vec::new(),
        }
    }

    /// Writes the file whole or not at all.
    pub(super) fn write(
        &self,
        path: &Path,
        network: &Network,
        optimizer: &AdamW,
    ) -> Result<(), DictationError> {
        let mut data = Vec::new();
        for (name, tensor) in network.store.variables() {
            data.push((name, sizes(&tensor), bytes(&tensor)?));
        }
        for (name, tensor) in optimizer.state() {
            data.push((name, sizes(tensor), bytes(tensor)?));
        }
        data.sort_by(|a, b| a.0.cmp(&b.0));
        let views = data
            .iter()
            .map(|(name, shape, bytes)| Ok((name, TensorView::new(Dtype::F32, shape.clone(), bytes)?)))
            .collect::<Result<Vec<_>, safetensors::SafeTensorError>>()?;
        let header = HashMap::from([(KEY.to_owned(), serde_json::to_string(self)?)]);
        write_file(path, &serialize(views, Some(header))?)
    }

    /// The network of a file.
    pub(crate) fn read(path: &Path) -> Result<(Self, Network), DictationError> {
        Self::open(path, |_, _| Ok(()))
    }

    /// The same, and the optimizer as it was.
    pub(super) fn resume(path: &Path) -> Result<(Self, Network, AdamW), DictationError> {
        let mut optimizer = None;
        let (header, network) = Self::open(path, |network, file| {
            let state = AdamW::new(&network.store);
            for (name, tensor) in state.state() {
                fill(path, file, &name, tensor)?;
            }
            optimizer = Some(state);
            Ok(())
        })?;
        let optimizer = optimizer.ok_or_else(|| refused(path, "it holds no optimizer"))?;
        Ok((header, network, optimizer))
    }

    fn open(
        path: &Path,
        more: impl FnOnce(&Network, &SafeTensors<'_>) -> Result<(), DictationError>,
    ) -> Result<(Self, Network), DictationError> {
        let bytes = fs::read(path).map_err(|source| DictationError::Io {
            path: path.to_owned(),
            source,
        })?;
        let (_, metadata) = SafeTensors::read_metadata(&bytes)?;
        let text = metadata
            .metadata()
            .as_ref()
            .and_then(|map| map.get(KEY))
            .ok_or_else(|| refused(path, "it has no header of Hilum"))?;
        let header: Self = serde_json::from_str(text)?;
        if header.format != FORMAT {
            return Err(refused(
                path,
                &format!("format is {:?}, expected {FORMAT:?}", header.format),
            ));
        }
        let file = SafeTensors::deserialize(&bytes)?;
        let network = Network::new(
            &header.shape,
            header.vocabulary.rows().len(),
            header.phonemes.len(),
        )?;
        for (name, variable) in network.store.variables() {
            fill(path, &file, &name, &variable)?;
        }
        more(&network, &file)?;
        Ok((header, network))
    }
}

/// Writes a file whole or not at all.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), DictationError> {
    let io = |source| DictationError::Io {
        path: path.to_owned(),
        source,
    };
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(io)?;
    file.write_all(bytes).map_err(io)?;
    file.persist(path).map_err(|error| io(error.error))?;
    Ok(())
}

fn refused(path: &Path, what: &str) -> DictationError {
    DictationError::Checkpoint {
        path: path.to_owned(),
        what: what.to_owned(),
    }
}

fn fill(path: &Path, file: &SafeTensors<'_>, name: &str, tensor: &Tensor) -> Result<(), DictationError> {
    let view = file
        .tensor(name)
        .map_err(|_| refused(path, &format!("it has no tensor {name:?}")))?;
    if view.dtype() != Dtype::F32 || view.shape() != sizes(tensor) {
        return Err(refused(
            path,
            &format!(
                "{name:?} is {:?} {:?}, expected {:?}",
                view.dtype(),
                view.shape(),
                sizes(tensor)
            ),
        ));
    }
    let values: Vec<f32> = view
        .data()
        .chunks_exact(4)
        .map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
        .collect();
    let values = Tensor::f_from_slice(&values)?.f_view_as(tensor)?;
    tch::no_grad(|| tensor.shallow_clone().f_copy_(&values))?;
    Ok(())
}

fn sizes(tensor: &Tensor) -> Vec<usize> {
    tensor.size().iter().map(|&side| side as usize).collect()
}

fn bytes(tensor: &Tensor) -> Result<Vec<u8>, DictationError> {
    let values = Vec::<f32>::try_from(tensor.f_detach()?.f_reshape([-1])?.f_to_kind(Kind::Float)?)?;
    Ok(values.iter().flat_map(|value| value.to_le_bytes()).collect())
}
