//! `WordPiece` tokens with their place in the text.

use std::fs;
use std::path::Path;

use ahash::AHashMap;
use serde::Deserialize;
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;

use crate::TextError;

/// A token and the Unicode code points of the text that it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// Row of the vocabulary.
    pub id: i64,
    /// First code point.
    pub start: usize,
    /// One past the last code point.
    pub end: usize,
}

/// A tokenizer of a BERT: `tokenizer.json`, or `vocab.txt` with the rules of BERT.
#[derive(Debug)]
pub struct Tokenizer {
    inner: tokenizers::Tokenizer,
    /// Id of `[CLS]`.
    pub cls: i64,
    /// Id of `[SEP]`.
    pub sep: i64,
    /// Id of `[PAD]`.
    pub pad: i64,
}

/// What `tokenizer_config.json` may say about a vocabulary. The defaults are those of Hugging Face.
#[derive(Deserialize)]
#[serde(default)]
struct VocabularyRules {
    do_lower_case: bool,
    tokenize_chinese_chars: bool,
    strip_accents: Option<bool>,
}

impl Default for VocabularyRules {
    fn default() -> Self {
        Self {
            do_lower_case: true,
            tokenize_chinese_chars: true,
            strip_accents: None,
        }
    }
}

impl Tokenizer {
    /// The tokenizer of a folder.
    pub fn open(folder: &Path) -> Result<Self, TextError> {
        let json = folder.join("tokenizer.json");
        if json.is_file() {
            return Self::from_json(&read(&json)?);
        }
        let rules = folder.join("tokenizer_config.json");
        let rules = if rules.is_file() {
            read(&rules)?
        } else {
            b"{}".to_vec()
        };
        Self::from_vocabulary(&read(&folder.join("vocab.txt"))?, &rules)
    }

    /// From the bytes of a `tokenizer.json`.
    pub fn from_json(json: &[u8]) -> Result<Self, TextError> {
        let file = "tokenizer.json";
        let mut inner = tokenizers::Tokenizer::from_bytes(json).map_err(|error| refused(file, &error))?;
        // Windows are made here, not there.
        inner
            .with_truncation(None)
            .map_err(|error| refused(file, &error))?;
        inner.with_padding(None);
        Self::checked(inner, file)
    }

    /// From the bytes of a `vocab.txt`, one token a line, and of a `tokenizer_config.json`.
    pub fn from_vocabulary(vocabulary: &[u8], rules: &[u8]) -> Result<Self, TextError> {
        let file = "vocab.txt";
        let rules: VocabularyRules =
            serde_json::from_slice(rules).map_err(|error| refused("tokenizer_config.json", &error))?;
        let text = std::str::from_utf8(vocabulary).map_err(|error| refused(file, &error))?;
        let entries: AHashMap<String, u32> = text
            .lines()
            .enumerate()
            .map(|(id, token)| (token.to_owned(), id as u32))
            .collect();
        let model = WordPiece::builder()
            .vocab(entries)
            .unk_token("[UNK]".to_owned())
            .build()
            .map_err(|error| refused(file, &error))?;
        let mut inner = tokenizers::Tokenizer::new(model);
        inner.with_normalizer(Some(BertNormalizer::new(
            true,
            rules.tokenize_chinese_chars,
            rules.strip_accents,
            rules.do_lower_case,
        )));
        inner.with_pre_tokenizer(Some(BertPreTokenizer));
        Self::checked(inner, file)
    }

    fn checked(inner: tokenizers::Tokenizer, file: &'static str) -> Result<Self, TextError> {
        let special = |token: &str| {
            inner
                .token_to_id(token)
                .map(i64::from)
                .ok_or_else(|| refused(file, &format!("has no token {token}")))
        };
        special("[UNK]")?;
        let (cls, sep, pad) = (special("[CLS]")?, special("[SEP]")?, special("[PAD]")?);
        Ok(Self { inner, cls, sep, pad })
    }

    /// Entries of the vocabulary, added ones included.
    pub fn vocabulary(&self) -> i64 {
        self.inner.get_vocab_size(true) as i64
    }

    /// Id of a token, when the vocabulary has it.
    pub fn id(&self, token: &str) -> Option<i64> {
        self.inner.token_to_id(token).map(i64::from)
    }

    /// The tokens of a text, without special ones.
    pub fn tokens(&self, text: &str) -> Result<Vec<Token>, TextError> {
        let encoding = self
            .inner
            .encode_char_offsets(text, false)
            .map_err(|error| refused("tokenizer", &error))?;
        Ok(encoding
            .get_ids()
            .iter()
            .zip(encoding.get_offsets())
            .map(|(&id, &(start, end))| Token {
                id: i64::from(id),
                start,
                end,
            })
            .collect())
    }
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, TextError> {
    fs::read(path).map_err(|source| TextError::Io {
        path: path.to_owned(),
        source,
    })
}

fn refused(file: &'static str, why: &dyn std::fmt::Display) -> TextError {
    TextError::Vocabulary {
        file,
        why: why.to_string(),
    }
}
