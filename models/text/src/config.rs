//! `config.json` of a BERT.

use serde::{Deserialize, Serialize};

use crate::TextError;

/// Activation of the intermediate layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// Exact, by the error function.
    Gelu,
    /// Approximated by a hyperbolic tangent.
    GeluNew,
    /// Rectifier.
    Relu,
}

/// Architecture, by the names of Hugging Face. Members that do not change the numbers are ignored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BertConfig {
    /// Entries of the vocabulary.
    pub vocab_size: i64,
    /// Width of a state.
    pub hidden_size: i64,
    /// Layers; 12 in the reference configuration.
    pub num_hidden_layers: i64,
    /// Heads of each attention; divides `hidden_size`.
    pub num_attention_heads: i64,
    /// Width within the perceptron.
    pub intermediate_size: i64,
    /// Its activation.
    #[serde(default = "gelu")]
    pub hidden_act: Activation,
    /// Longest window, with its two special tokens.
    pub max_position_embeddings: i64,
    /// Kinds of segments; every token here is of the first.
    #[serde(default = "two")]
    pub type_vocab_size: i64,
    /// Epsilon of the norms.
    #[serde(default = "epsilon")]
    pub layer_norm_eps: f64,
    /// Kind of position embedding.
    #[serde(default = "absolute")]
    pub position_embedding_type: String,
    /// Family.
    #[serde(default = "bert")]
    pub model_type: String,
}

/// Upper limits, far above any BERT: a configuration beyond them is damaged, and nothing is allocated by it.
const LIMITS: [(&str, i64); 6] = [
    ("vocab_size", 1 << 20),
    ("hidden_size", 8192),
    ("num_hidden_layers", 96),
    ("num_attention_heads", 256),
    ("intermediate_size", 1 << 16),
    ("max_position_embeddings", 1 << 15),
];

impl BertConfig {
    /// Reads and checks a configuration.
    pub fn parse(json: &[u8]) -> Result<Self, TextError> {
        let config: Self =
            serde_json::from_slice(json).map_err(|error| TextError::Config(error.to_string()))?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), TextError> {
        let refuse = |why: String| Err(TextError::Config(why));
        let values = [
            self.vocab_size,
            self.hidden_size,
            self.num_hidden_layers,
            self.num_attention_heads,
            self.intermediate_size,
            self.max_position_embeddings,
        ];
        for ((name, limit), value) in LIMITS.into_iter().zip(values) {
            if !(1..=limit).contains(&value) {
                return refuse(format!("{name} is {value}, expected 1 to {limit}"));
            }
        }
        if self.hidden_size % self.num_attention_heads != 0 {
            return refuse(format!(
                "num_attention_heads {} does not divide hidden_size {}",
                self.num_attention_heads, self.hidden_size
            ));
        }
        if self.max_position_embeddings < 3 {
            return refuse(format!(
                "max_position_embeddings is {}, which leaves no token beside the two special ones",
                self.max_position_embeddings
            ));
        }
        if !(1..=16).contains(&self.type_vocab_size) {
            return refuse(format!(
                "type_vocab_size is {}, expected 1 to 16",
                self.type_vocab_size
            ));
        }
        if !(self.layer_norm_eps > 0.0 && self.layer_norm_eps < 1.0) {
            return refuse(format!(
                "layer_norm_eps is {}, expected more than 0 and less than 1",
                self.layer_norm_eps
            ));
        }
        if self.position_embedding_type != "absolute" {
            return refuse(format!(
                "position_embedding_type is {:?}, only \"absolute\" is read",
                self.position_embedding_type
            ));
        }
        if self.model_type != "bert" {
            return refuse(format!("model_type is {:?}, expected \"bert\"", self.model_type));
        }
        Ok(())
    }
}

fn gelu() -> Activation {
    Activation::Gelu
}

fn two() -> i64 {
    2
}

fn epsilon() -> f64 {
    1e-12
}

fn absolute() -> String {
    "absolute".to_owned()
}

fn bert() -> String {
    "bert".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = r#"{"model_type":"bert","vocab_size":21128,"hidden_size":768,"num_hidden_layers":12,
        "num_attention_heads":12,"intermediate_size":3072,"hidden_act":"gelu","max_position_embeddings":512,
        "directionality":"bidi"}"#;

    #[test]
    fn reference_configuration_is_read() {
        let config = BertConfig::parse(BASE.as_bytes()).unwrap();
        assert_eq!((config.num_hidden_layers, config.type_vocab_size), (12, 2));
    }

    #[test]
    fn each_impossible_value_is_named() {
        let rows = [
            ("\"vocab_size\":21128", "\"vocab_size\":0", "vocab_size is 0"),
            ("768", "2147483648", "hidden_size is 2147483648"),
            (
                "\"num_hidden_layers\":12",
                "\"num_hidden_layers\":-1",
                "num_hidden_layers is -1",
            ),
            (
                "\"num_attention_heads\":12",
                "\"num_attention_heads\":7",
                "num_attention_heads 7 does not divide",
            ),
            ("512", "2", "max_position_embeddings is 2"),
            ("\"gelu\"", "\"swish\"", "unknown variant `swish`"),
            ("\"bert\"", "\"gpt2\"", "model_type is \"gpt2\""),
            (
                "\"directionality\":\"bidi\"",
                "\"position_embedding_type\":\"relative_key\"",
                "position_embedding_type is \"relative_key\"",
            ),
            (
                "\"directionality\":\"bidi\"",
                "\"layer_norm_eps\":0",
                "layer_norm_eps is 0",
            ),
        ];
        for (from, to, why) in rows {
            let error = BertConfig::parse(BASE.replace(from, to).as_bytes()).unwrap_err();
            assert!(error.to_string().contains(why), "{error} does not say {why:?}");
        }
    }
}
