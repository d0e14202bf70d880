//! Sentences of nodule dictations, drawn from a context-free grammar.
//!
//! A line `NAME = a | b` holds alternatives of equal chance, `(a|b)` the same within a sentence, `<NAME>` another rule,
//! `<int A B>` and `<dec A B>` a number in words (one decimal), `<digits A B>` one digit, and `written~spoken` a piece
//! that is spoken otherwise than it is written. English is written as it is spoken, in lower case but for
//! abbreviations, so that a number has one form; Mandarin likewise in characters.

mod expand;
mod notation;
mod numbers;

use rand::Rng;

use crate::{DictationError, Language};
use notation::Rules;

/// Sources of sentences: dictations, and speech that is none.
#[derive(Debug)]
pub struct Grammar {
    rules: Rules,
    language: Language,
}

/// A sentence in two forms.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Sentence {
    /// What a transcript should say.
    pub written: String,
    /// What a synthesizer is to read.
    pub spoken: String,
}

impl Grammar {
    /// Nodule dictations.
    pub fn dictations(language: Language) -> Result<Self, DictationError> {
        let text = match language {
            Language::English => include_str!("english.txt"),
            Language::Mandarin => include_str!("mandarin.txt"),
        };
        Self::of(text, language)
    }

    /// Everyday sentences, for which nothing is to be written down.
    pub fn elsewhere(language: Language) -> Result<Self, DictationError> {
        let text = match language {
            Language::English => include_str!("elsewhere.txt"),
            Language::Mandarin => include_str!("elsewhere_zh.txt"),
        };
        Self::of(text, language)
    }

    fn of(text: &str, language: Language) -> Result<Self, DictationError> {
        Ok(Self {
            rules: Rules::parse(text)?,
            language,
        })
    }

    /// Language of its sentences.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The next sentence.
    pub fn sentence(&self, rng: &mut impl Rng) -> Sentence {
        expand::sentence(&self.rules, self.language, rng)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use rand::SeedableRng as _;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    fn draw(language: Language, count: usize) -> Vec<Sentence> {
        let grammar = Grammar::dictations(language).expect("the grammar parses");
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        (0..count).map(|_| grammar.sentence(&mut rng)).collect()
    }

    #[test]
    fn tens_of_thousands_of_sentences_are_different() {
        for language in [Language::English, Language::Mandarin] {
            let different: HashSet<_> = draw(language, 60_000).into_iter().map(|s| s.written).collect();
            assert!(different.len() > 25_000, "{language:?}: {}", different.len());
        }
    }

    #[test]
    fn a_transcript_holds_words_and_no_notation() {
        for language in [Language::English, Language::Mandarin] {
            for Sentence { written, .. } in draw(language, 5_000) {
                assert!(
                    !written.contains(['<', '>', '(', ')', '|', '~', '#']),
                    "{written}"
                );
                assert!(!written.contains("  ") && !written.contains(" ,"), "{written}");
                assert!(!written.chars().any(|c| c.is_ascii_digit()), "{written}");
            }
        }
    }

    #[test]
    fn sides_are_even() {
        let right = |text: &str| text.contains("right") || text.contains('右');
        let left = |text: &str| text.contains("left") || text.contains("lingula") || text.contains('左');
        for language in [Language::English, Language::Mandarin] {
            let sentences = draw(language, 10_000);
            let rights = sentences.iter().filter(|s| right(&s.written)).count() as f64;
            let lefts = sentences.iter().filter(|s| left(&s.written)).count() as f64;
            assert!(
                (rights / lefts - 1.0).abs() < 0.25,
                "{language:?}: {rights} against {lefts}"
            );
        }
    }

    #[test]
    fn everyday_sentences_parse_too() {
        for language in [Language::English, Language::Mandarin] {
            let grammar = Grammar::elsewhere(language).expect("the grammar parses");
            let mut rng = ChaCha8Rng::seed_from_u64(1);
            for _ in 0..2_000 {
                let Sentence { written, .. } = grammar.sentence(&mut rng);
                assert!(
                    !written.contains("nodule") && !written.contains("结节"),
                    "{written}"
                );
            }
        }
    }
}
