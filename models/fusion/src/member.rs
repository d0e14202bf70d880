//! One member of the ensemble: its encoders and its fusion network over one store of weights.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use hilum_imaging::{CtBatch, CtConfig, CtEncoder, NoduleCrop, Tokens, View};
use safetensors::{Dtype, SafeTensors};
use tch::nn::VarStore;
use tch::{Device, Kind, Tensor, no_grad};

use crate::config::CT;
use crate::{Fused, FusionConfig, FusionError, FusionNet, Modality};

/// Crops that go through the network at once, each in four mirror images.
const CHUNK: usize = 16;

/// Checkpoint keys: `ct.*` as [`CtEncoder`] says, `fusion.*` as [`FusionNet`] says.
#[derive(Debug)]
pub(crate) struct Member {
    weights: VarStore,
    ct: CtEncoder,
    fusion: FusionNet,
}

/// What a member says about one crop, averaged over the mirror images.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// One per question.
    pub(crate) logits: Vec<f64>,
    /// Alpha of the CT for the first question.
    pub(crate) alpha: f64,
    /// Fused feature of the first question.
    pub(crate) feature: Vec<f32>,
    /// Time spent in the encoder and in fusion, this crop's share of its pass.
    pub(crate) elapsed: [Duration; 2],
}

impl Member {
    /// An untrained member; initial weights come from libtorch's generator.
    pub(crate) fn new(ct: CtConfig, fusion: FusionConfig, device: Device) -> Result<Self, FusionError> {
        let weights = VarStore::new(device);
        let root = weights.root();
        let ct = CtEncoder::new(&(&root / "ct"), ct)?;
        let fusion = FusionNet::new(&(&root / "fusion"), fusion)?;
        Ok(Self { weights, ct, fusion })
    }

    pub(crate) const fn weights(&self) -> &VarStore {
        &self.weights
    }

    pub(crate) const fn ct_config(&self) -> &CtConfig {
        self.ct.config()
    }

    /// All weights by their keys, in the order of the keys.
    pub(crate) fn tensors(&self) -> BTreeMap<String, Tensor> {
        self.weights.variables().into_iter().collect()
    }

    /// Takes over the weights below `prefix`; every key must be there with its shape, and none besides.
    pub(crate) fn load(&mut self, file: &SafeTensors, prefix: &str) -> Result<(), FusionError> {
        let mut own = self.tensors();
        for name in file.names().into_iter().filter(|name| name.starts_with(prefix)) {
            if !own.contains_key(&name[prefix.len()..]) {
                return Err(FusionError::SurplusTensor(name.to_owned()));
            }
        }
        for (key, tensor) in &mut own {
            let name = format!("{prefix}{key}");
            let view = file
                .tensor(&name)
                .map_err(|_| FusionError::MissingTensor(name.clone()))?;
            let expected = tensor.size();
            let shape: Vec<i64> = view.shape().iter().map(|&n| n as i64).collect();
            if view.dtype() != Dtype::F32 || shape != expected {
                return Err(FusionError::TensorShape {
                    name,
                    found: format!("{:?} {shape:?}", view.dtype()),
                    expected,
                });
            }
            let (numbers, _) = view.data().as_chunks::<4>();
            let numbers: Vec<f32> = numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
            if !numbers.iter().all(|number| number.is_finite()) {
                return Err(FusionError::NonFiniteOutput {
                    what: format!("tensor {name:?}"),
                });
            }
            no_grad(|| tensor.f_copy_(&Tensor::f_from_slice(&numbers)?.f_view(expected.as_slice())?))?;
        }
        Ok(())
    }

    /// The forward pass of a batch.
    pub(crate) fn forward(&self, batch: &CtBatch, dropout: f64) -> Result<Fused, FusionError> {
        self.fuse(self.ct.forward(batch, dropout)?, dropout)
    }

    fn fuse(&self, tokens: Tokens, dropout: f64) -> Result<Fused, FusionError> {
        let modality = Modality::new(CT).map_err(|_| FusionError::CardContent("modality name"))?;
        self.fusion
            .forward(&BTreeMap::from([(modality, tokens)]), dropout)
    }

    /// The answers to some crops, one each.
    pub(crate) fn answers(&self, crops: &[&NoduleCrop]) -> Result<Vec<Answer>, FusionError> {
        let mut answers = Vec::with_capacity(crops.len());
        for chunk in crops.chunks(CHUNK) {
            no_grad(|| self.answer_chunk(chunk, &mut answers))?;
        }
        Ok(answers)
    }

    fn answer_chunk(&self, crops: &[&NoduleCrop], answers: &mut Vec<Answer>) -> Result<(), FusionError> {
        let views = View::MIRRORS;
        let samples: Vec<_> = crops
            .iter()
            .flat_map(|&crop| views.iter().map(move |view| (crop, view, true)))
            .collect();
        let start = Instant::now();
        let batch = CtBatch::new(self.ct_config(), &samples)?.to_device(self.weights.device())?;
        let tokens = self.ct.forward(&batch, 0.0)?;
        let encoded = Instant::now();
        let fused = self.fuse(tokens, 0.0)?;
        // Mean over the mirror images of each crop.
        let mean = |x: &Tensor| {
            x.f_unflatten(0, [crops.len() as i64, views.len() as i64])?
                .f_mean_dim(1i64, false, Kind::Double)?
                .f_to_device(Device::Cpu)
        };
        let (logits, alphas, features) = (mean(&fused.logits)?, mean(&fused.alphas)?, mean(&fused.features)?);
        let crop_count = crops.len() as u32;
        let elapsed = [(encoded - start) / crop_count, encoded.elapsed() / crop_count];
        for n in 0..crops.len() as i64 {
            let answer = Answer {
                elapsed,
                logits: Vec::try_from(&logits.f_get(n)?)?,
                alpha: alphas.f_get(n)?.f_double_value(&[0, 0])?,
                feature: Vec::try_from(&features.f_get(n)?.f_get(0)?.f_to_kind(Kind::Float)?)?,
            };
            answers.push(answer.finite()?);
        }
        Ok(())
    }
}

impl Answer {
    fn finite(self) -> Result<Self, FusionError> {
        let finite = self.logits.iter().all(|z| z.is_finite())
            && self.alpha.is_finite()
            && self.feature.iter().all(|x| x.is_finite());
        if finite {
            Ok(self)
        } else {
            Err(FusionError::NonFiniteOutput {
                what: "the network's answer".to_owned(),
            })
        }
    }
}
