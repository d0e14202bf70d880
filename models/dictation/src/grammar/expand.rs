//! Drawing a sentence from the rules.

use rand::Rng;

use super::Sentence;
use super::notation::{Kind, Piece, Rules};
use super::numbers;
use crate::Language;

pub(super) fn sentence(rules: &Rules, language: Language, rng: &mut impl Rng) -> Sentence {
    let mut drawn = Sentence {
        written: String::new(),
        spoken: String::new(),
    };
    expand(rules, rules.known("dictation"), language, rng, &mut drawn);
    Sentence {
        written: tidy(&drawn.written, language),
        spoken: tidy(&drawn.spoken, language),
    }
}

fn expand(rules: &Rules, piece: &Piece, language: Language, rng: &mut impl Rng, out: &mut Sentence) {
    match piece {
        Piece::Choice(alternatives) => {
            for piece in &alternatives[rng.random_range(0..alternatives.len())] {
                expand(rules, piece, language, rng, out);
            }
        }
        Piece::Text { written, spoken } => {
            out.written.push_str(written);
            out.spoken.push_str(spoken);
        }
        Piece::Rule(name) => expand(rules, rules.known(name), language, rng, out),
        Piece::Number { kind, low, high } => {
            let words = match (kind, language) {
                (Kind::Whole, Language::English) => {
                    numbers::english(rng.random_range(*low..=*high), rng.random_bool(0.3))
                }
                (Kind::Whole, Language::Mandarin) => {
                    numbers::mandarin(rng.random_range(*low..=*high), rng.random_bool(0.5))
                }
                (Kind::Digit, Language::English) => numbers::english(rng.random_range(*low..=*high), false),
                (Kind::Digit, Language::Mandarin) => numbers::mandarin(rng.random_range(*low..=*high), false),
                (Kind::Tenths, _) => {
                    let whole = rng.random_range(*low..*high.max(&(low + 1)));
                    let tenth = rng.random_range(1..=9);
                    match language {
                        Language::English => {
                            format!(
                                "{} point {}",
                                numbers::english(whole, false),
                                numbers::english(tenth, false)
                            )
                        }
                        Language::Mandarin => {
                            format!(
                                "{}点{}",
                                numbers::mandarin(whole, false),
                                numbers::mandarin(tenth, false)
                            )
                        }
                    }
                }
            };
            out.written.push_str(&words);
            out.spoken.push_str(&words);
        }
    }
}

/// Spaces and articles as in print; 两 only where it counts, not in ordinals or dates.
fn tidy(text: &str, language: Language) -> String {
    match language {
        Language::English => {
            let words: Vec<&str> = text.split_whitespace().collect();
            let mut tidy = String::new();
            for (index, word) in words.iter().enumerate() {
                if index > 0 && !word.starts_with([',', '.']) {
                    tidy.push(' ');
                }
                let vowel = words
                    .get(index + 1)
                    .is_some_and(|next| next.starts_with(['a', 'e', 'i', 'o', 'S']));
                let one = words.get(index + 1).is_some_and(|next| next.starts_with("one"));
                tidy.push_str(if *word == "a" && vowel && !one { "an" } else { word });
            }
            tidy
        }
        Language::Mandarin => ["第", "序列", "图像", "，图像", "年", "月"]
            .iter()
            .fold(text.to_owned(), |text, before| {
                text.replace(&format!("{before}两层"), &format!("{before}二层"))
                    .replace(&format!("{before}两序"), &format!("{before}二序"))
                    .replace(&format!("{before}两幅"), &format!("{before}二幅"))
                    .replace(&format!("{before}两月"), &format!("{before}二月"))
                    .replace(&format!("{before}两日"), &format!("{before}二日"))
            })
            .replace("序列两", "序列二")
            .replace("图像两", "图像二")
            .replace("，。", "。"),
    }
}
