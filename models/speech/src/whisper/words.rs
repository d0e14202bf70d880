//! Tokens become words. A token is any bytes: a piece of a word, a word with the space before it, a third of a Chinese
//! character.

use crate::Word;

/// A token as it came: its bytes and its probability.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// As in the vocabulary.
    pub bytes: Vec<u8>,
    /// Of this token, given those before it.
    pub probability: f32,
}

/// The text of tokens, without spaces around it. Bytes that are no UTF-8 after joining are replaced.
pub fn text(tokens: &[Token]) -> String {
    let bytes: Vec<u8> = tokens
        .iter()
        .flat_map(|token| token.bytes.iter().copied())
        .collect();
    String::from_utf8_lossy(&bytes).trim().to_owned()
}

/// Geometric mean of the probabilities; 0 without tokens.
pub fn probability(tokens: &[Token]) -> f32 {
    if tokens.is_empty() {
        return 0.0;
    }
    let sum: f32 = tokens
        .iter()
        .map(|token| token.probability.max(f32::MIN_POSITIVE).ln())
        .sum();
    (sum / tokens.len() as f32).exp().clamp(0.0, 1.0)
}

/// Words of English and characters of Chinese, each with the least probability of the tokens that it is made of.
pub fn words(tokens: &[Token]) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut begin = true;
    for (character, probability) in characters(tokens) {
        if character.is_whitespace() {
            begin = true;
            continue;
        }
        let punctuation = !character.is_alphanumeric();
        match words.last_mut() {
            Some(last) if !begin && (punctuation || !(ideograph(character) || ends_in_ideograph(last))) => {
                last.text.push(character);
                last.probability = last.probability.min(probability);
            }
            _ => words.push(Word {
                text: character.to_string(),
                probability,
            }),
        }
        begin = false;
    }
    words
}

/// Characters with the least probability of the tokens that their bytes come from.
fn characters(tokens: &[Token]) -> Vec<(char, f32)> {
    let bytes: Vec<(u8, f32)> = tokens
        .iter()
        .flat_map(|token| token.bytes.iter().map(|byte| (*byte, token.probability)))
        .collect();
    let plain: Vec<u8> = bytes.iter().map(|(byte, _)| *byte).collect();
    let mut characters = Vec::new();
    let mut at = 0;
    for chunk in plain.utf8_chunks() {
        for character in chunk.valid().chars() {
            let end = at + character.len_utf8();
            characters.push((character, least(&bytes[at..end])));
            at = end;
        }
        if !chunk.invalid().is_empty() {
            let end = at + chunk.invalid().len();
            characters.push((char::REPLACEMENT_CHARACTER, least(&bytes[at..end])));
            at = end;
        }
    }
    characters
}

fn least(bytes: &[(u8, f32)]) -> f32 {
    bytes
        .iter()
        .map(|(_, probability)| *probability)
        .fold(1.0, f32::min)
}

/// CJK unified ideographs and their extensions (Unicode 16, blocks).
const fn ideograph(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

fn ends_in_ideograph(word: &Word) -> bool {
    word.text
        .chars()
        .rev()
        .find(|character| character.is_alphanumeric())
        .is_some_and(ideograph)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(bytes: &[u8], probability: f32) -> Token {
        Token {
            bytes: bytes.to_vec(),
            probability,
        }
    }

    fn split(tokens: &[Token]) -> Vec<(String, f32)> {
        words(tokens)
            .into_iter()
            .map(|word| (word.text, word.probability))
            .collect()
    }

    #[test]
    fn pieces_and_punctuation_join_their_word() {
        let tokens = [
            token(b" Sol", 0.9),
            token(b"id", 0.5),
            token(b" nod", 0.8),
            token(b"ule", 0.7),
            token(b",", 0.6),
            token(b" 14", 1.0),
            token(b".5", 0.4),
        ];
        assert_eq!(text(&tokens), "Solid nodule, 14.5");
        assert_eq!(
            split(&tokens),
            [
                ("Solid".to_owned(), 0.5),
                ("nodule,".to_owned(), 0.6),
                ("14.5".to_owned(), 0.4)
            ]
        );
    }

    /// 右 is E5 8F B3, 肺 is E8 82 BA: cut after the first and after the fifth byte.
    #[test]
    fn a_character_may_be_split_over_tokens() {
        let tokens = [
            token(b"\xE5", 0.9),
            token(b"\x8F\xB3\xE8\x82", 0.3),
            token(b"\xBA", 0.8),
            token("，14毫米".as_bytes(), 0.7),
        ];
        assert_eq!(text(&tokens), "右肺，14毫米");
        let expected = [("右", 0.3), ("肺，", 0.3), ("14", 0.7), ("毫", 0.7), ("米", 0.7)];
        assert_eq!(split(&tokens), expected.map(|(word, p)| (word.to_owned(), p)));
    }

    #[test]
    fn bytes_that_never_become_a_character_are_replaced() {
        let tokens = [token(b" a\xE5", 0.5), token(b"b", 0.25)];
        assert_eq!(text(&tokens), "a\u{FFFD}b");
        assert_eq!(split(&tokens), [("a\u{FFFD}b".to_owned(), 0.25)]);
        assert!(words(&[]).is_empty());
        assert!(probability(&[]).abs() < f32::EPSILON);
    }

    #[test]
    fn the_probability_is_the_geometric_mean() {
        let tokens = [token(b"a", 0.25), token(b"b", 1.0)];
        assert!((probability(&tokens) - 0.5).abs() < 1e-6);
        assert!((0.0..1e-6).contains(&probability(&[token(b"a", 0.0)])));
    }
}
