//! A text to the states of its tokens.

use std::path::Path;

use tch::nn::VarStore;
use tch::{Device, Tensor};

use crate::tokenizer::read;
use crate::{Bert, BertConfig, Input, TextError, Token, Tokenizer, checkpoint, windows};

/// Tokens that neighbouring windows of a long text share.
const OVERLAP: usize = 64;

/// Windows that go through the network at once.
const BATCH: usize = 8;

/// A text as the network sees it.
#[derive(Debug)]
pub struct Encoded {
    /// Its tokens, without special ones.
    pub tokens: Vec<Token>,
    /// Their states, f32 `[tokens, hidden]`.
    pub states: Tensor,
}

/// Tokenizer and network.
#[derive(Debug)]
pub struct TextEncoder {
    tokenizer: Tokenizer,
    bert: Bert,
    config: BertConfig,
    device: Device,
    /// Owns the weights.
    _store: VarStore,
}

impl TextEncoder {
    /// From a folder in Hugging Face layout: `config.json`, `model.safetensors`, `tokenizer.json` or `vocab.txt`.
    pub fn open(folder: &Path, device: Device) -> Result<Self, TextError> {
        let config = BertConfig::parse(&read(&folder.join("config.json"))?)?;
        let weights = read(&folder.join("model.safetensors"))?;
        Self::new(Tokenizer::open(folder)?, config, &weights, device)
    }

    /// From parts. The vocabulary must fit the table of word embeddings.
    pub fn new(
        tokenizer: Tokenizer,
        config: BertConfig,
        weights: &[u8],
        device: Device,
    ) -> Result<Self, TextError> {
        if tokenizer.vocabulary() > config.vocab_size {
            return Err(TextError::Vocabulary {
                file: "tokenizer",
                why: format!(
                    "has {} tokens, config.json says vocab_size {}",
                    tokenizer.vocabulary(),
                    config.vocab_size
                ),
            });
        }
        let (store, bert) = checkpoint::load(&config, weights, device)?;
        Ok(Self {
            tokenizer,
            bert,
            config,
            device,
            _store: store,
        })
    }

    /// Width of a state.
    pub fn width(&self) -> i64 {
        self.config.hidden_size
    }

    /// The states of a text's tokens; linear in its length. A text without a token gives none.
    pub fn encode(&self, text: &str) -> Result<Encoded, TextError> {
        let tokens = self.tokenizer.tokens(text)?;
        let capacity = self.config.max_position_embeddings as usize - 2;
        let windows = windows(tokens.len(), capacity, OVERLAP.min(capacity / 2));
        let mut kept = Vec::new();
        for batch in windows.chunks(BATCH) {
            let ids: Vec<Vec<i64>> = batch
                .iter()
                .map(|window| self.framed(&tokens[window.tokens.clone()]))
                .collect();
            let states = self.states(&ids)?;
            for (at, window) in batch.iter().enumerate() {
                // The first row of a window is [CLS].
                let first = 1 + window.keep.start - window.tokens.start;
                let rows = states.f_get(at as i64)?;
                kept.push(rows.f_narrow(0, first as i64, window.keep.len() as i64)?);
            }
        }
        let states = Tensor::f_cat(&kept, 0)?;
        if states.f_isfinite()?.f_all()?.f_int64_value(&[])? == 0 {
            return Err(TextError::NonFinite);
        }
        Ok(Encoded { tokens, states })
    }

    fn framed(&self, tokens: &[Token]) -> Vec<i64> {
        std::iter::once(self.tokenizer.cls)
            .chain(tokens.iter().map(|token| token.id))
            .chain(std::iter::once(self.tokenizer.sep))
            .collect()
    }

    fn states(&self, ids: &[Vec<i64>]) -> Result<Tensor, TextError> {
        let input = Input::new(ids, self.tokenizer.pad)?;
        let input = Input {
            ids: input.ids.f_to_device(self.device)?,
            present: input.present.f_to_device(self.device)?,
        };
        let states = tch::no_grad(|| self.bert.forward(&input, 0.0))?;
        Ok(states.f_to_device(Device::Cpu)?)
    }
}
