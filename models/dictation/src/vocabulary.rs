//! Vocabulary: bytes, Chinese characters and pieces of English words in the places where Whisper keeps its text, and
//! Whisper's own control tokens.
//!
//! whisper.cpp finds control tokens by their number, so the numbers are those of the multilingual Whisper. Only some
//! hundred of its 51 865 rows are in use; the network has those alone ([`Vocabulary::rows`]).

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use crate::Language;

/// Numbers of the multilingual Whisper's control tokens (99 languages).
pub(crate) mod control {
    /// Whisper's token without text, written down for what is no dictation.
    pub(crate) const NOTHING: u32 = 50_256;
    pub(crate) const END: u32 = 50_257;
    pub(crate) const START: u32 = 50_258;
    pub(crate) const ENGLISH: u32 = 50_259;
    pub(crate) const CHINESE: u32 = 50_260;
    pub(crate) const TRANSCRIBE: u32 = 50_359;
    pub(crate) const PREVIOUS: u32 = 50_361;
    pub(crate) const NO_SPEECH: u32 = 50_362;
    pub(crate) const NO_TIMES: u32 = 50_363;
    pub(crate) const TIME_ZERO: u32 = 50_364;
    /// Tokens of the whole vocabulary.
    pub(crate) const COUNT: u32 = 51_865;
}

/// Times are written in steps of so many time tokens of 20 ms.
const TIME_STEP: u32 = 25;
/// Steps that have a row.
const TIME_STEPS: u32 = 31;
/// A piece of a word is learned when it is this frequent.
const LEAST_PAIRS: u64 = 8;

/// Tokens of text by number, and the rows of the network.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "Vec<Vec<u8>>", into = "Vec<Vec<u8>>")]
pub struct Vocabulary {
    tokens: Vec<Vec<u8>>,
    numbers: HashMap<Vec<u8>, u32>,
    longest: usize,
}

impl From<Vec<Vec<u8>>> for Vocabulary {
    fn from(tokens: Vec<Vec<u8>>) -> Self {
        let numbers = tokens
            .iter()
            .enumerate()
            .map(|(i, token)| (token.clone(), i as u32))
            .collect();
        let longest = tokens.iter().map(Vec::len).max().unwrap_or(0);
        Self {
            tokens,
            numbers,
            longest,
        }
    }
}

impl From<Vocabulary> for Vec<Vec<u8>> {
    fn from(vocabulary: Vocabulary) -> Self {
        vocabulary.tokens
    }
}

impl Vocabulary {
    /// Learns from transcripts: every byte, every character that is not ASCII, and the most frequent pairs of neighbours
    /// within words (byte-pair encoding) until there are `pieces` of those.
    pub fn learn<'a>(texts: impl Iterator<Item = &'a str>, pieces: usize) -> Self {
        let (mut words, mut characters) = (BTreeMap::<&str, u64>::new(), BTreeMap::<char, u64>::new());
        for text in texts {
            for word in text.split(|c: char| !c.is_ascii_alphabetic() && c != '-') {
                *words.entry(word).or_default() += 1;
            }
            text.chars()
                .filter(|c| !c.is_ascii())
                .for_each(|c| *characters.entry(c).or_default() += 1);
        }
        let mut tokens: Vec<Vec<u8>> = (0..=u8::MAX).map(|byte| vec![byte]).collect();
        tokens.extend(characters.keys().map(|c| c.to_string().into_bytes()));
        let mut split: Vec<(Vec<Vec<u8>>, u64)> = words
            .iter()
            .filter(|(word, _)| !word.is_empty())
            .map(|(word, &count)| (format!(" {word}").bytes().map(|byte| vec![byte]).collect(), count))
            .collect();
        for _ in 0..pieces {
            let mut pairs = BTreeMap::<(&[u8], &[u8]), u64>::new();
            for (word, count) in &split {
                for pair in word.windows(2) {
                    *pairs.entry((&pair[0], &pair[1])).or_default() += count;
                }
            }
            let Some((&(left, right), _)) = pairs
                .iter()
                .filter(|&(_, &count)| count >= LEAST_PAIRS)
                .max_by_key(|&(_, &count)| count)
            else {
                break;
            };
            let (left, right) = (left.to_vec(), right.to_vec());
            let merged = [left.clone(), right.clone()].concat();
            for (word, _) in &mut split {
                let mut at = 0;
                while at + 1 < word.len() {
                    if word[at] == left && word[at + 1] == right {
                        word[at].clone_from(&merged);
                        word.remove(at + 1);
                    }
                    at += 1;
                }
            }
            tokens.push(merged);
        }
        tokens.into()
    }

    /// Tokens of a text, longest match first as whisper.cpp does for prompts. English begins with a space.
    pub fn encode(&self, text: &str) -> Vec<u32> {
        let mut text = text.as_bytes();
        let mut tokens = Vec::new();
        while !text.is_empty() {
            let found = (1..=self.longest.min(text.len()))
                .rev()
                .find_map(|length| Some((length, *self.numbers.get(&text[..length])?)));
            // Every byte is a token of its own.
            let (length, token) = found.unwrap_or((1, u32::from(text[0])));
            tokens.push(token);
            text = &text[length..];
        }
        tokens
    }

    /// Text of tokens; control tokens say nothing, and what is no UTF-8 becomes a replacement character.
    pub fn decode(&self, tokens: &[u32]) -> String {
        let bytes: Vec<u8> = tokens
            .iter()
            .filter_map(|&token| self.tokens.get(token as usize))
            .flatten()
            .copied()
            .collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Bytes of each text token, by number.
    pub fn text_tokens(&self) -> &[Vec<u8>] {
        &self.tokens
    }

    /// Tokens that the network has a row for, by row.
    pub fn rows(&self) -> Vec<u32> {
        use control::{CHINESE, END, ENGLISH, NO_TIMES, NOTHING, PREVIOUS, START, TRANSCRIBE};
        let control = [
            NOTHING, END, START, ENGLISH, CHINESE, TRANSCRIBE, PREVIOUS, NO_TIMES,
        ];
        (0..self.tokens.len() as u32)
            .chain(control)
            .chain((0..TIME_STEPS).map(|step| control::TIME_ZERO + step * TIME_STEP))
            .collect()
    }
}

/// Token of a language.
pub(crate) fn language_token(language: Language) -> u32 {
    match language {
        Language::English => control::ENGLISH,
        Language::Mandarin => control::CHINESE,
    }
}

/// Token of the step at or after a time.
pub(crate) fn time_token(seconds: f32) -> u32 {
    let step = (seconds * 50.0 / TIME_STEP as f32).ceil() as u32;
    control::TIME_ZERO + step.min(TIME_STEPS - 1) * TIME_STEP
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learned() -> Vocabulary {
        let texts = [
            "solid nodule in the right upper lobe",
            "右肺上叶结节",
            "solid nodule",
        ]
        .repeat(20);
        Vocabulary::learn(texts.into_iter(), 60)
    }

    #[test]
    fn any_text_comes_back() {
        let vocabulary = learned();
        for text in [" solid nodule", "右肺见结节，", "\u{1f600} é 12 mm", ""] {
            assert_eq!(vocabulary.decode(&vocabulary.encode(text)), text);
        }
        assert!(vocabulary.encode(" solid nodule").len() <= 4);
        assert_eq!(vocabulary.encode("右肺").len(), 2);
    }

    #[test]
    fn a_time_is_rounded_up_to_its_step() {
        assert_eq!(time_token(0.0), 50_364);
        assert_eq!(time_token(2.3), 50_364 + 5 * 25);
        assert_eq!(time_token(100.0), 50_364 + 30 * 25);
    }

    #[test]
    fn it_survives_being_written_down() {
        let vocabulary = learned();
        let text = serde_json::to_string(&vocabulary).expect("vocabularies are json");
        let back: Vocabulary = serde_json::from_str(&text).expect("it was just written");
        assert_eq!(back.text_tokens(), vocabulary.text_tokens());
    }
}
