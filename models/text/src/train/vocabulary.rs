//! A `WordPiece` vocabulary learned from notes.

use tokenizers::models::wordpiece::{WordPiece, WordPieceTrainer};
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::{AddedToken, DecoderWrapper, PostProcessorWrapper, TokenizerImpl};

use crate::TextError;

const SPECIAL: [&str; 5] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

/// The `vocab.txt` of at most `size` tokens, special ones first.
pub(super) fn learn(notes: impl Iterator<Item = String> + Send, size: usize) -> Result<String, TextError> {
    let refused = |error: tokenizers::Error| TextError::Vocabulary {
        file: "vocab.txt",
        why: error.to_string(),
    };
    let mut trainer = WordPieceTrainer::builder()
        .vocab_size(size)
        .min_frequency(2)
        .show_progress(false)
        .special_tokens(SPECIAL.map(|token| AddedToken::from(token, true)).to_vec())
        .build();
    let mut tokenizer: TokenizerImpl<
        WordPiece,
        BertNormalizer,
        BertPreTokenizer,
        PostProcessorWrapper,
        DecoderWrapper,
    > = TokenizerImpl::new(WordPiece::default());
    tokenizer
        .with_normalizer(Some(BertNormalizer::default()))
        .with_pre_tokenizer(Some(BertPreTokenizer));
    tokenizer.train(&mut trainer, notes).map_err(refused)?;
    let mut entries: Vec<(String, u32)> = tokenizer.get_vocab(true).into_iter().collect();
    entries.sort_by_key(|(_, id)| *id);
    let lines: Vec<String> = entries.into_iter().map(|(token, _)| token).collect();
    Ok(lines.join("\n") + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tokenizer;

    #[test]
    fn special_tokens_come_first_and_known_words_stay_whole() {
        let notes = (0..50).map(|_| "右肺上叶结节 nodule in the right upper lobe".to_owned());
        let vocabulary = learn(notes, 200).unwrap();
        assert!(vocabulary.starts_with("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n"));
        let tokenizer = Tokenizer::from_vocabulary(vocabulary.as_bytes(), b"{}").unwrap();
        assert_eq!(tokenizer.tokens("Nodule 右肺").unwrap().len(), 3);
    }
}
