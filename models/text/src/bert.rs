//! BERT (Devlin et al. 2019), post-norm, as in Hugging Face's `BertModel` without its pooler.

use hilum_layers::{LayerNorm, Linear};
use tch::nn::{Init, Path};
use tch::{Kind, TchError, Tensor};

use crate::{Activation, BertConfig};

/// A batch of windows, padded to the longest.
#[derive(Debug)]
pub struct Input {
    /// Token ids, int64 `[batch, tokens]`.
    pub ids: Tensor,
    /// Which of them are there, boolean `[batch, tokens]`: nothing attends to padding.
    pub present: Tensor,
}

/// The network.
///
/// Checkpoint keys: `embeddings.{word,position,token_type}_embeddings.weight`, `embeddings.LayerNorm`,
/// `encoder.layer.N.attention.self.{query,key,value}`, `encoder.layer.N.attention.output.{dense,LayerNorm}`,
/// `encoder.layer.N.intermediate.dense`, `encoder.layer.N.output.{dense,LayerNorm}`.
#[derive(Debug)]
pub struct Bert {
    embeddings: Embeddings,
    layers: Vec<Layer>,
}

impl Bert {
    /// A network with initial weights; `config` has been checked.
    pub fn new(vs: &Path, config: &BertConfig) -> Self {
        let encoder = vs / "encoder" / "layer";
        Self {
            embeddings: Embeddings::new(&(vs / "embeddings"), config),
            layers: (0..config.num_hidden_layers)
                .map(|at| Layer::new(&(&encoder / at), config))
                .collect(),
        }
    }

    /// States of the last layer, `[batch, tokens, hidden]`. At most `max_position_embeddings` tokens. `dropout` is 0 at
    /// inference.
    pub fn forward(&self, input: &Input, dropout: f64) -> Result<Tensor, TchError> {
        let (batch, tokens) = input.ids.size2()?;
        // Broadcast over heads and queries.
        let mask = input
            .present
            .f_view([batch, 1, 1, tokens])?
            .f_expand([batch, 1, tokens, tokens], false)?;
        let mut states = self
            .embeddings
            .forward(&input.ids)?
            .f_dropout(dropout, dropout > 0.0)?;
        for layer in &self.layers {
            states = layer.forward(&states, &mask, dropout)?;
        }
        Ok(states)
    }

    /// The table of word embeddings `[vocabulary, hidden]`: a language model's output layer is tied to it.
    pub fn words(&self) -> &Tensor {
        &self.embeddings.words
    }
}

/// Word, position and segment, summed and normed.
#[derive(Debug)]
struct Embeddings {
    words: Tensor,
    positions: Tensor,
    segments: Tensor,
    norm: LayerNorm,
}

impl Embeddings {
    fn new(vs: &Path, config: &BertConfig) -> Self {
        let table = |name: &str, rows: i64| {
            let initial = Init::Randn {
                mean: 0.0,
                stdev: 0.02,
            };
            (vs / name).var("weight", &[rows, config.hidden_size], initial)
        };
        Self {
            words: table("word_embeddings", config.vocab_size),
            positions: table("position_embeddings", config.max_position_embeddings),
            segments: table("token_type_embeddings", config.type_vocab_size),
            norm: LayerNorm::with_epsilon(&(vs / "LayerNorm"), config.hidden_size, config.layer_norm_eps),
        }
    }

    fn forward(&self, ids: &Tensor) -> Result<Tensor, TchError> {
        let (_, tokens) = ids.size2()?;
        let words = Tensor::f_embedding(&self.words, ids, -1, false, false)?;
        let positions = self.positions.f_narrow(0, 0, tokens)?;
        let segment = self.segments.f_get(0)?;
        self.norm.forward(&words.f_add(&positions)?.f_add(&segment)?)
    }
}

/// Self-attention and perceptron, each followed by residual and norm.
#[derive(Debug)]
struct Layer {
    query: Linear,
    key: Linear,
    value: Linear,
    mixed: Linear,
    attention_norm: LayerNorm,
    intermediate: Linear,
    output: Linear,
    output_norm: LayerNorm,
    heads: i64,
    activation: Activation,
}

impl Layer {
    fn new(vs: &Path, config: &BertConfig) -> Self {
        let (width, inner) = (config.hidden_size, config.intermediate_size);
        let attention = vs / "attention" / "self";
        let attended = vs / "attention" / "output";
        let output = vs / "output";
        let norm = |vs: &Path| LayerNorm::with_epsilon(&(vs / "LayerNorm"), width, config.layer_norm_eps);
        Self {
            query: Linear::new(&(&attention / "query"), width, width),
            key: Linear::new(&(&attention / "key"), width, width),
            value: Linear::new(&(&attention / "value"), width, width),
            mixed: Linear::new(&(&attended / "dense"), width, width),
            attention_norm: norm(&attended),
            intermediate: Linear::new(&(vs / "intermediate" / "dense"), width, inner),
            output: Linear::new(&(&output / "dense"), inner, width),
            output_norm: norm(&output),
            heads: config.num_attention_heads,
            activation: config.hidden_act,
        }
    }

    fn forward(&self, x: &Tensor, mask: &Tensor, dropout: f64) -> Result<Tensor, TchError> {
        let attended = self.attention(x, mask)?.f_dropout(dropout, dropout > 0.0)?;
        let x = self.attention_norm.forward(&x.f_add(&attended)?)?;
        let hidden = self.intermediate.forward(&x)?;
        let hidden = match self.activation {
            Activation::Gelu => hidden.f_gelu("none")?,
            Activation::GeluNew => hidden.f_gelu("tanh")?,
            Activation::Relu => hidden.f_relu()?,
        };
        let hidden = self.output.forward(&hidden)?.f_dropout(dropout, dropout > 0.0)?;
        self.output_norm.forward(&x.f_add(&hidden)?)
    }

    fn attention(&self, x: &Tensor, mask: &Tensor) -> Result<Tensor, TchError> {
        let (batch, tokens, width) = x.size3()?;
        let heads = |projected: Tensor| {
            projected
                .f_view([batch, tokens, self.heads, width / self.heads])?
                .f_transpose(1, 2)
        };
        let (q, k, v) = (
            heads(self.query.forward(x)?)?,
            heads(self.key.forward(x)?)?,
            heads(self.value.forward(x)?)?,
        );
        let mixed = Tensor::f_scaled_dot_product_attention(&q, &k, &v, Some(mask), 0.0, false, None, false)?;
        self.mixed
            .forward(&mixed.f_transpose(1, 2)?.f_reshape([batch, tokens, width])?)
    }
}

impl Input {
    /// Windows of token ids, shorter ones padded with `pad`.
    pub fn new(windows: &[Vec<i64>], pad: i64) -> Result<Self, TchError> {
        let tokens = windows.iter().map(Vec::len).max().unwrap_or(0);
        let mut ids = Vec::with_capacity(windows.len() * tokens);
        let mut present = Vec::with_capacity(windows.len() * tokens);
        for window in windows {
            for at in 0..tokens {
                ids.push(window.get(at).copied().unwrap_or(pad));
                present.push(i64::from(at < window.len()));
            }
        }
        let shape = [windows.len() as i64, tokens as i64];
        Ok(Self {
            ids: Tensor::f_from_slice(&ids)?.f_view(shape)?,
            present: Tensor::f_from_slice(&present)?
                .f_view(shape)?
                .f_to_kind(Kind::Bool)?,
        })
    }
}
